import { AbcaError } from '../errors/abca-error.ts';
import type { SessionId, TaskId } from '../ids/ids.ts';
import type { ComputeStrategy } from '../ports/compute-strategy.ts';
import type { TaskSettings } from '../repo/task-settings.ts';
import { sessionEnvironment, type PlatformSessionEnvironment } from '../session/session-environment.ts';
import { isTerminal, sessionStatuses, taskStatuses } from '../task/task-status.ts';
import type { Failure, StoredHandle, Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';
import { isSessionOpen, openSession } from '../session/session-ledger.ts';
import { getStrategy } from './preflight-task.ts';
import { stopCompute, type StopDeps } from './stop-compute.ts';

export interface StartDeps extends StopDeps {
  /** What every session of this platform is told. */
  readonly environment: PlatformSessionEnvironment;
}

export type StartOutcome =
  | { readonly kind: 'started' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The task ended while its session was started; the session was stopped again. */
  | { readonly kind: 'ended' };

type StartAttempt =
  { readonly kind: 'up'; readonly handle: StoredHandle } | { readonly kind: 'failed'; readonly failure: Failure };

interface StartPlan {
  /** From 1; counts the tries of the step. */
  readonly attempt: number;
  readonly task: Task & { readonly sessionId: SessionId };
  readonly settings: TaskSettings;
}

/**
 * Start the session that the row already names, then record it: HYDRATING → RUNNING with the handle and
 * `session_started`. Repeating it after a crash at any point starts nothing twice. A session whose record cannot be
 * written is stopped again: nobody would ever find it.
 *
 * @param callbackId durable callback that the session completes when it ends
 * @throws AbcaError SERVICE_UNAVAILABLE or SESSION_START_FAILED, when a repetition may succeed
 */
export async function startTaskSession(
  deps: StartDeps,
  taskId: TaskId,
  start: {
    readonly settings: TaskSettings;
    readonly baseBranch: string;
    readonly callbackId: string;
    /** From 1; told in the event of a start that is tried again. */
    readonly attempt?: number;
  },
): Promise<StartOutcome> {
  const { settings, baseBranch, callbackId, attempt = 1 } = start;
  const noted = await deps.tasks.amend({
    taskId,
    atMs: deps.clock.nowMs(),
    whileIn: sessionStatuses,
    patch: { settings, baseBranch, sessionCallbackId: callbackId, computeType: settings.computeType },
  });
  if (noted.kind === 'absent' || noted.task.sessionId === undefined) return { kind: 'ended' };
  const plan = { task: { ...noted.task, sessionId: noted.task.sessionId }, settings, attempt };
  const strategy = getStrategy(deps.strategies, settings.computeType);
  if (noted.kind === 'lost') return stopUnrecorded(deps, strategy, plan);
  const started = await tryStart(deps, strategy, plan);
  return started.kind === 'failed' ? started : recordOrStop(deps, strategy, plan, started.handle);
}

async function tryStart(
  deps: StartDeps,
  strategy: ComputeStrategy,
  { task, settings, attempt }: StartPlan,
): Promise<StartAttempt> {
  const { taskId, sessionId, generation } = task;
  try {
    const handle = await strategy.startSession({
      taskId,
      sessionId,
      generation,
      compute: settings.compute,
      environment: sessionEnvironment(deps.environment, task),
    });
    return { kind: 'up', handle };
  } catch (error) {
    const failed = AbcaError.wrap(error, 'SESSION_START_FAILED', 'session did not start');
    if (failed.retryable) {
      await tellRetry(deps, task, attempt, failed.message);
      throw failed;
    }
    return { kind: 'failed', failure: { code: failed.code, message: failed.message } };
  }
}

/**
 * For people who wait: why it takes longer. A start must not fail for this event. It goes with a condition on the row: a
 * task that was cancelled meanwhile has told its last.
 */
async function tellRetry(deps: StartDeps, { taskId }: Task, attempt: number, message: string): Promise<void> {
  const events = [{ eventType: 'session_start_retry', metadata: { attempt, message } } as const];
  try {
    await deps.tasks.amend({ taskId, atMs: deps.clock.nowMs(), whileIn: sessionStatuses, patch: {}, events });
  } catch (error) {
    deps.logger.warn('start retry not told', { taskId, error });
  }
}

async function recordOrStop(
  deps: StartDeps,
  strategy: ComputeStrategy,
  { task }: StartPlan,
  handle: StoredHandle,
): Promise<StartOutcome> {
  try {
    if (await recordStart(deps, task, handle)) {
      deps.logger.info('session started', {
        taskId: task.taskId,
        sessionId: handle.sessionId,
        computeType: strategy.type,
      });
      return { kind: 'started' };
    }
  } catch (error) {
    await abandon(deps, task, handle);
    const { code, message } = AbcaError.wrap(error, 'STORE_ERROR', 'the started session could not be recorded');
    return { kind: 'failed', failure: { code, message } };
  }
  await abandon(deps, task, handle);
  return { kind: 'ended' };
}

/** Stop a session that is not the task's. Its handle goes on the row first, so that one that does not stop can be found. */
async function abandon(deps: StartDeps, task: StartPlan['task'], sessionHandle: StoredHandle): Promise<void> {
  const { taskId, sessionId, generation } = task;
  const mine = { whileIn: taskStatuses, expectSession: { sessionId, generation } };
  const atMs = deps.clock.nowMs();
  const entry = openSession(sessionHandle, atMs);
  try {
    await deps.tasks.amend({ taskId, atMs, ...mine, patch: entry });
  } catch (error) {
    deps.logger.error('handle of an abandoned session not written', { taskId, error });
  }
  await stopCompute(deps, { ...task, ...entry });
}

/**
 * The task ended between two tries. The row shows that a first try got as far as the start, and no handle: a session may
 * run that nobody can stop. Asking for it again gives its handle.
 */
async function stopUnrecorded(deps: StartDeps, strategy: ComputeStrategy, plan: StartPlan): Promise<StartOutcome> {
  const { task } = plan;
  if (!isTerminal(task.status) || task.sessionCallbackId === undefined || task.sessionHandle !== undefined) {
    return { kind: 'ended' };
  }
  const found = await tryStart(deps, strategy, plan);
  if (found.kind === 'up') await abandon(deps, task, found.handle);
  return { kind: 'ended' };
}

/** Whether the row shows the session as the task's own, now or since an earlier try. */
async function recordStart(deps: StartDeps, task: StartPlan['task'], sessionHandle: StoredHandle): Promise<boolean> {
  const { taskId, sessionId, generation } = task;
  const atMs = deps.clock.nowMs();
  const expectSession = { sessionId, generation };
  const moved = await deps.tasks.transition({
    taskId,
    from: 'HYDRATING',
    to: 'RUNNING',
    atMs,
    expectSession,
    patch: { ...openSession(sessionHandle, atMs), startedAt: formatIso(atMs) },
    events: [
      { eventType: 'session_started', metadata: { session_id: sessionId, compute_type: sessionHandle.strategyType } },
    ],
  });
  if (moved.kind === 'moved') return true;
  if (moved.kind === 'absent' || moved.task.sessionId !== sessionId) return false;
  // One whose end was proven meanwhile is not taken for up: the start may have brought it up again.
  if (moved.task.sessionHandle !== undefined) return isSessionOpen(moved.task);
  // The session was faster than this write: it waits for an approval already.
  const amended = await deps.tasks.amend({
    taskId,
    atMs,
    whileIn: sessionStatuses,
    expectSession,
    patch: openSession(sessionHandle, atMs),
  });
  return amended.kind === 'moved';
}
