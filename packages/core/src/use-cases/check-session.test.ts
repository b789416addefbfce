import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { mintSessionId } from '../ids/ids.ts';
import { aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import type { Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';
import { adoptCallback, checkSession } from './check-session.ts';
import { createCoreWorld, given, row, usage, type CoreWorld } from './core-world.test-kit.ts';

const taskId = aTaskId();
const sessionId = mintSessionId(taskId, 1);
const sessionHandle = { strategyType: 'memory', sessionId };
const result = { outcome: 'finished', ...usage } as const;
const flaky = new AbcaError('SESSION_POLL_FAILED', 'throttled', { retryable: true });

/** A task whose session runs, with a lease of a minute. */
async function running(fields: Partial<Task> = {}): Promise<CoreWorld> {
  const world = createCoreWorld();
  const leaseExpiresAt = formatIso(testEpochMs + 60_000);
  await given(world, aTask({ status: 'RUNNING', sessionHandle, leaseExpiresAt, ...fields }));
  await world.compute.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
  return world;
}

describe('checkSession()', () => {
  test('a session whose lease holds is waited for until the deadline', async () => {
    const world = await running({ deadlineAt: formatIso(testEpochMs + 90_000) });
    world.clock.pass(10_000);

    expect(await checkSession(world.deps, taskId)).toStrictEqual({ kind: 'wait', remainingMs: 80_000 });
  });

  test('a session whose lease ran out is given up', async () => {
    const world = await running();
    world.clock.pass(60_000);

    expect(await checkSession(world.deps, taskId)).toMatchObject({
      kind: 'give_up',
      failure: { code: 'SESSION_LOST' },
    });
  });

  test('a session without a handle is judged by its lease alone', async () => {
    const { sessionHandle: _none, ...unrecorded } = aTask({
      status: 'HYDRATING',
      leaseExpiresAt: formatIso(testEpochMs + 1),
    });
    const world = createCoreWorld();
    await given(world, unrecorded);
    const polled = jest.spyOn(world.compute, 'pollSession');

    expect(await checkSession(world.deps, taskId)).toMatchObject({ kind: 'wait' });
    world.clock.pass(1);
    expect(await checkSession(world.deps, taskId)).toMatchObject({
      kind: 'give_up',
      failure: { message: expect.stringContaining('the substrate shows it as unobservable') as unknown as string },
    });
    expect(polled).not.toHaveBeenCalled();
  });

  test('a task that is not there has nothing to wait for', async () => {
    expect(await checkSession(createCoreWorld().deps, taskId)).toStrictEqual({ kind: 'finalize' });
  });

  test('a result on the row is finalized, whatever the substrate shows', async () => {
    const world = await running({ result });
    const polled = jest.spyOn(world.compute, 'pollSession');

    expect(await checkSession(world.deps, taskId)).toStrictEqual({ kind: 'finalize' });
    expect(polled).not.toHaveBeenCalled();
  });

  test('an ended session without a result is given a second, then given up (R11)', async () => {
    const world = await running();
    world.compute.end(sessionId, { kind: 'completed' });

    expect(await checkSession(world.deps, taskId)).toStrictEqual({
      kind: 'give_up',
      failure: {
        code: 'SESSION_ENDED_WITHOUT_RESULT',
        message: 'the agent session ended without a result: it exited by itself',
      },
    });
    expect(world.clock.sleeps).toStrictEqual([1_000]);
  });

  test.each<[string, (world: CoreWorld) => Promise<unknown>]>([
    ['its result arrives', ({ tasks }) => tasks.amend({ taskId, atMs: 0, whileIn: ['RUNNING'], patch: { result } })],
    ['it ends', ({ tasks }) => tasks.transition({ taskId, from: 'RUNNING', to: 'CANCELLED', atMs: 0, events: [] })],
    ['it vanishes', async ({ tasks }) => jest.spyOn(tasks, 'find').mockResolvedValueOnce(undefined)],
  ])('a task is finalized when within that second %s', async (_what, happens) => {
    const world = await running();
    world.compute.end(sessionId, { kind: 'completed' });
    jest.spyOn(world.clock, 'sleep').mockImplementationOnce(async () => void (await happens(world)));

    expect(await checkSession(world.deps, taskId)).toStrictEqual({ kind: 'finalize' });
  });

  test('polls that fail for a moment are repeated with growing pauses', async () => {
    const world = await running();
    world.compute.failNext('poll', flaky);
    world.compute.failNext('poll', flaky);

    expect(await checkSession(world.deps, taskId)).toMatchObject({ kind: 'wait' });
    expect(world.clock.sleeps).toStrictEqual([1_000, 2_000]);
    expect(world.logger.lines).toStrictEqual([]);
  });

  test('the third failed poll in a row gives the session up, and is logged as an error (R10)', async () => {
    const world = await running();
    for (let n = 0; n < 3; n += 1) world.compute.failNext('poll', flaky);

    expect(await checkSession(world.deps, taskId)).toStrictEqual({
      kind: 'give_up',
      failure: { code: 'SESSION_POLL_FAILED', message: 'throttled' },
    });
    expect(world.logger.lines).toStrictEqual([
      {
        level: 'error',
        message: 'session could not be polled',
        fields: { taskId, code: 'SESSION_POLL_FAILED', message: 'throttled', failures: 3 },
      },
    ]);
  });

  test.each([
    [new AbcaError('SESSION_ACCESS_DENIED', 'not allowed'), 'SESSION_ACCESS_DENIED', 'not allowed'],
    [new Error('boom'), 'SESSION_POLL_FAILED', 'session could not be polled: boom'],
  ])('a poll that cannot pass gives the session up at once: %s (R10)', async (error, code, message) => {
    const world = await running();
    world.compute.failNext('poll', error);

    expect(await checkSession(world.deps, taskId)).toStrictEqual({ kind: 'give_up', failure: { code, message } });
    expect(world.clock.sleeps).toStrictEqual([]);
    expect(world.logger.lines[0]).toMatchObject({ level: 'error', fields: { failures: 1 } });
  });

  test('a handle of a backend that is not there gives the session up', async () => {
    const world = await running({ sessionHandle: { strategyType: 'ecs', sessionId } });

    expect(await checkSession(world.deps, taskId)).toMatchObject({
      kind: 'give_up',
      failure: { code: 'UNKNOWN_COMPUTE_TYPE' },
    });
  });
});

describe('adoptCallback()', () => {
  test.each(['HYDRATING', 'RUNNING', 'AWAITING_APPROVAL'] as const)(
    'puts the new callback on the row of a task that is %s',
    async (status) => {
      const world = await running({ status });
      world.clock.pass(2_000);

      expect(await adoptCallback(world.deps, taskId, 'callback-2')).toStrictEqual({ kind: 'adopted' });
      expect(await row(world, taskId)).toMatchObject({
        sessionCallbackId: 'callback-2',
        updatedAt: formatIso(testEpochMs + 2_000),
      });
    },
  );

  test('a session whose result came first is over: it completed the callback before', async () => {
    const world = await running({ result });

    expect(await adoptCallback(world.deps, taskId, 'callback-2')).toStrictEqual({ kind: 'over' });
  });

  test('a task that ended, or is not there, is over', async () => {
    const world = await running({ status: 'FINALIZING' });

    expect(await adoptCallback(world.deps, taskId, 'callback-2')).toStrictEqual({ kind: 'over' });
    expect(await adoptCallback(world.deps, aTaskId(9), 'callback-2')).toStrictEqual({ kind: 'over' });
  });
});
