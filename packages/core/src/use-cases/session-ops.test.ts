import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { mintSessionId, type UserId } from '../ids/ids.ts';
import { openSession, type SessionEntry } from '../session/session-ledger.ts';
import type { Task } from '../task/task.ts';
import { aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import { createCoreWorld, given, type CoreWorld } from './core-world.test-kit.ts';
import { listSessions, stopSessionById } from './session-ops.ts';

/** A task with a session that is open since second `n`. */
async function session(world: CoreWorld, n: number, fields: Partial<Task> = {}): Promise<string> {
  const taskId = aTaskId(n);
  const sessionId = mintSessionId(taskId, 1);
  const handle = await world.compute.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
  const entry = openSession(handle, testEpochMs + n * 1_000);
  await given(world, aTask({ taskId, sessionId, generation: 1, status: 'RUNNING', ...entry, ...fields }));
  return sessionId;
}

async function everyPage(world: CoreWorld, state: 'open' | 'all', limit: number): Promise<readonly SessionEntry[]> {
  const all: SessionEntry[] = [];
  let nextToken: string | undefined;
  do {
    const page = await listSessions(world.deps, { state, limit, ...(nextToken !== undefined && { nextToken }) });
    all.push(...page.sessions);
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return all;
}

describe('listSessions()', () => {
  test('open: those of all users whose end is not proven, longest open first', async () => {
    const world = createCoreWorld();
    await session(world, 2, { status: 'CANCELLED', userId: 'bob' as UserId });
    await session(world, 1);
    await stopSessionById(world.deps, await session(world, 3));
    await given(world, aTask({ taskId: aTaskId(4) }));

    const found = await everyPage(world, 'open', 1);

    expect(found.map(({ task, isOpen }) => [task.taskId, isOpen])).toStrictEqual([
      [aTaskId(1), true],
      [aTaskId(2), true],
    ]);
  });

  test.each([1, 2, 100])('all: those too whose end is proven, status by status, %i at a time', async (limit) => {
    const world = createCoreWorld();
    const stopped = await session(world, 1, { status: 'FAILED' });
    await stopSessionById(world.deps, stopped);
    for (const n of [2, 3]) await session(world, n);
    await given(world, aTask({ taskId: aTaskId(4) }));

    const found = await everyPage(world, 'all', limit);

    expect(found.map(({ task, isOpen }) => [task.taskId, isOpen])).toStrictEqual([
      [aTaskId(2), true],
      [aTaskId(3), true],
      [aTaskId(1), false],
    ]);
  });

  test.each(['x', 'NOWHERE:', 'RUNNING', 'RUNNING:x'])('all: refuses the token %j', async (nextToken) => {
    const { deps } = createCoreWorld();

    await expect(listSessions(deps, { state: 'all', limit: 5, nextToken })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });
});

describe('stopSessionById()', () => {
  test('stops it, says how that was proven, and says it again', async () => {
    const world = createCoreWorld();
    const sessionId = await session(world, 1);
    const stop = { kind: 'stopped', provenBy: 'the entry was removed' };

    const first = await stopSessionById(world.deps, sessionId);
    const second = await stopSessionById(world.deps, sessionId);

    expect(first.stop).toStrictEqual(stop);
    expect(first.session).toMatchObject({ sessionId, isOpen: false, lastStop: { outcome: 'stopped', attempts: 1 } });
    expect(second).toStrictEqual(first);
    expect(world.compute.stopped).toStrictEqual([sessionId]);
  });

  test('says that it may still run', async () => {
    const world = createCoreWorld();
    const sessionId = await session(world, 1);
    world.compute.failNext('stop', new AbcaError('SESSION_ACCESS_DENIED', 'no'));

    expect(await stopSessionById(world.deps, sessionId)).toMatchObject({
      stop: { kind: 'failed', code: 'SESSION_ACCESS_DENIED' },
      session: { isOpen: true, lastStop: { outcome: 'failed' } },
    });
  });

  test.each([
    ['no id', 'x'],
    ['of no task', mintSessionId(aTaskId(9), 1)],
    ['of another generation', mintSessionId(aTaskId(1), 2)],
    ['never started', mintSessionId(aTaskId(2), 1)],
  ])('knows no session that is %s', async (_name, sessionId) => {
    const world = createCoreWorld();
    await session(world, 1);
    await given(world, aTask({ taskId: aTaskId(2), status: 'HYDRATING' }));

    await expect(stopSessionById(world.deps, sessionId)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    expect(world.compute.stopped).toStrictEqual([]);
  });
});
