import { AbcaError } from '../errors/abca-error.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Logger } from '../ports/logger.ts';
import type { StopOutcome } from '../session/session-status.ts';
import type { Task } from '../task/task.ts';
import { getStrategy, type ComputeStrategies } from './preflight-task.ts';

export interface StopDeps {
  readonly strategies: ComputeStrategies;
  readonly events: EventLog;
  readonly logger: Logger;
}

/** `no_session`: the task never got a handle. `failed`: it may still run and cost money; a reconciler goes on trying. */
export type StopReport =
  StopOutcome | { readonly kind: 'no_session' } | { readonly kind: 'failed'; readonly message: string };

/**
 * End the compute of a task through the handle on its row, whatever the backend. Never rejects: that a session may still
 * run is reported, logged at error level (it is a billing leak, not a benign no-op) and told in the log of the task.
 */
export async function stopCompute(deps: StopDeps, task: Task): Promise<StopReport> {
  const handle = task.sessionHandle;
  if (handle === undefined) return { kind: 'no_session' };
  try {
    const outcome = await getStrategy(deps.strategies, handle.strategyType).stopSession(handle);
    deps.logger.info('session stop', { taskId: task.taskId, sessionId: handle.sessionId, outcome: outcome.kind });
    return outcome;
  } catch (error) {
    const { code, message } = AbcaError.wrap(error, 'SESSION_STOP_FAILED', 'session did not stop');
    deps.logger.error('session may still run', { taskId: task.taskId, sessionId: handle.sessionId, code, message });
    await tellOrphan(deps, task, { session_id: handle.sessionId, message });
    return { kind: 'failed', message };
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
