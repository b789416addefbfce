import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { mintSessionId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { aRequestId, aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import type { Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';
import { cancelTask } from './cancel-task.ts';
import {
  ann,
  createCoreWorld,
  given,
  isRunning,
  logOf,
  row,
  typesOf,
  worldSettings,
  type CoreWorld,
} from './core-world.test-kit.ts';
import { startTaskSession, type StartOutcome } from './start-session.ts';

const taskId = aTaskId();
const sessionId = mintSessionId(taskId, 1);
const handle = { strategyType: 'memory', sessionId };
const settings = { ...worldSettings, compute: { cpu: 2 } };

function start(world: CoreWorld, callbackId = 'callback-1'): Promise<StartOutcome> {
  return startTaskSession(world.deps, taskId, { settings, baseBranch: 'main', callbackId });
}

async function hydrated(fields: Partial<Task> = {}): Promise<CoreWorld> {
  const world = createCoreWorld();
  await given(world, aTask({ status: 'HYDRATING', ...fields }));
  return world;
}

/** Do `act` once the session was started, before its record. */
function onceStarted(world: CoreWorld, act: () => Promise<unknown>): void {
  const startSession = world.compute.startSession.bind(world.compute);
  jest.spyOn(world.compute, 'startSession').mockImplementationOnce(async (input) => {
    const started = await startSession(input);
    await act();
    return started;
  });
}

describe('startTaskSession()', () => {
  test('starts the session that the row names, records it, tells it, then logs it (R5, R6)', async () => {
    const world = await hydrated();
    world.clock.pass(3_000);

    expect(await start(world)).toStrictEqual({ kind: 'started' });

    const at = formatIso(testEpochMs + 3_000);
    expect(world.compute.started).toStrictEqual([
      {
        taskId,
        sessionId,
        generation: 1,
        compute: { cpu: 2 },
        environment: {
          ABCA_TABLE_PREFIX: 'test',
          AWS_REGION: 'us-east-1',
          ABCA_TASK_ID: taskId,
          ABCA_SESSION_ID: sessionId,
          ABCA_GENERATION: '1',
        },
      },
    ]);
    expect(await row(world, taskId)).toMatchObject({
      status: 'RUNNING',
      settings,
      baseBranch: 'main',
      sessionCallbackId: 'callback-1',
      computeType: 'memory',
      sessionHandle: handle,
      startedAt: at,
      statusCreatedAt: at,
      leaseExpiresAt: formatIso(testEpochMs + 3_000 + limits.heartbeatLostMs),
    });
    expect((await logOf(world, taskId)).at(-1)).toMatchObject({
      eventType: 'session_started',
      metadata: { session_id: sessionId, compute_type: 'memory' },
    });
    expect(world.logger.lines).toStrictEqual([
      { level: 'info', message: 'session started', fields: { taskId, sessionId, computeType: 'memory' } },
    ]);
  });

  test('the session finds settings, base branch and callback on its row when it starts', async () => {
    const world = await hydrated();
    let found: Task | undefined;
    onceStarted(world, async () => void (found = await world.tasks.find(taskId)));

    await start(world);

    expect(found).toMatchObject({ status: 'HYDRATING', settings, baseBranch: 'main', sessionCallbackId: 'callback-1' });
  });

  test('repeated, it starts and tells nothing twice', async () => {
    const world = await hydrated();
    await start(world);

    expect(await start(world)).toStrictEqual({ kind: 'started' });
    expect(world.compute.started).toHaveLength(1);
    expect(world.compute.stopped).toStrictEqual([]);
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'session_started']);
  });

  test('a start that failed for good says why', async () => {
    const world = await hydrated();
    world.compute.failNext('start', new AbcaError('SESSION_ACCESS_DENIED', 'not allowed'));

    expect(await start(world)).toStrictEqual({
      kind: 'failed',
      failure: { code: 'SESSION_ACCESS_DENIED', message: 'not allowed' },
    });
    expect((await row(world, taskId)).status).toBe('HYDRATING');
  });

  test('an error of no known kind is SESSION_START_FAILED', async () => {
    const world = await hydrated();
    world.compute.failNext('start', new Error('ENOENT'));

    expect(await start(world)).toStrictEqual({
      kind: 'failed',
      failure: { code: 'SESSION_START_FAILED', message: 'session did not start: ENOENT' },
    });
  });

  test('a start that may succeed later rejects, and succeeds later', async () => {
    const world = await hydrated();
    const busy = new AbcaError('SESSION_START_FAILED', 'no capacity', { retryable: true });
    world.compute.failNext('start', busy);

    await expect(start(world)).rejects.toBe(busy);
    expect(await start(world)).toStrictEqual({ kind: 'started' });
  });

  test('a start that is tried again tells nothing behind the end of its task', async () => {
    const world = await hydrated();
    const busy = new AbcaError('SESSION_START_FAILED', 'no capacity', { retryable: true });
    jest.spyOn(world.compute, 'startSession').mockImplementationOnce(async () => {
      await cancelTask(world.deps, ann, taskId);
      throw busy;
    });

    await expect(start(world)).rejects.toBe(busy);
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'task_cancelled']);
  });

  test('a retry that cannot be told is logged and no failure of its own', async () => {
    const world = await hydrated();
    const busy = new AbcaError('SESSION_START_FAILED', 'no capacity', { retryable: true });
    const error = new Error('away');
    world.compute.failNext('start', busy);
    const amend = world.tasks.amend.bind(world.tasks);
    jest.spyOn(world.tasks, 'amend').mockImplementationOnce(amend).mockRejectedValueOnce(error);

    await expect(start(world)).rejects.toBe(busy);
    expect(world.logger.lines).toStrictEqual([
      { level: 'warn', message: 'start retry not told', fields: { taskId, error } },
    ]);
  });

  test('a compute type that is not there rejects', async () => {
    const world = await hydrated();
    const begin = { settings: { ...settings, computeType: 'ecs' }, baseBranch: 'main', callbackId: 'c' };

    await expect(startTaskSession(world.deps, taskId, begin)).rejects.toMatchObject({ code: 'UNKNOWN_COMPUTE_TYPE' });
  });

  test.each([
    [new AbcaError('STORE_ERROR', 'item too large'), 'STORE_ERROR', 'item too large'],
    [new Error('boom'), 'STORE_ERROR', 'the started session could not be recorded: boom'],
  ])('a session whose record cannot be written is stopped again: %s (R6)', async (error, code, message) => {
    const world = await hydrated();
    jest.spyOn(world.tasks, 'transition').mockRejectedValueOnce(error);

    expect(await start(world)).toStrictEqual({ kind: 'failed', failure: { code, message } });
    expect(world.compute.stopped).toStrictEqual([sessionId]);
    expect(world.logger.lines.map(({ message }) => message)).toStrictEqual(['session stop']);
  });

  test('a task that is cancelled while its session starts leaves no session behind (L5)', async () => {
    const world = await hydrated();
    onceStarted(world, () => cancelTask(world.deps, ann, taskId));

    expect(await start(world)).toStrictEqual({ kind: 'ended' });
    expect(world.compute.stopped).toStrictEqual([sessionId]);
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'task_cancelled']);
    expect(world.logger.lines.map(({ message }) => message)).not.toContain('session started');
  });

  test('a session that another one replaced is stopped', async () => {
    const world = await hydrated();
    const other = mintSessionId(taskId, 2);
    const patch = { generation: 2, sessionId: other, sessionHandle: { strategyType: 'memory', sessionId: other } };
    onceStarted(world, () => world.tasks.amend({ taskId, atMs: 0, whileIn: ['HYDRATING'], patch }));

    expect(await start(world)).toStrictEqual({ kind: 'ended' });
    expect(world.compute.stopped).toStrictEqual([sessionId]);
    expect((await row(world, taskId)).status).toBe('HYDRATING');
  });

  test('a session whose task vanished is stopped', async () => {
    const world = await hydrated();
    jest.spyOn(world.tasks, 'transition').mockResolvedValueOnce({ kind: 'absent' });

    expect(await start(world)).toStrictEqual({ kind: 'ended' });
    expect(world.compute.stopped).toStrictEqual([sessionId]);
  });

  test('a session that was faster than its record and waits for an approval is recorded as it stands', async () => {
    const world = await hydrated();
    const patch = { awaitingApprovalRequestId: aRequestId() };
    onceStarted(world, () =>
      world.tasks.transition({ taskId, from: 'HYDRATING', to: 'AWAITING_APPROVAL', atMs: 0, patch, events: [] }),
    );

    expect(await start(world)).toStrictEqual({ kind: 'started' });
    expect(await row(world, taskId)).toMatchObject({ status: 'AWAITING_APPROVAL', sessionHandle: handle });
    expect(world.compute.stopped).toStrictEqual([]);
  });

  test('a task that ends between the two writes of a fast session leaves no session behind', async () => {
    const world = await hydrated();
    onceStarted(world, () => world.tasks.transition({ taskId, from: 'HYDRATING', to: 'FAILED', atMs: 0, events: [] }));

    expect(await start(world)).toStrictEqual({ kind: 'ended' });
    expect(await isRunning(world, sessionId)).toBe(false);
    expect((await row(world, taskId)).sessionHandle).toMatchObject({ sessionId });
  });

  test.each<[string, Partial<Task>]>([
    ['is not hydrated', { status: 'SUBMITTED' }],
    ['has no session yet', { status: 'HYDRATING', sessionId: undefined as never }],
    ['ended before any start', { status: 'CANCELLED', sessionId }],
    ['is being finalized', { status: 'FINALIZING', sessionCallbackId: 'callback-1' }],
    [
      'ended with its session on its row',
      { status: 'CANCELLED', sessionId, sessionCallbackId: 'c', sessionHandle: handle },
    ],
  ])('a task that %s starts nothing', async (_what, fields) => {
    const world = await hydrated(fields);

    expect(await start(world)).toStrictEqual({ kind: 'ended' });
    expect(world.compute.started).toStrictEqual([]);
  });

  test('knows no task: nothing to start', async () => {
    const world = createCoreWorld();

    expect(await start(world)).toStrictEqual({ kind: 'ended' });
    expect(world.compute.started).toStrictEqual([]);
  });

  test('a task that was cancelled after a crash between start and record leaves no session behind', async () => {
    const world = await hydrated({ sessionCallbackId: 'callback-1' });
    await world.compute.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
    await cancelTask(world.deps, ann, taskId);
    expect(await isRunning(world, sessionId)).toBe(true);

    expect(await start(world)).toStrictEqual({ kind: 'ended' });
    expect(await isRunning(world, sessionId)).toBe(false);
    expect(world.compute.started).toHaveLength(1);
  });

  test('a session that is not recorded and does not stop can be found: its handle is on the row, its orphan is told (R4)', async () => {
    const world = await hydrated();
    jest.spyOn(world.tasks, 'transition').mockRejectedValueOnce(new Error('boom'));
    world.compute.failNext('stop', new AbcaError('SESSION_STOP_FAILED', 'still there'));

    expect(await start(world)).toMatchObject({ kind: 'failed', failure: { code: 'STORE_ERROR' } });
    expect((await row(world, taskId)).sessionHandle).toMatchObject({ sessionId });
    expect(await typesOf(world, taskId)).toContain('task_cancel_compute_orphan');
  });

  test('tells of a start that is tried again', async () => {
    const world = await hydrated();
    world.compute.failNext('start', new AbcaError('SESSION_START_FAILED', 'no capacity', { retryable: true }));

    await expect(start(world)).rejects.toThrow('no capacity');
    expect((await logOf(world, taskId)).at(-1)).toMatchObject({
      eventType: 'session_start_retry',
      metadata: { attempt: 1, message: 'no capacity' },
    });
  });

  test('a session that cannot even be asked for again has nothing to stop', async () => {
    const world = await hydrated({ status: 'CANCELLED', sessionId, sessionCallbackId: 'callback-1' });
    world.compute.failNext('start', new AbcaError('SESSION_START_FAILED', 'no such image'));

    expect(await start(world)).toStrictEqual({ kind: 'ended' });
    expect(world.compute.stopped).toStrictEqual([]);
  });
});
