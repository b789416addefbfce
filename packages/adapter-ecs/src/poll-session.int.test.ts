import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createEcsWorld, type EcsWorld } from './ecs-world.test-kit.ts';

const hourMs = 3_600_000;
let world: EcsWorld;

beforeEach(async () => {
  world = await createEcsWorld();
});
afterEach(async () => {
  await world.close();
});

const looks = (): number => world.ecs.calls.filter(({ operation }) => operation === 'DescribeTasks').length;

describe('EcsComputeStrategy › pollSession()', () => {
  test('shows every state before STOPPED as running', async () => {
    const handle = await world.start();
    const up = [];
    for (let look = 0; look < 5; look += 1) up.push((await world.strategy.pollSession(handle)).kind);
    world.ecs.endContainer(handle.taskArn, 'agent', { exitCode: 0 });
    const down = [];
    for (let look = 0; look < 5; look += 1) down.push((await world.strategy.pollSession(handle)).kind);

    expect(up).toStrictEqual(['running', 'running', 'running', 'running', 'running']);
    expect(down).toStrictEqual(['running', 'running', 'running', 'running', 'completed']);
    expect(looks()).toBe(10);
  });

  test('reads the exit code of the agent, not of the first container', async () => {
    const handle = await world.start();
    world.ecs.endContainer(handle.taskArn, 'log-router', { exitCode: 0 });
    world.ecs.endContainer(handle.taskArn, 'agent', { exitCode: 137, reason: 'OutOfMemoryError' });
    world.ecs.settle(handle.taskArn);

    expect(await world.strategy.pollSession(handle)).toStrictEqual({
      kind: 'failed',
      error: 'exit code 137: OutOfMemoryError',
    });
  });

  test('shows a task whose container never started as failed, with what stopped it (R15)', async () => {
    const handle = await world.start();
    world.ecs.stopTask(handle.taskArn, {
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'CannotPullContainerError: no such image',
    });

    expect(await world.strategy.pollSession(handle)).toStrictEqual({
      kind: 'failed',
      error: 'TaskFailedToStart: CannotPullContainerError: no such image',
    });
  });

  test('shows a task that is forgotten as failed, after it has looked three times', async () => {
    const handle = await world.start();
    await world.strategy.stopSession(handle);
    world.clock.advance(hourMs);
    const before = { looks: looks(), sleeps: world.clock.sleeps.length };

    expect(await world.strategy.pollSession(handle)).toStrictEqual({
      kind: 'failed',
      error: 'task not found: it never ran, or ended more than an hour ago',
    });
    expect(looks() - before.looks).toBe(3);
    expect(world.clock.sleeps.slice(before.sleeps)).toStrictEqual([1_000, 2_000]);
  });

  test('takes a task that is not shown yet for no lost one', async () => {
    world.ecs.hiddenDescribes = 2;
    const handle = await world.start();

    expect(await world.strategy.pollSession(handle)).toStrictEqual({ kind: 'running' });
    expect(looks()).toBe(3);
  });

  test('looks in the cluster of the handle, wherever new sessions go', async () => {
    const elsewhere = { clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/next' };
    const handle = await world.start();
    await world
      .another({
        settings: {
          ...{ taskDefinition: 'x', containerName: 'agent', subnets: 'subnet-1', securityGroups: 'sg-1' },
          ...elsewhere,
        },
      })
      .pollSession(handle);

    expect(world.ecs.calls.at(-1)).toStrictEqual({
      operation: 'DescribeTasks',
      input: { cluster: handle.clusterArn, tasks: [handle.taskArn] },
    });
  });

  test.each([
    ['throttled', 'SESSION_POLL_FAILED', true],
    ['server_error', 'SESSION_POLL_FAILED', true],
    ['lost_answer', 'SESSION_POLL_FAILED', true],
    ['access_denied', 'SESSION_ACCESS_DENIED', false],
  ] as const)('reports a look that was %s: %s, retryable %s (R10)', async (trouble, code, retryable) => {
    const handle = await world.start();
    world.ecs.failNext('DescribeTasks', trouble);

    await expect(world.strategy.pollSession(handle)).rejects.toMatchObject({ code, retryable });
  });

  test('an abort ends the wait between two looks', async () => {
    const caller = new AbortController();
    const reason = new Error('enough');
    world.ecs.hiddenDescribes = 9;
    const handle = await world.start();
    const clock = {
      nowMs: () => 0,
      sleep: (_ms: number, { signal }: { readonly signal?: AbortSignal } = {}) => {
        caller.abort(reason);
        return signal === caller.signal ? Promise.reject(reason) : Promise.resolve();
      },
    };

    await expect(world.another({ clock }).pollSession(handle, caller)).rejects.toBe(reason);
    expect(looks()).toBe(1);
  });

  test('an abort ends a look that is under way', async () => {
    const caller = new AbortController();
    const reason = new Error('enough');
    const handle = await world.start();
    const held = world.ecs.holdNext('DescribeTasks');
    const polling = world.strategy.pollSession(handle, caller);
    await held.arrived;
    caller.abort(reason);

    await expect(polling).rejects.toBe(reason);
  });
});
