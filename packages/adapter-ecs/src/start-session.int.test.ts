import { EcsFault } from '@abca/core-testing/fakes/ecs';
import { sessionEnvironment } from '@abca/core';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { expectLatestRevision, expectLostAnswersToBeFound } from './ecs-expectations.test-kit.ts';
import { aClient, anInput, createEcsWorld, someSettings, taskId, type EcsWorld } from './ecs-world.test-kit.ts';

const hourMs = 3_600_000;
const shortage = 'Capacity is unavailable at this time. Please try again later or in a different availability zone';
let world: EcsWorld;

beforeEach(async () => {
  world = await createEcsWorld();
});
afterEach(async () => {
  await world.close();
});

const runs = (): number => world.ecs.calls.filter(({ operation }) => operation === 'RunTask').length;

describe('EcsComputeStrategy › startSession()', () => {
  test('runs the task with the environment of the session, in the agent container only', async () => {
    const platform = { ABCA_TABLE_PREFIX: 'abca', AWS_REGION: 'us-east-1' };
    const { sessionId, generation } = anInput();
    const environment = sessionEnvironment(platform, { taskId, sessionId, generation });

    const handle = await world.start({ environment });

    const [task] = world.ecs.tasks();
    expect(handle).toStrictEqual({
      strategyType: 'ecs',
      sessionId,
      clusterArn: world.ecs.clusterArn(),
      taskArn: task?.origin.arn,
    });
    expect(task?.containers.map(({ name, environment: seen }) => [name, seen])).toStrictEqual([
      ['log-router', {}],
      ['agent', environment],
    ]);
    expect(task?.origin.tags).toContainEqual({ key: 'abca:task-id', value: taskId });
    expect(JSON.stringify(task?.origin.overrides).length).toBeLessThan(1_000);
  });

  test('runs what was deployed last', async () => {
    await expectLatestRevision(world, (taskDefinition) =>
      world.another({ settings: { ...someSettings, taskDefinition } }),
    );
  });

  test('finds the task of a start whose answer was lost', async () => {
    await expectLostAnswersToBeFound(world, world.strategy);
    expect(runs()).toBe(3);
  });

  test('finds the task that was started with other settings, as before a deployment', async () => {
    const first = await world.start();
    const settings = { ...someSettings, subnets: 'subnet-9' };

    expect(await world.another({ settings }).startSession(anInput())).toStrictEqual(first);
    expect(world.ecs.tasks()).toHaveLength(1);
  });

  test('finds the task until one hour after its end, and runs another one after that', async () => {
    const first = await world.start();
    world.ecs.stopTask(first.taskArn, { stopCode: 'UserInitiated', stoppedReason: 'x' });
    world.clock.advance(hourMs - 1);
    expect(await world.start()).toStrictEqual(first);

    world.clock.advance(1);

    expect(await world.start()).not.toStrictEqual(first);
  });

  test.each([
    [
      'throttling',
      () => {
        world.ecs.failNext('RunTask', 'throttled', 4);
      },
    ],
    [
      'server errors',
      () => {
        world.ecs.failNext('RunTask', 'server_error', 4);
      },
    ],
    [
      'lost requests',
      () => {
        world.ecs.failNext('RunTask', 'lost_request', 4);
      },
    ],
    [
      'shortages',
      () => {
        world.ecs.failNextRunTask(shortage, shortage, 'RESOURCE:ENI', shortage);
      },
    ],
  ])('tries again after %s, with a wait that doubles, and says so', async (_what, trouble) => {
    trouble();

    const handle = await world.start();

    expect(world.ecs.tasks().map(({ origin }) => origin.arn)).toStrictEqual([handle.taskArn]);
    expect(world.clock.sleeps).toStrictEqual([1_000, 2_000, 4_000, 8_000]);
    expect(world.logger.lines.filter(({ level }) => level === 'warn')).toStrictEqual(
      [1, 2, 3, 4].map((attempt) => ({
        level: 'warn',
        message: 'ecs task start is tried again',
        fields: { sessionId: handle.sessionId, attempt, message: expect.stringContaining('did not start') },
      })),
    );
    expect(world.logger.lines.at(-1)).toStrictEqual({
      level: 'debug',
      message: 'ecs task started',
      fields: { taskId, sessionId: handle.sessionId, taskArn: handle.taskArn },
    });
  });

  test('gives up after the last try, and leaves it to the caller to try later', async () => {
    world.ecs.failNextRunTask(...Array.from({ length: 9 }, () => shortage));

    await expect(world.start()).rejects.toMatchObject({
      code: 'SESSION_START_FAILED',
      retryable: true,
      message: expect.stringContaining(shortage),
    });
    expect(runs()).toBe(5);
    expect(world.logger.lines).toHaveLength(4);
  });

  test.each([
    [
      'failures[] that do not pass',
      () => {
        world.ecs.failNextRunTask('ATTRIBUTE');
      },
      'ATTRIBUTE',
    ],
    [
      'a refusal',
      () => {
        world.ecs.failNext('RunTask', new EcsFault('BlockedException', 'account'));
      },
      'BlockedException',
    ],
  ])('tries %s once', async (_what, trouble, reason) => {
    trouble();

    await expect(world.start()).rejects.toMatchObject({
      code: 'SESSION_START_FAILED',
      retryable: false,
      details: { reason },
    });
    expect(runs()).toBe(1);
    expect(world.logger.lines).toStrictEqual([]);
  });

  test('says that the credentials are refused, once', async () => {
    world.ecs.failNext('RunTask', 'access_denied', Infinity);

    await expect(world.start()).rejects.toMatchObject({ code: 'SESSION_START_FAILED', retryable: false });
    expect(runs()).toBe(1);
  });

  test('makes no call with overrides that are too long (L14)', async () => {
    const environment = { ABCA_TASK: 'x'.repeat(60_000) };

    await expect(world.start({ environment })).rejects.toThrow('ECS takes 8192');
    expect(world.ecs.calls).toStrictEqual([]);
  });

  test('makes no call with settings that are not valid', async () => {
    await expect(world.start({ compute: { cpu: 1 } })).rejects.toMatchObject({ code: 'SESSION_START_FAILED' });
    expect(world.ecs.calls).toStrictEqual([]);
  });

  test('an abort ends the wait between two tries, and no other follows', async () => {
    const caller = new AbortController();
    const reason = new Error('enough');
    world.ecs.failNext('RunTask', 'throttled', Infinity);
    const clock = {
      nowMs: () => 0,
      sleep: () => {
        caller.abort(reason);
        return Promise.reject(reason);
      },
    };

    await expect(world.another({ clock }).startSession(anInput(), caller)).rejects.toBe(reason);
    expect(runs()).toBe(1);
  });

  test('an abort ends a call that is under way; the task, if it was run, is found by the next start', async () => {
    const caller = new AbortController();
    const reason = new Error('enough');
    const held = world.ecs.holdNext('RunTask');
    const starting = world.strategy.startSession(anInput(), caller);
    await held.arrived;
    caller.abort(reason);

    await expect(starting).rejects.toBe(reason);
    await world.start();
    expect(world.ecs.tasks()).toHaveLength(1);
  });

  test('tries as often and as fast as it is told', async () => {
    world.ecs.failNext('RunTask', 'throttled', 2);
    const strategy = world.another({ startRetry: { tries: 2, firstDelayMs: 7 } });

    await expect(strategy.startSession(anInput())).rejects.toMatchObject({ code: 'SESSION_START_FAILED' });
    expect(world.clock.sleeps).toStrictEqual([7]);
  });

  test('makes one client, when it first needs it (R2)', async () => {
    let made = 0;
    const strategy = world.another({
      client: () => {
        made += 1;
        return aClient(world.ecs);
      },
    });
    const before = made;

    const handle = await strategy.startSession(anInput());
    await strategy.pollSession(handle);
    await strategy.stopSession(handle);

    expect([before, made]).toStrictEqual([0, 1]);
  });

  test('refuses settings that are not whole before it does anything (R9)', () => {
    const { subnets: _left, ...settings } = someSettings;

    expect(() => world.another({ settings: settings as typeof someSettings })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});

describe('createEcsClient()', () => {
  test('repeats by itself what is throttled, as the SDK does', async () => {
    world.ecs.failNext('RunTask', 'throttled', 1);
    const strategy = world.another({ client: () => aClient(world.ecs, 3) });

    await strategy.startSession(anInput());

    expect([runs(), world.clock.sleeps]).toStrictEqual([2, []]);
  });
});
