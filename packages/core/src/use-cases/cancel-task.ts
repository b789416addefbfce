import { AbcaError } from '../errors/abca-error.ts';
import type { TaskId, UserId } from '../ids/ids.ts';
import { isTerminal } from '../task/task-status.ts';
import type { Task } from '../task/task.ts';
import { moveToEnd, releaseSlotOf, type EndDeps } from './end-task.ts';
import { stopCompute, type StopDeps, type StopReport } from './stop-compute.ts';

export interface CancelDeps extends EndDeps, StopDeps {}

/**
 * Cancel a task of the caller in any state but FINALIZING: flip it, stop its compute and say how that was proven, free its
 * slot, wake its workflow. Repeated after a failure in between, it is refused as ended, and what was left undone is done.
 *
 * @throws AbcaError TASK_NOT_FOUND (also for somebody else's: no oracle), TASK_ALREADY_TERMINAL, TASK_FINALIZING,
 *   SERVICE_UNAVAILABLE (retryable)
 */
export async function cancelTask(
  deps: CancelDeps,
  userId: UserId,
  taskId: TaskId,
): Promise<{ readonly task: Task; readonly stop: StopReport }> {
  const owned = await deps.tasks.find(taskId);
  if (owned === undefined || owned.userId !== userId) throw notFound(taskId);
  const result = await moveToEnd(deps, taskId, {
    to: 'CANCELLED',
    events: [{ eventType: 'task_cancelled', metadata: { by: userId } }],
  });
  if (result.kind === 'absent') throw notFound(taskId);
  const { task } = result;
  if (result.kind === 'not_reached' && task.status !== 'CANCELLED') throw refusal(task);
  const stop = await stopCompute(deps, task);
  await releaseSlotOf(deps, userId, taskId);
  await wakeWorkflow(deps, task, 'cancelled');
  if (result.kind === 'not_reached') throw refusal(task);
  return { task, stop };
}

/** The workflow waits on one of two callbacks; when it comes to look, it finds the task ended, or its result. */
export async function wakeWorkflow(
  { signals }: Pick<EndDeps, 'signals'>,
  task: Task,
  reason: 'cancelled' | 'reconciled',
): Promise<void> {
  const waitsOn = task.sessionCallbackId ?? task.admissionCallbackId;
  if (waitsOn !== undefined) await signals.complete(waitsOn, { reason });
}

/** The error for a task that is not there, or not the caller's. */
export function notFound(taskId: string): AbcaError {
  return new AbcaError('TASK_NOT_FOUND', `you have no task ${taskId}; list yours with: bgagent list`);
}

/** The error for a task that cannot be spoken to or cancelled any more. */
export function refusal(task: Task): AbcaError {
  return isTerminal(task.status)
    ? new AbcaError('TASK_ALREADY_TERMINAL', `task ${task.taskId} has already ended as ${task.status}`)
    : new AbcaError('TASK_FINALIZING', `task ${task.taskId} is being finalized and ends by itself within moments`);
}
