import { milestoneEvent } from '../events/milestones.ts';
import type { NewTaskEvent } from '../events/task-event.ts';
import type { TaskId, UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { SessionSignals } from '../ports/session-signals.ts';
import type { SlotRepository } from '../ports/slot-repository.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import { isEdge, isTerminal, type TaskStatus } from '../task/task-status.ts';
import type { Failure, Task, TaskPatch } from '../task/task.ts';
import { parseIso } from '../time/iso-time.ts';

export interface SlotDeps {
  readonly tasks: TaskRepository;
  readonly slots: SlotRepository;
  readonly signals: SessionSignals;
  readonly logger: Logger;
}

export interface EndDeps extends SlotDeps {
  readonly clock: Clock;
}

/** How slots are shared out: one place for all who acquire or release. */
export const slotCaps = { slots: limits.slotsPerUser, queued: limits.queuedPerUser };

/**
 * Give the slot of an ended task back and wake whoever got it. Repeating it is harmless, and needed after a crash: it wakes
 * every holder that still stands in the queue's status, not only those that this very call promoted.
 */
export async function releaseSlotOf(deps: SlotDeps, userId: UserId, taskId: TaskId): Promise<void> {
  await deps.slots.release(userId, taskId, slotCaps);
  const holding = await findHolders(deps, userId);
  const stale = holding.filter((task) => isTerminal(task.status) && task.taskId !== taskId);
  for (const task of stale) await deps.slots.release(userId, task.taskId, slotCaps);
  const awake = stale.length === 0 ? holding : await findHolders(deps, userId);
  await Promise.all(awake.map((task) => wake(deps, task)));
}

/** One that ended while it was queued, and whose end was cut short, is promoted later and would hold its slot for nothing. */
async function findHolders({ slots, tasks }: SlotDeps, userId: UserId): Promise<readonly Task[]> {
  const { holders } = await slots.inspect(userId);
  const found = await Promise.all(holders.map((holder) => tasks.find(holder)));
  return found.filter((task) => task !== undefined);
}

async function wake({ signals, logger }: SlotDeps, { taskId, status, admissionCallbackId }: Task): Promise<void> {
  if (status !== 'QUEUED' || admissionCallbackId === undefined) return;
  const result = await signals.complete(admissionCallbackId, { reason: 'slot_granted' });
  logger.debug('queued task woken', { taskId, result: result.kind });
}

/** What a task is ended with. */
export interface Ending {
  readonly to: 'FAILED' | 'CANCELLED' | 'TIMED_OUT' | 'COMPLETED';
  readonly patch?: TaskPatch;
  readonly events: readonly NewTaskEvent[];
}

export type EndResult =
  | { readonly kind: 'ended'; readonly task: Task }
  /** It had ended before, or stands where this ending may not reach it. */
  | { readonly kind: 'not_reached'; readonly task: Task }
  | { readonly kind: 'absent' };

/**
 * Move a task to a terminal status from wherever it stands, following it while others move it. Exactly one caller ever
 * gets `ended`, and only that one's events are written.
 */
export async function moveToEnd(
  deps: Pick<EndDeps, 'tasks' | 'clock'>,
  taskId: TaskId,
  ending: Ending,
): Promise<EndResult> {
  let seen = await deps.tasks.find(taskId);
  while (seen !== undefined) {
    if (isTerminal(seen.status) || !isEdge(seen.status, ending.to)) return { kind: 'not_reached', task: seen };
    const atMs = deps.clock.nowMs();
    const events = [...strandedEvents(seen, ending.to, atMs), ...ending.events];
    const result = await deps.tasks.transition({ taskId, from: seen.status, atMs, ...ending, events });
    if (result.kind === 'moved') return { kind: 'ended', task: result.task };
    seen = result.kind === 'lost' ? result.task : undefined;
  }
  return { kind: 'absent' };
}

/** For whoever shows the request to somebody: nobody acts on it any more. */
export function strandedEvents(task: Task, to: Ending['to'], atMs: number): readonly NewTaskEvent[] {
  const { awaitingApprovalRequestId: requestId, statusCreatedAt } = task;
  if (requestId === undefined) return [];
  const ageS = Math.max(0, Math.round((atMs - parseIso(statusCreatedAt)) / 1000));
  const reason = `the task ended as ${to} before the answer`;
  return [milestoneEvent('approval_stranded', { request_id: requestId, age_s: ageS, reason })];
}

/**
 * Fail a task from whatever status it is in, with its terminal event, and free its slot.
 *
 * @param events told before the terminal one
 * @returns the status the task ended with: another one when somebody else was first
 */
export async function failTask(
  deps: EndDeps,
  taskId: TaskId,
  failure: Failure,
  events: readonly NewTaskEvent[] = [],
): Promise<TaskStatus | undefined> {
  const result = await moveToEnd(deps, taskId, {
    to: 'FAILED',
    patch: { failure },
    events: [...events, { eventType: 'task_failed', metadata: failure }],
  });
  if (result.kind === 'absent') return undefined;
  await releaseSlotOf(deps, result.task.userId, taskId);
  return result.task.status;
}
