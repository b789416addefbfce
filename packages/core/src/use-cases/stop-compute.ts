import { AbcaError } from '../errors/abca-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Logger } from '../ports/logger.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import { lastStopOf, noteEnd, provenEndOf, type SessionEnd } from '../session/session-ledger.ts';
import type { StopOutcome } from '../session/session-status.ts';
import type { Failure, StoredHandle, Task } from '../task/task.ts';
import { getStrategy, type ComputeStrategies } from './preflight-task.ts';

export interface StopDeps {
  readonly strategies: ComputeStrategies;
  readonly tasks: TaskRepository;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `no_session`: the task never got a handle. `failed`: it may still run and cost money; a reconciler goes on trying. */
export type StopReport =
  StopOutcome | { readonly kind: 'no_session' } | ({ readonly kind: 'failed' } & Readonly<Failure>);

/**
 * End the compute of a task through the handle on its row, whatever the backend, and note in the ledger what was learned.
 * An end that was proven before is told again, and the substrate is not asked. Never rejects: that a session may still run
 * is reported, logged at error level (it is a billing leak, not a benign no-op) and told in the log of the task.
 */
export async function stopCompute(deps: StopDeps, task: Task): Promise<StopReport> {
  const handle = task.sessionHandle;
  if (handle === undefined) return { kind: 'no_session' };
  const proven = provenEndOf(task);
  if (proven !== undefined) return proven;
  const end = await tryStop(deps, task, handle);
  await noteSessionEnd(deps, task, end);
  return end.kind === 'failed' ? { kind: 'failed', ...end.failure } : end;
}

async function tryStop(
  deps: StopDeps,
  task: Task,
  handle: StoredHandle,
): Promise<Exclude<SessionEnd, { kind: 'ended' }>> {
  const { taskId } = task;
  const { sessionId } = handle;
  try {
    const outcome = await getStrategy(deps.strategies, handle.strategyType).stopSession(handle);
    deps.logger.info('session stop', { taskId, sessionId, outcome: outcome.kind });
    return outcome;
  } catch (error) {
    const { code, message } = AbcaError.wrap(error, 'SESSION_STOP_FAILED', 'session did not stop');
    deps.logger.error('session may still run', { taskId, sessionId, code, message });
    // Told once: the log of a task is not the place to count a reconciler's tries.
    if (lastStopOf(task)?.outcome !== 'failed') await tellOrphan(deps, task, { session_id: sessionId, message });
    return { kind: 'failed', failure: { code, message } };
  }
}

/** Note what was learned of a session. The end of a task must not fail for it: the entry then stays open, and is looked at again. */
export async function noteSessionEnd(
  { tasks, clock, logger }: Pick<StopDeps, 'tasks' | 'clock' | 'logger'>,
  task: Task,
  end: SessionEnd,
): Promise<void> {
  try {
    await tasks.amend(noteEnd(task, end, clock.nowMs()));
  } catch (error) {
    logger.error('end of session not noted', { taskId: task.taskId, outcome: end.kind, error });
  }
}

/** The end of a task must not fail for this event: the slot would stay taken. */
async function tellOrphan(
  { events, logger }: StopDeps,
  task: Task,
  metadata: { readonly session_id: string; readonly message: string },
): Promise<void> {
  try {
    await events.append(task, [{ eventType: 'task_cancel_compute_orphan', metadata }]);
  } catch (error) {
    logger.error('orphan event not written', { taskId: task.taskId, error });
  }
}
