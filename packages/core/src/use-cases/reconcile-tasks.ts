import type { ApprovalRepository } from '../ports/approval-repository.ts';
import type { TaskExecutions } from '../ports/task-executions.ts';
import { judgeTask, type StrandedRules, type StrandedVerdict } from '../session/stranded-rules.ts';
import { isTerminal, taskStatuses } from '../task/task-status.ts';
import type { Failure, Task } from '../task/task.ts';
import { formatIso, parseIso } from '../time/iso-time.ts';
import { wakeWorkflow } from './cancel-task.ts';
import { releaseSlotOf, strandedEvents, type EndDeps } from './end-task.ts';
import { runPass, type PassBounds, type PassReport, type Tended } from './reconcile-pass.ts';
import { stopCompute, type StopDeps } from './stop-compute.ts';

export interface ReconcileTasksDeps extends EndDeps, StopDeps {
  readonly executions: TaskExecutions;
  readonly approvals: Pick<ApprovalRepository, 'find'>;
}

/** `started`, `woken`: its workflow was set going. `stranded`: it was ended. */
export type TaskRescue = 'started' | 'woken' | 'stranded';

/** When tasks count as stranded. */
export interface StrandedLimits {
  readonly rules: StrandedRules;
  /** See `StrandedCase`. */
  readonly aliveSinceMs: number;
}

/**
 * Look after tasks that nobody looks after any more: set their workflow going where that may help, else end them, with their
 * compute, their open request and their slot. A task whose result is on the row is its workflow's to finalize.
 */
export function reconcileTasks(
  deps: ReconcileTasksDeps,
  limits: StrandedLimits,
  bounds: PassBounds,
): Promise<PassReport<TaskRescue>> {
  const active = taskStatuses.filter((status) => !isTerminal(status));
  return runPass(
    deps,
    {
      name: 'tasks',
      lists: active.map((status) => async (query) => {
        const { tasks, ...next } = await deps.tasks.listByStatus({ status, ...query });
        return { items: tasks, ...next };
      }),
      tend: (task: Task) => tendTask(deps, limits, task),
      idOf: ({ taskId }) => ({ taskId }),
    },
    bounds,
  );
}

/** The list may lag: it only says whom to look at. What is done rests on the row as it is. */
async function tendTask(
  deps: ReconcileTasksDeps,
  limits: StrandedLimits,
  { taskId, ...listed }: Task,
): Promise<Tended<TaskRescue>> {
  const nowMs = deps.clock.nowMs();
  if (judgeTask({ task: { taskId, ...listed }, nowMs, ...limits }).kind === 'leave') return { kind: 'left' };
  const task = await deps.tasks.find(taskId);
  if (task === undefined) return { kind: 'left' };
  const approvalExpiresMs = await findExpiry(deps, task);
  const verdict = judgeTask({ task, nowMs, ...limits, ...(approvalExpiresMs !== undefined && { approvalExpiresMs }) });
  return actOn(deps, task, verdict);
}

async function findExpiry({ approvals }: ReconcileTasksDeps, task: Task): Promise<number | undefined> {
  const { taskId, awaitingApprovalRequestId: requestId } = task;
  if (requestId === undefined) return undefined;
  const approval = await approvals.find({ taskId, requestId });
  return approval && parseIso(approval.expiresAt);
}

async function actOn(deps: ReconcileTasksDeps, task: Task, verdict: StrandedVerdict): Promise<Tended<TaskRescue>> {
  switch (verdict.kind) {
    case 'leave':
      return { kind: 'left' };
    case 'start':
      await deps.executions.start(task.taskId);
      return noteRescue(deps, task, 'started');
    case 'wake':
      await deps.executions.start(task.taskId);
      await wakeWorkflow(deps, task, 'reconciled');
      return noteRescue(deps, task, 'woken');
    case 'fail':
      return endStranded(deps, task, verdict.failure);
    default:
      return verdict satisfies never;
  }
}

/** Counted after it was done: a workflow engine that is away must not use up the tries. */
async function noteRescue(
  { tasks, clock }: ReconcileTasksDeps,
  { taskId, status, statusCreatedAt, rescue }: Task,
  did: TaskRescue,
): Promise<Tended<TaskRescue>> {
  const before = rescue !== undefined && rescue.at >= statusCreatedAt ? rescue.attempts : 0;
  const atMs = clock.nowMs();
  const patch = { rescue: { attempts: before + 1, at: formatIso(atMs) } };
  await tasks.amend({ taskId, atMs, whileIn: [status], patch });
  return { kind: 'done', did };
}

/** Only from where it was seen: one that moved on is looked after by somebody. */
async function endStranded(deps: ReconcileTasksDeps, task: Task, failure: Failure): Promise<Tended<TaskRescue>> {
  const { taskId, status, sessionId, generation, awaitingApprovalRequestId: expectRequest } = task;
  const atMs = deps.clock.nowMs();
  const moved = await deps.tasks.transition({
    taskId,
    from: status,
    to: 'FAILED',
    atMs,
    patch: { failure },
    events: [...strandedEvents(task, 'FAILED', atMs), { eventType: 'task_stranded', metadata: failure }],
    ...(sessionId !== undefined && { expectSession: { sessionId, generation } }),
    ...(expectRequest !== undefined && { expectRequest }),
  });
  if (moved.kind !== 'moved') return { kind: 'left' };
  deps.logger.warn('stranded task ended', { taskId, status, ...failure });
  await stopCompute(deps, moved.task);
  await releaseSlotOf(deps, task.userId, taskId);
  await wakeWorkflow(deps, task, 'reconciled');
  return { kind: 'done', did: 'stranded' };
}
