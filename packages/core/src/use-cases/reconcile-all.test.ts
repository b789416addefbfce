import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { mintSessionId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { openSession } from '../session/session-ledger.ts';
import type { TaskStatus } from '../task/task-status.ts';
import type { Task } from '../task/task.ts';
import { anApproval, aRequestId, aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import { InMemoryComputeStrategy } from '../testing/in-memory-compute-strategy.ts';
import { formatIso } from '../time/iso-time.ts';
import { ann, createCoreWorld, given, isRunning, logOf, row, typesOf, type CoreWorld } from './core-world.test-kit.ts';
import { cancelTask } from './cancel-task.ts';
import { slotCaps } from './end-task.ts';
import { outcomeOf, reconcileAll, reconcileRules } from './reconcile-all.ts';
import { stopCompute } from './stop-compute.ts';

const minute = 60_000;
const hour = 60 * minute;
const away = new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true });
const idle = { looked: 0, did: {}, errors: {}, unread: 0, more: false };

/** A task whose session runs, as the ledger has it. */
async function running(world: CoreWorld, n = 1, fields: Partial<Task> = {}): Promise<Task> {
  const taskId = aTaskId(n);
  const sessionId = mintSessionId(taskId, 1);
  const handle = await world.compute.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
  const entry = openSession({ ...handle, ...fields.sessionHandle }, world.clock.nowMs());
  await world.slots.acquire(ann, { taskId, createdAt: formatIso(testEpochMs) }, slotCaps);
  return given(world, aTask({ taskId, status: 'RUNNING', ...entry, ...fields, sessionHandle: entry.sessionHandle }));
}

function lastLine({ logger }: CoreWorld): unknown {
  return logger.lines.at(-1);
}

describe('reconcileAll() with tasks', () => {
  test('starts the workflow of a submitted task before it gives it up', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    await world.slots.acquire(ann, { taskId, createdAt: formatIso(testEpochMs) }, slotCaps);
    const seen: unknown[] = [];

    for (let run = 0; run < 80 && (await row(world, taskId)).status === 'SUBMITTED'; run += 1) {
      world.clock.pass(minute);
      const { tasks } = await reconcileAll(world.deps);
      if (Object.keys(tasks.did).length > 0) seen.push(tasks.did);
    }

    expect(seen).toStrictEqual([...Array.from({ length: 5 }, () => ({ started: 1 })), { stranded: 1 }]);
    expect([...world.executions.started]).toStrictEqual([taskId]);
    expect(await row(world, taskId)).toMatchObject({ status: 'FAILED', failure: { code: 'TASK_STRANDED' } });
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'task_stranded']);
    expect((await world.slots.inspect(ann)).holders).toStrictEqual([]);
  });

  test('a workflow engine that is away does not use up the tries', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    world.clock.pass(hour);
    jest.spyOn(world.executions, 'start').mockRejectedValueOnce(away);

    const report = await reconcileAll(world.deps);

    expect(report).toMatchObject({ outcome: 'partial', tasks: { errors: { SERVICE_UNAVAILABLE: 1 }, did: {} } });
    expect(await row(world, taskId)).not.toHaveProperty('rescue');
  });

  test('ends a task whose session fell silent: compute, slot, workflow, one terminal event', async () => {
    const world = createCoreWorld();
    const { taskId, sessionId } = await running(world, 1, {
      leaseExpiresAt: formatIso(testEpochMs),
      sessionCallbackId: 'c1',
    });
    world.clock.pass(15 * minute);

    const report = await reconcileAll(world.deps);

    expect(report).toMatchObject({ outcome: 'clean', tasks: { did: { stranded: 1 } } });
    expect(await row(world, taskId)).toMatchObject({ status: 'FAILED', sessionStop: { outcome: 'stopped' } });
    expect(await isRunning(world, sessionId!)).toBe(false);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
    expect([...world.signals.completed]).toStrictEqual([['c1', { reason: 'reconciled' }]]);
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'task_stranded']);
  });

  test('ends a task that waits past the expiry of its request, and closes the request', async () => {
    const world = createCoreWorld();
    const task = await given(world, aTask({ status: 'RUNNING' }));
    const expectSession = { sessionId: task.sessionId!, generation: 1 };
    const approval = anApproval({ taskId: task.taskId });
    await world.approvals.request({ approval, expectSession, atMs: testEpochMs, events: [] });
    const leaseExpiresAt = formatIso(testEpochMs + hour);
    await world.tasks.renewLease({ taskId: task.taskId, ...expectSession, leaseExpiresAt });

    world.clock.pass(limits.approvalTimeoutS.default * 1000 + 5 * minute - 1);
    const early = await reconcileAll(world.deps);
    world.clock.pass(1);
    const late = await reconcileAll(world.deps);

    expect([early.tasks.did, late.tasks.did]).toStrictEqual([{}, { stranded: 1 }]);
    expect(await row(world, task.taskId)).toMatchObject({ status: 'FAILED', failure: { code: 'TASK_STRANDED' } });
    expect(await world.approvals.find(approval)).toMatchObject({ status: 'STRANDED' });
    expect((await logOf(world, task.taskId)).slice(1)).toMatchObject([
      {
        eventType: 'agent_milestone',
        metadata: { milestone: 'approval_stranded', request_id: aRequestId(), age_s: 600 },
      },
      { eventType: 'task_stranded', metadata: { code: 'TASK_STRANDED' } },
    ]);
  });

  test('sets the workflow of a task going whose result is on the row', async () => {
    const world = createCoreWorld();
    const result = { outcome: 'finished', turns: 1, costUsd: 0, inputTokens: 1, outputTokens: 1 } as const;
    const { taskId } = await running(world, 1, { result, sessionCallbackId: 'c1' });
    world.clock.pass(15 * minute);

    const report = await reconcileAll(world.deps);

    expect(report.tasks.did).toStrictEqual({ woken: 1 });
    expect([...world.executions.started]).toStrictEqual([taskId]);
    expect(world.signals.completed.has('c1')).toBe(true);
    expect(await row(world, taskId)).toMatchObject({ status: 'RUNNING', rescue: { attempts: 1 } });
  });

  test('leaves a task alone that moved on since it was listed', async () => {
    const world = createCoreWorld();
    const task = await running(world, 1, { leaseExpiresAt: formatIso(testEpochMs) });
    world.clock.pass(hour);
    jest.spyOn(world.tasks, 'listByStatus').mockResolvedValue({ tasks: [task] });
    await world.tasks.renewLease({
      taskId: task.taskId,
      sessionId: task.sessionId!,
      generation: 1,
      leaseExpiresAt: formatIso(testEpochMs + 2 * hour),
    });

    expect((await reconcileAll(world.deps)).tasks.did).toStrictEqual({});
    await world.tasks.transition({ taskId: task.taskId, from: 'RUNNING', to: 'CANCELLED', atMs: 0, events: [] });
    expect((await reconcileAll(world.deps)).tasks.did).toStrictEqual({});
    expect(await row(world, task.taskId)).toMatchObject({ status: 'CANCELLED' });
  });

  test('a task that is listed and not there any more is nothing', async () => {
    const world = createCoreWorld();
    jest.spyOn(world.tasks, 'listByStatus').mockResolvedValue({ tasks: [aTask()] });
    world.clock.pass(hour);

    expect(await reconcileAll(world.deps)).toMatchObject({ outcome: 'clean', tasks: { did: {} } });
  });

  test('takes no age from before the platform was up', async () => {
    const world = createCoreWorld();
    await running(world, 1, { leaseExpiresAt: formatIso(testEpochMs) });
    world.clock.pass(24 * hour);

    const { tasks } = await reconcileAll(world.deps, { aliveSinceMs: world.clock.nowMs() });

    expect(tasks.did).toStrictEqual({});
  });
});

describe('reconcileAll() with sessions', () => {
  const cancelled = async (world: CoreWorld): Promise<Task> => {
    const task = await running(world);
    await cancelTask(world.deps, ann, task.taskId);
    return row(world, task.taskId);
  };

  test('follows a stop that was only accepted until it is proven, and asks the substrate first', async () => {
    const world = createCoreWorld();
    world.compute.stopOutcome = { kind: 'requested' };
    const { taskId, sessionId } = await cancelled(world);
    const reports = [];

    for (let run = 0; run < 2; run += 1) {
      world.clock.pass(hour);
      reports.push((await reconcileAll(world.deps)).sessions.did);
    }
    world.compute.end(sessionId!, { kind: 'completed' });
    world.clock.pass(hour);
    reports.push((await reconcileAll(world.deps)).sessions.did);

    expect(reports).toStrictEqual([{ requested: 1 }, { requested: 1 }, { proven: 1 }]);
    expect(world.compute.stopped).toHaveLength(3);
    expect(await world.tasks.listOpenSessions({ limit: 5 })).toStrictEqual({ tasks: [] });
    expect((await row(world, taskId)).sessionStop).toStrictEqual({
      outcome: 'ended',
      provenBy: 'the substrate shows it as completed',
      at: formatIso(world.clock.nowMs()),
      attempts: 4,
    });
  });

  test('a look that fails, or shows nothing of the end, is followed by a stop', async () => {
    const world = createCoreWorld();
    world.compute.stopOutcome = { kind: 'requested' };
    await cancelled(world);
    world.compute.stopOutcome = { kind: 'stopped', provenBy: 'it' };
    world.compute.failNext('poll', away);
    world.clock.pass(hour);

    const { sessions } = await reconcileAll(world.deps);

    expect(sessions).toStrictEqual({ ...idle, looked: 1, did: { proven: 1 }, lists: 1 });
  });

  test('repeats a stop that failed, at growing distances, and tells the log of the task once', async () => {
    const world = createCoreWorld();
    for (let n = 0; n < 3; n += 1) world.compute.failNext('stop', away);
    const { taskId } = await cancelled(world);
    const runs = [];

    for (let run = 0; run < 8; run += 1) {
      world.clock.pass(30_000);
      const { outcome, sessions } = await reconcileAll(world.deps);
      runs.push([outcome, Object.keys(sessions.did)[0] ?? Object.keys(sessions.errors)[0]]);
    }

    expect(runs).toStrictEqual([
      ['partial', 'SERVICE_UNAVAILABLE'],
      ['clean', undefined],
      ['partial', 'SERVICE_UNAVAILABLE'],
      ['clean', undefined],
      ['clean', undefined],
      ['clean', undefined],
      ['clean', 'proven'],
      ['clean', undefined],
    ]);
    expect((await typesOf(world, taskId)).filter((type) => type === 'task_cancel_compute_orphan')).toHaveLength(1);
  });

  test.each(['completed', 'failed'] as const)('a session that the substrate shows as %s is over', async (kind) => {
    const world = createCoreWorld();
    world.compute.stopOutcome = { kind: 'requested' };
    const { taskId, sessionId } = await cancelled(world);
    world.compute.end(sessionId!, kind === 'failed' ? { kind, error: 'exit code 9' } : { kind });
    world.clock.pass(hour);

    await reconcileAll(world.deps);

    const provenBy = `the substrate shows it as ${kind === 'failed' ? 'failed: exit code 9' : 'completed'}`;
    expect((await row(world, taskId)).sessionStop).toMatchObject({ outcome: 'ended', provenBy });
  });

  test('goes by the type of the handle, and counts one that nobody knows', async () => {
    const world = createCoreWorld();
    const ecs = new InMemoryComputeStrategy('ecs');
    const handle = await ecs.startSession({
      taskId: aTaskId(2),
      sessionId: mintSessionId(aTaskId(2), 1),
      generation: 1,
      compute: {},
      environment: {},
    });
    const ended = { status: 'FAILED', sessionId: mintSessionId(aTaskId(1), 1), generation: 1 } as const;
    await running(world, 1, { ...ended, sessionHandle: { strategyType: 'gone', sessionId: ended.sessionId } });
    await running(world, 2, { ...ended, sessionId: mintSessionId(aTaskId(2), 1), sessionHandle: handle });
    world.clock.pass(hour);
    const strategies = new Map([...world.deps.strategies, ['ecs', ecs]]);

    const report = await reconcileAll({ ...world.deps, strategies });

    expect(report.sessions).toMatchObject({ looked: 2, did: { proven: 1 }, errors: { UNKNOWN_COMPUTE_TYPE: 1 } });
    expect(ecs.stopped).toStrictEqual([handle.sessionId]);
    expect(await row(world, aTaskId(1))).toMatchObject({
      sessionStop: { outcome: 'failed', failure: { code: 'UNKNOWN_COMPUTE_TYPE' }, attempts: 1 },
    });
  });

  test('a session that the row does not name any more is stopped while its task runs on', async () => {
    const world = createCoreWorld();
    const task = await running(world, 1, { generation: 2, sessionId: mintSessionId(aTaskId(1), 2) });

    const { sessions } = await reconcileAll(world.deps);

    expect(sessions.did).toStrictEqual({ proven: 1 });
    expect(await row(world, task.taskId)).toMatchObject({ status: 'RUNNING', sessionStop: { outcome: 'stopped' } });
  });

  test('a stop for a session that was replaced meanwhile is not noted for the new one', async () => {
    const world = createCoreWorld();
    const old = await running(world);
    world.clock.pass(1_000);
    const entry = openSession({ strategyType: 'memory', sessionId: 'new' }, world.clock.nowMs());
    await world.tasks.amend({ taskId: old.taskId, atMs: 0, whileIn: ['RUNNING'], patch: entry });

    await stopCompute(world.deps, old);

    expect(await row(world, old.taskId)).toMatchObject(entry);
    expect(await row(world, old.taskId)).not.toHaveProperty('sessionStop');
  });

  test('a note that cannot be written leaves the session open, and ends the task all the same', async () => {
    const world = createCoreWorld();
    const task = await running(world);
    jest.spyOn(world.tasks, 'amend').mockRejectedValueOnce(away);

    const { stop } = await cancelTask(world.deps, ann, task.taskId);
    expect(stop.kind).toBe('stopped');
    expect((await world.tasks.listOpenSessions({ limit: 5 })).tasks).toHaveLength(1);
    world.clock.pass(hour);
    await reconcileAll(world.deps);

    expect(await row(world, task.taskId)).toMatchObject({
      status: 'CANCELLED',
      sessionStop: { outcome: 'already_gone' },
    });
  });
});

describe('reconcileAll() with slots', () => {
  test('releases those of tasks that ended or are gone, in the queue too, and wakes who gets them', async () => {
    const world = createCoreWorld();
    const enter = async (n: number, status?: TaskStatus): Promise<void> => {
      const taskId = aTaskId(n);
      await world.slots.acquire(ann, { taskId, createdAt: formatIso(testEpochMs + n) }, slotCaps);
      const waits = status === 'QUEUED' && { admissionCallbackId: `c${String(n)}` };
      if (status !== undefined) await given(world, aTask({ taskId, status, ...waits }));
    };
    await enter(1, 'CANCELLED');
    await enter(2);
    await enter(3, 'QUEUED');
    await enter(4, 'FAILED');
    await enter(5, 'QUEUED');

    const { slots } = await reconcileAll(world.deps);

    expect(slots).toStrictEqual({ ...idle, looked: 1, did: { released: 3 }, lists: 1 });
    expect(await world.slots.inspect(ann)).toMatchObject({ holders: [aTaskId(3), aTaskId(5)], queue: [] });
    expect([...world.signals.completed.keys()].sort()).toStrictEqual(['c3', 'c5']);
    expect((await reconcileAll(world.deps)).slots.did).toStrictEqual({});
  });
});

describe('reconcileAll() as a run', () => {
  test('says what it did in one last line', async () => {
    const world = createCoreWorld();

    const report = await reconcileAll(world.deps);

    const tasks = { ...idle, lists: 6 };
    const others = { ...idle, lists: 1 };
    expect(report).toStrictEqual({ outcome: 'clean', tookMs: 0, tasks, sessions: others, slots: others });
    expect(world.logger.lines).toStrictEqual([{ level: 'info', message: 'reconciled', fields: { ...report } }]);
  });

  test('one item that fails does not stop the others, and has an id of its own', async () => {
    const world = createCoreWorld();
    for (const n of [1, 2, 3]) await running(world, n, { leaseExpiresAt: formatIso(testEpochMs) });
    world.clock.pass(hour);
    jest.spyOn(world.tasks, 'find').mockRejectedValueOnce(new Error('x'));

    const report = await reconcileAll(world.deps);

    expect(report).toMatchObject({
      outcome: 'partial',
      tasks: { looked: 3, did: { stranded: 2 }, errors: { INTERNAL_ERROR: 1 } },
    });
    expect(lastLine(world)).toMatchObject({ level: 'error', fields: { errorId: 'RECONCILE_INCOMPLETE' } });
    expect(world.logger.lines.find(({ message }) => message === 'item not reconciled')?.fields).toMatchObject({
      pass: 'tasks',
      taskId: aTaskId(1),
      code: 'INTERNAL_ERROR',
    });
  });

  test('a list that cannot be read does not stop the others', async () => {
    const world = createCoreWorld();
    jest.spyOn(world.tasks, 'listOpenSessions').mockRejectedValueOnce(away);

    const report = await reconcileAll(world.deps);

    expect(report).toMatchObject({ outcome: 'partial', sessions: { unread: 1, lists: 1 }, slots: { unread: 0 } });
  });

  test('nothing that can be read is a failure with another id', async () => {
    const world = createCoreWorld();
    jest.spyOn(world.tasks, 'listByStatus').mockRejectedValue(away);
    jest.spyOn(world.tasks, 'listOpenSessions').mockRejectedValue(new Error('x'));
    jest.spyOn(world.slots, 'listUsers').mockRejectedValue(away);

    const report = await reconcileAll(world.deps);

    expect(report).toMatchObject({ outcome: 'failed', sessions: { errors: { STORE_ERROR: 1 } } });
    expect(lastLine(world)).toMatchObject({ level: 'error', fields: { errorId: 'RECONCILE_FAILED' } });
  });

  test('takes on no more pages than it may, nor begins anything when its time is up', async () => {
    const world = createCoreWorld();
    for (const n of [1, 2, 3, 4, 5]) await running(world, n, { leaseExpiresAt: formatIso(testEpochMs) });
    world.clock.pass(hour);

    const late = await reconcileAll(world.deps, { budgetMs: 0 });
    const stopped = await reconcileAll(world.deps, { signal: AbortSignal.abort() });
    const bounded = await reconcileAll(world.deps, { bounds: { pageSize: 2, pages: 2, atOnce: 1 } });
    const rest = await reconcileAll(world.deps);

    for (const { tasks } of [late, stopped]) expect(tasks).toMatchObject({ looked: 0, more: true });
    expect(bounded.tasks).toMatchObject({ did: { stranded: 4 }, more: true });
    expect(rest.tasks).toMatchObject({ did: { stranded: 1 }, more: false });
  });

  test('two runs at once end each task once', async () => {
    const world = createCoreWorld();
    for (const n of [1, 2, 3]) await running(world, n, { leaseExpiresAt: formatIso(testEpochMs) });
    world.clock.pass(hour);

    const both = await Promise.all([reconcileAll(world.deps), reconcileAll(world.deps)]);

    expect(both.reduce((sum, { tasks }) => sum + (tasks.did.stranded ?? 0), 0)).toBe(3);
    for (const n of [1, 2, 3])
      expect(await typesOf(world, aTaskId(n))).toStrictEqual(['task_created', 'task_stranded']);
  });

  test('the rules are those that people are told', () => {
    expect(reconcileRules).toStrictEqual({
      tasks: {
        startAfterMs: 120_000,
        stayMs: 3_600_000,
        leaseMarginMs: 900_000,
        approvalMarginMs: 300_000,
        deadlineMarginMs: 3_600_000,
        rescues: 5,
        firstRetryMs: 120_000,
        longestRetryMs: 3_600_000,
      },
      sessions: { graceMs: 30_000, firstRetryMs: 30_000, longestRetryMs: 3_600_000 },
    });
  });
});

describe('outcomeOf()', () => {
  test('tells nothing done from some not done', () => {
    const [fine, unread] = [
      { errors: {}, unread: 0, lists: 1 },
      { errors: { STORE_ERROR: 1 }, unread: 1, lists: 1 },
    ];

    expect(outcomeOf([fine, fine])).toBe('clean');
    expect(outcomeOf([fine, unread])).toBe('partial');
    expect(outcomeOf([fine, { ...fine, errors: { SESSION_STOP_FAILED: 1 } }])).toBe('partial');
    expect(outcomeOf([unread, unread])).toBe('failed');
  });
});
