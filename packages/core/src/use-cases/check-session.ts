import { AbcaError } from '../errors/abca-error.ts';
import type { TaskId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import { interpretRow, interpretSession, type SessionVerdict } from '../session/interpret-session.ts';
import type { SessionStatus } from '../session/session-status.ts';
import { sessionStatuses } from '../task/task-status.ts';
import type { Failure, StoredHandle, Task } from '../task/task.ts';
import { parseIso } from '../time/iso-time.ts';
import { getStrategy, type ComputeStrategies } from './preflight-task.ts';

/** How long a result that may be in flight is waited for, in milliseconds. */
const resultGraceMs = 1_000;
/** Between tries of a poll that failed, in milliseconds. */
const pollRetryMs = 1_000;

export interface CheckDeps {
  readonly tasks: TaskRepository;
  readonly strategies: ComputeStrategies;
  readonly clock: Clock;
  readonly logger: Logger;
}

export type CheckOutcome =
  | { readonly kind: 'finalize' }
  | { readonly kind: 'give_up'; readonly failure: Failure } /** It lives. `remainingMs` until its deadline. */
  | { readonly kind: 'wait'; readonly remainingMs: number };

/** Look after a session whose heartbeat was lost: row first, substrate second. */
export async function checkSession(deps: CheckDeps, taskId: TaskId): Promise<CheckOutcome> {
  const task = await deps.tasks.find(taskId);
  if (task === undefined) return { kind: 'finalize' };
  const told = interpretRow(task, deps.clock.nowMs());
  if (told !== undefined) return told;
  const seen = await observe(deps, task);
  if ('failure' in seen) return { kind: 'give_up', failure: seen.failure };
  const nowMs = deps.clock.nowMs();
  const verdict = interpretSession(task, seen.status, nowMs);
  if (verdict.kind === 'recheck') return recheck(deps, taskId, verdict);
  return verdict.kind === 'wait' ? { kind: 'wait', remainingMs: parseIso(task.deadlineAt) - nowMs } : verdict;
}

/**
 * Tell the session of a callback that replaces the one that timed out. It learns of it when it next renews its lease.
 *
 * @returns `over` when the session is not to be waited for any more
 */
export async function adoptCallback(
  deps: Pick<CheckDeps, 'tasks' | 'clock'>,
  taskId: TaskId,
  sessionCallbackId: string,
): Promise<{ readonly kind: 'adopted' | 'over' }> {
  const atMs = deps.clock.nowMs();
  const result = await deps.tasks.amend({ taskId, atMs, whileIn: sessionStatuses, patch: { sessionCallbackId } });
  return { kind: result.kind === 'moved' && result.task.result === undefined ? 'adopted' : 'over' };
}

async function recheck(
  { tasks, clock }: CheckDeps,
  taskId: TaskId,
  { failure }: Extract<SessionVerdict, { kind: 'recheck' }>,
): Promise<CheckOutcome> {
  await clock.sleep(resultGraceMs);
  const task = await tasks.find(taskId);
  const arrived =
    task === undefined || task.result !== undefined || !(sessionStatuses as readonly string[]).includes(task.status);
  return arrived ? { kind: 'finalize' } : { kind: 'give_up', failure };
}

async function observe(deps: CheckDeps, task: Task): Promise<{ status: SessionStatus } | { failure: Failure }> {
  const handle = task.sessionHandle;
  if (handle === undefined) return { status: { kind: 'unobservable' } };
  for (let failures = 1; ; failures += 1) {
    const polled = await pollOnce(deps, handle);
    if ('status' in polled) return polled;
    if (!polled.retryable || failures >= limits.pollFailures) {
      deps.logger.error('session could not be polled', { taskId: task.taskId, ...polled.failure, failures });
      return { failure: polled.failure };
    }
    await deps.clock.sleep(pollRetryMs * failures);
  }
}

async function pollOnce(
  { strategies }: CheckDeps,
  handle: StoredHandle,
): Promise<{ status: SessionStatus } | { failure: Failure; retryable: boolean }> {
  try {
    return { status: await getStrategy(strategies, handle.strategyType).pollSession(handle) };
  } catch (error) {
    const { code, message, retryable } = AbcaError.wrap(error, 'SESSION_POLL_FAILED', 'session could not be polled');
    return { failure: { code, message }, retryable };
  }
}
