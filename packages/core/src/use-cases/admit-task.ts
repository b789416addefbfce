import type { TaskId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { SlotRepository } from '../ports/slot-repository.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import type { Failure, Task } from '../task/task.ts';
import { parseIso } from '../time/iso-time.ts';
import { slotCaps } from './end-task.ts';

export interface AdmitDeps {
  readonly tasks: TaskRepository;
  readonly slots: SlotRepository;
  readonly clock: Clock;
}

export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'queued' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The task ended meanwhile. */
  | { readonly kind: 'ended' };

/** Ask for a slot. A task that is told `queued` has its place, and creates the callback that will wake it. */
export async function requestAdmission(deps: AdmitDeps, taskId: TaskId): Promise<Admission> {
  const task = await deps.tasks.find(taskId);
  if (task === undefined || (task.status !== 'SUBMITTED' && task.status !== 'QUEUED')) return { kind: 'ended' };
  const overdue = deps.clock.nowMs() - parseIso(task.createdAt) >= limits.queueMs;
  const { decision } = await deps.slots.acquire(task.userId, { taskId, createdAt: task.createdAt }, slotCaps);
  if (decision.kind === 'granted') return leaveQueue(deps, task);
  if (decision.kind === 'queue_full') return { kind: 'failed', failure: queueFull(decision.limit) };
  return overdue ? { kind: 'failed', failure: queueTimeout } : { kind: 'queued' };
}

/**
 * Note where to wake the task, then look once more: a slot that was granted before the note was written woke nobody.
 *
 * @param callbackId durable callback that a freed slot completes
 */
export async function waitInQueue(deps: AdmitDeps, taskId: TaskId, callbackId: string): Promise<Admission> {
  const task = await deps.tasks.find(taskId);
  if (task === undefined) return { kind: 'ended' };
  const { decision } = await deps.slots.acquire(task.userId, { taskId, createdAt: task.createdAt }, slotCaps);
  // Nothing to wait for: a task that has its slot by now, after a crash for one, is not told to be queued again.
  if (decision.kind !== 'queued') return requestAdmission(deps, taskId);
  const noted = await noteQueued(deps, task, callbackId, decision.position);
  return noted ? requestAdmission(deps, taskId) : { kind: 'ended' };
}

async function noteQueued(
  deps: AdmitDeps,
  task: Task,
  admissionCallbackId: string,
  position: number,
): Promise<boolean> {
  const { taskId } = task;
  const atMs = deps.clock.nowMs();
  const patch = { admissionCallbackId };
  if (task.status === 'QUEUED') {
    return (await deps.tasks.amend({ taskId, patch, atMs, whileIn: ['QUEUED'] })).kind === 'moved';
  }
  if (task.status !== 'SUBMITTED') return false;
  const moved = await deps.tasks.transition({
    taskId,
    from: 'SUBMITTED',
    to: 'QUEUED',
    atMs,
    patch,
    events: [{ eventType: 'admission_queued', metadata: { position } }],
  });
  return moved.kind === 'moved' || (moved.kind === 'lost' && moved.task.status === 'QUEUED');
}

async function leaveQueue(deps: AdmitDeps, task: Task): Promise<Admission> {
  if (task.status === 'SUBMITTED') return { kind: 'admitted' };
  const moved = await deps.tasks.transition({
    taskId: task.taskId,
    from: 'QUEUED',
    to: 'SUBMITTED',
    atMs: deps.clock.nowMs(),
    events: [{ eventType: 'admission_granted', metadata: {} }],
  });
  const admitted = moved.kind === 'moved' || (moved.kind === 'lost' && moved.task.status === 'SUBMITTED');
  return admitted ? { kind: 'admitted' } : { kind: 'ended' };
}

const queueTimeout: Failure = {
  code: 'QUEUE_TIMEOUT',
  message: `no slot became free within ${String(limits.queueMs / 3_600_000)} hours; submit the task again when fewer are running`,
};

function queueFull(limit: number): Failure {
  return {
    code: 'QUEUE_FULL',
    message: `${String(limit)} tasks are waiting already; submit again when some have ended`,
  };
}
