import { AbcaError, parseIso, type CallOptions, type CreateTaskResult, type NewTask } from '@abca/core';
import { returnOld, type Item, type TransactItem } from '../dynamo/conditional-write.ts';
import { retryConflicts } from '../dynamo/retry-conflicts.ts';
import type { EventAppender } from '../events/event-appender.ts';
import { idempotencyItem, parseUsedKey, type UsedKey } from './idempotency-items.ts';
import { taskCodec } from './task-items.ts';

/** `used`: the idempotency key made a task before. */
type CreateResult =
  Extract<CreateTaskResult, { kind: 'created' }> | { readonly kind: 'used'; readonly usedKey: UsedKey };

/**
 * Store task, key and events in one transaction.
 *
 * @throws AbcaError STORE_ERROR when the task exists already
 */
export async function createTask(
  { table, appender }: { readonly table: string; readonly appender: EventAppender },
  { task, idempotency, events }: NewTask,
  options: CallOptions,
): Promise<CreateResult> {
  const put = (item: Item, condition: string, values?: Item): TransactItem => ({
    Put: {
      TableName: table,
      Item: item,
      ConditionExpression: condition,
      ...(values && { ExpressionAttributeValues: values, ExpressionAttributeNames: { '#ttl': 'ttl' } }),
      ...returnOld,
    },
  });
  const nowMs = parseIso(task.createdAt);
  // A key past its ttl is free: the store takes its time to remove it.
  const freeKey = 'attribute_not_exists(task_id) OR #ttl < :now';
  const writes = [
    put({ ...taskCodec.toItem(task), version: 1 }, 'attribute_not_exists(task_id)'),
    ...(idempotency
      ? [put(idempotencyItem(task, idempotency, nowMs), freeKey, { ':now': Math.floor(nowMs / 1000) })]
      : []),
  ];
  appender.startLog(task.taskId);
  return retryConflicts(`creating task ${task.taskId}`, options, async () => {
    const result = await appender.append(task, events, writes, options);
    if (result.kind === 'written') return { kind: 'created', task };
    const [taskReason, keyReason] = result.reasons;
    if (keyReason?.kind === 'condition') return { kind: 'used', usedKey: parseUsedKey(keyReason.item ?? {}) };
    if (taskReason?.kind === 'condition') throw new AbcaError('STORE_ERROR', `task ${task.taskId} exists already`);
    return undefined;
  });
}
