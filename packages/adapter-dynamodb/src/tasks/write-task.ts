import { applyStatusWrite, formatIso, meetsCondition, toSnakeCase } from '@abca/core';
import type { CallOptions, NewTaskEvent, StatusWrite, Task, TaskAmendment, TaskId, TransitionResult } from '@abca/core';
import { returnOld, type TransactItem } from '../dynamo/conditional-write.ts';
import { retryConflicts } from '../dynamo/retry-conflicts.ts';
import { updateExpression, type ItemChange } from '../dynamo/update-expression.ts';
import type { EventAppender } from '../events/event-appender.ts';
import { parseVersionedTask, taskCodec, type VersionedTask } from './task-items.ts';

/** A change of a task, and whether it may be made. */
export interface TaskWrite {
  readonly set: Partial<Task>;
  readonly remove: StatusWrite['remove'];
  isAllowed(task: Task): boolean;
  /** What else is written in the same transaction, read and decided afresh for every try. */
  alongside?(task: Task, options: CallOptions): Promise<readonly TransactItem[]>;
}

/** A status write as core built it. */
export function transitionWrite(write: StatusWrite): TaskWrite {
  return { ...write, isAllowed: (task) => meetsCondition(task, write.condition) };
}

/** A change of fields. */
export function amendmentWrite({ patch, remove = [], atMs, whileIn, expectSession }: TaskAmendment): TaskWrite {
  return {
    set: { ...patch, updatedAt: formatIso(atMs) },
    remove,
    isAllowed: (task) => whileIn.includes(task.status) && meetsCondition(task, { ...expectSession }),
  };
}

/** {@link amendmentWrite} as one conditional update, for a change without events: it needs no read before. */
export function toAmendmentChange({
  patch,
  remove = [],
  atMs,
  whileIn,
  expectSession,
}: TaskAmendment): Omit<ItemChange, 'exists'> {
  return {
    set: taskCodec.toItem({ ...patch, updatedAt: formatIso(atMs) }),
    remove: remove.map(toSnakeCase),
    expect: taskCodec.toItem({ ...expectSession }),
    expectOneOf: { status: whileIn },
  };
}

interface Writer {
  readonly table: string;
  readonly appender: EventAppender;
  find(taskId: TaskId, options: CallOptions): Promise<VersionedTask | undefined>;
}

/**
 * Read, decide with core's rules, and write with the events on the condition that nobody wrote in between: what is
 * returned is then exactly what is stored. A loser learns of the winner's task from the refusal and decides again.
 */
export async function writeTask(
  { table, appender, find }: Writer,
  {
    taskId,
    write,
    events,
  }: { readonly taskId: TaskId; readonly write: TaskWrite; readonly events: readonly NewTaskEvent[] },
  options: CallOptions,
): Promise<TransitionResult> {
  let seen = await find(taskId, options);
  return retryConflicts(`writing task ${taskId}`, options, async () => {
    if (seen === undefined) return { kind: 'absent' };
    const { task } = seen;
    if (!write.isAllowed(task)) return { kind: 'lost', task };
    const others = (await write.alongside?.(task, options)) ?? [];
    const result = await appender.append(task, events, [taskUpdate(table, seen, write), ...others], options);
    if (result.kind === 'written') return { kind: 'moved', task: taskAfter(task, write) };
    const winner = result.reasons[0]?.item;
    seen = winner === undefined ? await find(taskId, options) : parseVersionedTask(winner);
    return undefined;
  });
}

/** `write` of the task on the condition that it still is what was seen. */
export function taskUpdate(
  table: string,
  { task, version }: VersionedTask,
  { set, remove }: Pick<TaskWrite, 'set' | 'remove'>,
): TransactItem {
  return {
    Update: {
      TableName: table,
      Key: { task_id: task.taskId },
      ...updateExpression({
        set: { ...taskCodec.toItem(set), version: version + 1 },
        remove: remove.map(toSnakeCase),
        expect: { version, status: task.status },
        exists: 'task_id',
      }),
      ...returnOld,
    },
  };
}

/** `task` once {@link taskUpdate} was written. */
export function taskAfter(task: Task, { set, remove }: Pick<TaskWrite, 'set' | 'remove'>): Task {
  return applyStatusWrite(task, { set, remove, condition: {} });
}
