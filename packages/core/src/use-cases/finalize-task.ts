import { readLog } from '../events/read-log.ts';
import type { NewTaskEvent } from '../events/task-event.ts';
import type { TaskId } from '../ids/ids.ts';
import { getForge, type Forges } from '../forge/forges.ts';
import { computeReceipt, decideEnd, unverifiedReceipt, wipRefOf, type TaskEnd } from '../receipt/compute-receipt.ts';
import { summarizeGate } from '../receipt/gate-summary.ts';
import { isTerminal, type TaskStatus } from '../task/task-status.ts';
import { branchNameOf } from '../task/branch-name.ts';
import { isReadOnly, type Failure, type Receipt, type Task } from '../task/task.ts';
import type { TaskSettings } from '../repo/task-settings.ts';
import { failTask, moveToEnd, releaseSlotOf, type EndDeps } from './end-task.ts';
import { stopCompute, type StopDeps } from './stop-compute.ts';

export interface FinalizeDeps extends EndDeps, StopDeps {
  readonly forges: Forges;
}

/**
 * End a task whose session is over or given up: stop what may still run, look at the remote, write the receipt and the
 * terminal status, free the slot. May be repeated after a crash at any point.
 *
 * @param failure why the session was given up, if it was
 * @returns the terminal status; `undefined` when the task does not exist
 * @throws AbcaError SERVICE_UNAVAILABLE (retryable) when the forge does not answer
 */
export async function finalizeTask(
  deps: FinalizeDeps,
  taskId: TaskId,
  settings: TaskSettings,
  failure?: Failure,
): Promise<TaskStatus | undefined> {
  const task = await enterFinalizing(deps, taskId, failure);
  if (task === undefined) return undefined;
  // Before the evidence is gathered: a session that was given up must not push behind its back.
  await stopCompute(deps, task);
  if (isTerminal(task.status)) {
    await releaseSlotOf(deps, task.userId, taskId);
    return task.status;
  }
  const receipt = await gatherReceipt(deps, task, settings);
  return writeEnd(deps, task, receipt, decideEnd(task, receipt, task.failure));
}

/**
 * {@link finalizeTask} for a remote that could not be read in all the time there was: the task ends without confirmation, with
 * the cause it had, else with this one.
 *
 * @param unreadable why the remote could not be read
 */
export async function finalizeUnverified(
  deps: FinalizeDeps,
  taskId: TaskId,
  unreadable: Failure,
): Promise<TaskStatus | undefined> {
  const task = await enterFinalizing(deps, taskId, undefined);
  if (task === undefined) return undefined;
  await stopCompute(deps, task);
  if (isTerminal(task.status)) {
    await releaseSlotOf(deps, task.userId, taskId);
    return task.status;
  }
  const receipt = unverifiedReceipt(task, task.baseBranch ?? 'main', unreadable.message, deps.clock.nowMs());
  const cause = task.failure ?? task.result?.failure ?? unreadable;
  return writeEnd(deps, task, receipt, decideEnd(task, receipt, cause));
}

/** FINALIZING, with the reason on the row so that a repetition knows it; or the task as it ended elsewhere. */
async function enterFinalizing(
  deps: FinalizeDeps,
  taskId: TaskId,
  failure: Failure | undefined,
): Promise<Task | undefined> {
  let task = await deps.tasks.find(taskId);
  while (task !== undefined && !isTerminal(task.status) && task.status !== 'FINALIZING') {
    if (task.status !== 'RUNNING') {
      await failTask(deps, taskId, failure ?? endedEarly(task));
      return deps.tasks.find(taskId);
    }
    const result = await deps.tasks.transition({
      taskId,
      from: 'RUNNING',
      to: 'FINALIZING',
      atMs: deps.clock.nowMs(),
      patch: { ...(failure && { failure }) },
      events: [],
    });
    task = result.kind === 'absent' ? undefined : result.task;
  }
  return task;
}

function endedEarly(task: Task): Failure {
  return { code: 'SESSION_ENDED_WITHOUT_RESULT', message: `the session ended while the task was ${task.status}` };
}

async function gatherReceipt(deps: FinalizeDeps, task: Task, settings: TaskSettings): Promise<Receipt> {
  const baseBranch = task.baseBranch ?? 'main';
  const evidence = await getForge(deps.forges, settings.forge).gatherEvidence({
    repo: task.repo,
    cloneUrl: settings.cloneUrl,
    taskId: task.taskId,
    // A name that the remote does not have, for a task that delivers no branch.
    branch: task.branch ?? branchNameOf(task),
    baseBranch,
    wipRef: wipRefOf(task.taskId),
    ...(isReadOnly(task.taskType) && task.prNumber !== undefined && { reviewOf: task.prNumber }),
  });
  const receipt = computeReceipt(task, baseBranch, evidence, deps.clock.nowMs());
  const gate = summarizeGate(await readLog(deps.events, { taskId: task.taskId }));
  return { ...receipt, ...(gate && { gate }) };
}

async function writeEnd(
  deps: FinalizeDeps,
  task: Task,
  receipt: Receipt,
  end: TaskEnd,
): Promise<TaskStatus | undefined> {
  const result = await moveToEnd(deps, task.taskId, {
    to: end.status,
    patch: { receipt, ...(end.status !== 'COMPLETED' && { failure: end.failure }) },
    events: [terminalEvent(task, receipt, end)],
  });
  await releaseSlotOf(deps, task.userId, task.taskId);
  return result.kind === 'absent' ? undefined : result.task.status;
}

function terminalEvent(task: Task, receipt: Receipt, end: TaskEnd): NewTaskEvent {
  switch (end.status) {
    case 'COMPLETED':
      return { eventType: 'task_completed', metadata: completedMetadata(task, receipt) };
    case 'TIMED_OUT':
      return { eventType: 'task_timed_out', metadata: end.failure };
    case 'FAILED':
      return { eventType: 'task_failed', metadata: { ...end.failure, outcome: receipt.outcome } };
    default:
      return end satisfies never;
  }
}

function completedMetadata(
  task: Task,
  receipt: Receipt,
): Extract<NewTaskEvent, { eventType: 'task_completed' }>['metadata'] {
  return {
    outcome: receipt.outcome,
    ...(receipt.branch !== undefined && { branch: receipt.branch }),
    ...(receipt.headSha !== undefined && { head_sha: receipt.headSha }),
    ...(receipt.prUrl !== undefined && { pr_url: receipt.prUrl }),
    ...(receipt.reviewUrl !== undefined && { review_url: receipt.reviewUrl }),
    turns: task.result?.turns ?? 0,
    cost_usd: task.result?.costUsd ?? 0,
  };
}
