import { isTerminalEvent, type EventType } from '../events/event-registry.ts';
import type { TaskId } from '../ids/ids.ts';
import type { SlotRepository } from '../ports/slot-repository.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import type { QueueEntry, SlotCaps } from '../slots/slot-ledger.ts';
import { isEdge, isTerminal, slotStatuses, type TaskStatus } from '../task/task-status.ts';
import { ann, logOf, row, type CoreWorld } from './core-world.test-kit.ts';

const terminalEventOf: Partial<Record<TaskStatus, EventType>> = {
  COMPLETED: 'task_completed',
  FAILED: 'task_failed',
  CANCELLED: 'task_cancelled',
  TIMED_OUT: 'task_timed_out',
};

/** Whether a task in `status` holds a slot by right. */
export function isDue(status: TaskStatus): boolean {
  return (slotStatuses as readonly TaskStatus[]).includes(status);
}

/** What went against the laws so far. A law that is broken inside a port's call must not look like an error of the port. */
export type Violations = string[];

/** Watch every move and every slot of a world. Put in place before anything happens in it. */
export function watch(world: CoreWorld, caps: SlotCaps): Violations {
  const violations: Violations = [];
  watchTasks(world, violations);
  watchSlots(world, caps, violations);
  return violations;
}

function watchTasks({ tasks, slots }: CoreWorld, violations: Violations): void {
  const seen = new Map<TaskId, TaskStatus>();
  const create = tasks.create.bind(tasks);
  const transition = tasks.transition.bind(tasks);
  tasks.create = async (...args: Parameters<TaskRepository['create']>) => {
    const result = await create(...args);
    if (result.kind === 'created') seen.set(result.task.taskId, result.task.status);
    return result;
  };
  tasks.transition = async (...args: Parameters<TaskRepository['transition']>) => {
    // Both take effect before the first pause, so nobody comes in between.
    const [moved, held] = [transition(...args), slots.inspect(ann)];
    const result = await moved;
    if (result.kind !== 'moved') return result;
    const { taskId, status } = result.task;
    const from = seen.get(taskId) ?? 'SUBMITTED';
    if (!isEdge(from, status)) violations.push(`${taskId} went from ${from} to ${status}`);
    if (isDue(status) && !(await held).holders.includes(taskId))
      violations.push(`${taskId} is ${status} without a slot`);
    seen.set(taskId, status);
    return result;
  };
}

function watchSlots(world: CoreWorld, caps: SlotCaps, violations: Violations): void {
  const { slots } = world;
  const { acquire, release } = slots;
  const look = async (before: ReturnType<SlotRepository['inspect']>): Promise<void> => {
    const after = slots.inspect(ann);
    violations.push(...slotViolations(await before, await after, caps));
  };
  Object.assign(slots, {
    acquire: async (...args: Parameters<SlotRepository['acquire']>) => {
      const [before, acquired] = [slots.inspect(ann), acquire(...args)];
      await look(before);
      return acquired;
    },
    release: async (...args: Parameters<SlotRepository['release']>) => {
      const [before, released] = [slots.inspect(ann), release(...args)];
      await look(before);
      return released;
    },
  });
}

type Ledger = Awaited<ReturnType<SlotRepository['inspect']>>;

function slotViolations(before: Ledger, after: Ledger, caps: SlotCaps): Violations {
  const violations: Violations = [];
  if (after.holders.length > caps.slots) violations.push(`${String(after.holders.length)} holders`);
  if (after.queue.length > 0 && after.holders.length < caps.slots)
    violations.push('a slot is free while somebody waits');
  const granted = before.queue.filter(({ taskId }) => after.holders.includes(taskId));
  for (const early of granted) {
    const passedOver = after.queue.filter((waiting) => isOlder(waiting, early));
    if (passedOver.length > 0) violations.push(`${early.taskId} was served before ${String(passedOver[0]?.taskId)}`);
  }
  return violations;
}

function isOlder(a: QueueEntry, b: QueueEntry): boolean {
  return a.createdAt < b.createdAt;
}

/** When nothing moves: the holders are the tasks that are due, and the queue is those that are QUEUED. */
export async function slotsAreExact(world: CoreWorld, taskIds: readonly TaskId[]): Promise<Violations> {
  const { holders, queue } = await world.slots.inspect(ann);
  const rows = await Promise.all(taskIds.map((taskId) => row(world, taskId)));
  const inQueue = new Set(queue.map(({ taskId }) => taskId));
  return rows.flatMap(({ taskId, status }) => [
    ...(holders.includes(taskId) === isDue(status) ? [] : [`${taskId} is ${status}, slot: ${String(holders)}`]),
    ...(inQueue.has(taskId) === (status === 'QUEUED') ? [] : [`${taskId} is ${status}, queue: ${[...inQueue].join()}`]),
  ]);
}

/** When all is over: one end each, told once, a log without a gap, no slot, no session. */
export async function endsAreClean(world: CoreWorld, taskIds: readonly TaskId[]): Promise<Violations> {
  const { holders, queue } = await world.slots.inspect(ann);
  const left = holders.length + queue.length === 0 ? [] : [`slots left: ${holders.join()} ${JSON.stringify(queue)}`];
  const each = await Promise.all(taskIds.map((taskId) => endIsClean(world, taskId)));
  return [...left, ...each.flat()];
}

async function endIsClean(world: CoreWorld, taskId: TaskId): Promise<Violations> {
  const task = await row(world, taskId);
  const log = await logOf(world, taskId);
  const types = log.map(({ eventType }) => eventType);
  const told = `${taskId} ${task.status}: ${types.join(' ')}`;
  const violations: Violations = [];
  if (!isTerminal(task.status)) violations.push(`not ended: ${told}`);
  if (log.some(({ seq }, index) => seq !== index + 1)) violations.push(`gap: ${told}`);
  if (new Set(log.map(({ eventId }) => eventId)).size !== log.length) violations.push(`event id twice: ${told}`);
  const ends = types.filter(isTerminalEvent);
  if (ends.length !== 1 || ends[0] !== terminalEventOf[task.status]) violations.push(`wrong ends: ${told}`);
  const afterEnd = types.slice(types.findIndex(isTerminalEvent) + 1);
  if (afterEnd.some((type) => type !== 'task_cancel_compute_orphan')) violations.push(`after the end: ${told}`);
  for (const once of ['task_created', 'hydration_started', 'hydration_complete', 'session_started'] as const) {
    if (types.filter((type) => type === once).length > 1) violations.push(`twice: ${told}`);
  }
  return [...violations, ...(await sessionsLeft(world, taskId, types))];
}

/** A session that could not be stopped is allowed where it is told: then a reconciler goes on. */
async function sessionsLeft(world: CoreWorld, taskId: TaskId, types: readonly EventType[]): Promise<Violations> {
  if (types.includes('task_cancel_compute_orphan')) return [];
  if (
    world.logger.lines.some(
      ({ message, fields }) => message === 'orphan event not written' && fields['taskId'] === taskId,
    )
  )
    return [];
  const started = world.compute.started.filter((session) => session.taskId === taskId);
  const states = await Promise.all(
    started.map(({ sessionId }) => world.compute.pollSession({ strategyType: 'memory', sessionId })),
  );
  return states.some(({ kind }) => kind === 'running') ? [`${taskId} ended and its session runs`] : [];
}
