import { EcsFault } from '@abca/core-testing/fakes/ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { expectLeaksToBeTold } from './ecs-expectations.test-kit.ts';
import { EcsComputeStrategy } from './ecs-compute-strategy.ts';
import { aClient, anInput, createEcsWorld, someSettings, type EcsWorld } from './ecs-world.test-kit.ts';

let world: EcsWorld;

beforeEach(async () => {
  world = await createEcsWorld();
});
afterEach(async () => {
  await world.close();
});

const looks = (): number => world.ecs.calls.filter(({ operation }) => operation === 'DescribeTasks').length;
const errors = (): unknown => world.logger.lines.filter(({ level }) => level === 'error');

describe('EcsComputeStrategy › stopSession()', () => {
  test('looks until the service shows the task as stopped, in whatever state the session was (L5)', async () => {
    const handle = await world.start();

    expect(await world.strategy.stopSession(handle)).toStrictEqual({
      kind: 'stopped',
      provenBy: `ECS shows task ${handle.taskArn} as STOPPED`,
    });
    expect(world.ecs.calls.find(({ operation }) => operation === 'StopTask')?.input).toStrictEqual({
      cluster: handle.clusterArn,
      task: handle.taskArn,
      reason: 'stopped by ABCA',
    });
    expect(world.clock.sleeps).toStrictEqual([1_000, 1_000]);
  });

  test('says requested when the end is not seen within the bound', async () => {
    const handle = await world.start();
    world.ecs.settle(handle.taskArn);
    world.ecs.staleDescribes = 1_000;
    const startMs = world.clock.nowMs();

    const strategy = world.another({ stopWait: { withinMs: 2_500, everyMs: 1_000 } });

    expect(await strategy.stopSession(handle)).toStrictEqual({ kind: 'requested' });
    expect(world.clock.nowMs() - startMs).toBe(2_500);
    expect(world.clock.sleeps).toStrictEqual([1_000, 1_000, 500]);
  });

  test('waits twenty seconds unless told otherwise', async () => {
    const handle = await world.start();
    world.ecs.settle(handle.taskArn);
    world.ecs.staleDescribes = 1_000;

    expect(await world.strategy.stopSession(handle)).toStrictEqual({ kind: 'requested' });
    expect(world.clock.sleeps).toStrictEqual(Array.from({ length: 20 }, () => 1_000));
  });

  test('a stop of a task that is just stopping waits for it too', async () => {
    const handle = await world.start();
    world.ecs.settle(handle.taskArn);
    world.ecs.endContainer(handle.taskArn, 'agent', { exitCode: 0 });

    expect((await world.strategy.stopSession(handle)).kind).toBe('stopped');
  });

  test('a task that stopped by itself needs no look', async () => {
    const handle = await world.start();
    world.ecs.stopTask(handle.taskArn, { stopCode: 'SpotInterruption', stoppedReason: 'x' });

    expect(await world.strategy.stopSession(handle)).toStrictEqual({ kind: 'already_gone' });
    expect(looks()).toBe(0);
  });

  test('a task that is not there is gone, once DescribeTasks agrees', async () => {
    const handle = await world.start();
    await world.strategy.stopSession(handle);
    world.clock.advance(3_600_000);
    const before = looks();

    expect(await world.strategy.stopSession(handle)).toStrictEqual({ kind: 'already_gone' });
    expect(looks() - before).toBe(3);
  });

  test('a task that StopTask does not find and DescribeTasks shows is no benign no-op', async () => {
    const handle = await world.start();
    const notFound = new EcsFault('InvalidParameterException', 'The referenced task was not found.');
    world.ecs.failNext('StopTask', notFound, 2);

    await expect(world.strategy.stopSession(handle)).rejects.toMatchObject({
      code: 'SESSION_STOP_FAILED',
      retryable: true,
      message: expect.stringContaining(`StopTask did not find task ${handle.taskArn}, and DescribeTasks shows it`),
      details: { reason: 'InvalidParameterException' },
    });
    world.ecs.stopTask(handle.taskArn, { stopCode: 'UserInitiated', stoppedReason: 'x' });
    expect(await world.strategy.stopSession(handle)).toStrictEqual({ kind: 'already_gone' });
  });

  test.each([
    ['throttled', 'SESSION_STOP_FAILED', true],
    ['access_denied', 'SESSION_ACCESS_DENIED', false],
  ] as const)(
    'a task that is not found, and cannot be looked for (%s), is not gone',
    async (trouble, code, retryable) => {
      const handle = await world.start();
      world.ecs.failNext('StopTask', new EcsFault('InvalidParameterException', 'The referenced task was not found.'));
      world.ecs.failNext('DescribeTasks', trouble);

      await expect(world.strategy.stopSession(handle)).rejects.toMatchObject({ code, retryable });
    },
  );

  test('needs no logger', async () => {
    const { ecs, clock } = world;
    const silent = new EcsComputeStrategy({ settings: someSettings, client: () => aClient(ecs), clock });
    ecs.failNext('RunTask', 'throttled');
    ecs.failNext('DescribeTasks', 'access_denied');

    expect(await silent.stopSession(await silent.startSession(anInput()))).toStrictEqual({ kind: 'requested' });
  });

  test('a stop that is refused is an error, unlike one that has nothing to do (R4)', async () => {
    await expectLeaksToBeTold(world, world.strategy);
  });

  test.each([
    ['throttled', true],
    ['server_error', true],
    ['lost_request', true],
    [new EcsFault('ClusterNotFoundException', 'Cluster not found.'), false],
    [new EcsFault('InvalidParameterException', 'Invalid task.'), false],
  ] as const)('reports a stop that failed: %s, retryable %s', async (trouble, retryable) => {
    const handle = await world.start();
    world.ecs.failNext('StopTask', trouble);

    await expect(world.strategy.stopSession(handle)).rejects.toMatchObject({ code: 'SESSION_STOP_FAILED', retryable });
  });

  test('looks that fail for a while do not undo a stop that was accepted', async () => {
    const handle = await world.start();
    world.ecs.failNext('DescribeTasks', 'throttled', 3);

    expect((await world.strategy.stopSession(handle)).kind).toBe('stopped');
    expect(errors()).toStrictEqual([]);
  });

  test('looks that are not allowed make it requested at once, and are told', async () => {
    const handle = await world.start();
    world.ecs.failNext('DescribeTasks', 'access_denied', Infinity);

    expect(await world.strategy.stopSession(handle)).toStrictEqual({ kind: 'requested' });
    expect(looks()).toBe(1);
    expect(errors()).toStrictEqual([
      {
        level: 'error',
        message: 'end of ecs task cannot be seen',
        fields: {
          sessionId: handle.sessionId,
          code: 'SESSION_ACCESS_DENIED',
          message: expect.stringContaining('allow ecs:DescribeTasks'),
        },
      },
    ]);
  });

  test('a task that is not shown yet is looked for until it is', async () => {
    world.ecs.hiddenDescribes = 3;
    const handle = await world.start();

    expect((await world.strategy.stopSession(handle)).kind).toBe('stopped');
    expect(looks()).toBe(6);
  });

  test('an abort ends a look that is under way', async () => {
    const caller = new AbortController();
    const reason = new Error('enough');
    const handle = await world.start();
    const held = world.ecs.holdNext('DescribeTasks');
    const stopping = world.strategy.stopSession(handle, caller);
    await held.arrived;
    caller.abort(reason);

    await expect(stopping).rejects.toBe(reason);
  });

  test('an abort ends the wait between two looks', async () => {
    const caller = new AbortController();
    const reason = new Error('enough');
    const handle = await world.start();
    const clock = {
      nowMs: () => 0,
      sleep: (_ms: number, { signal }: { readonly signal?: AbortSignal } = {}) => {
        caller.abort(reason);
        return signal === caller.signal ? Promise.reject(reason) : Promise.resolve();
      },
    };

    await expect(world.another({ clock }).stopSession(handle, caller)).rejects.toBe(reason);
  });
});
