import { createHash } from 'node:crypto';
import { limits, type NewTask, type TaskId } from '@abca/core';
import * as z from 'zod';
import type { Item } from '../dynamo/conditional-write.ts';
import { corrupt } from '../dynamo/item-codec.ts';

/** What an idempotency key was used for. */
export interface UsedKey {
  readonly taskId: TaskId;
  readonly requestHash: string;
}

/**
 * The item of an idempotency key. It is written in the transaction of its task, so that a key has exactly one task however
 * many submits race; a look-up before the write once let two through. It has none of the attributes the indexes are keyed
 * by, so it shows in no list. Key and user are hashed together: keys of different users never meet, whatever they hold.
 */
export function idempotencyItem(
  { userId, taskId }: NewTask['task'],
  idempotency: NonNullable<NewTask['idempotency']>,
  nowMs: number,
): Item {
  const digest = createHash('sha256').update(`${userId}\0${idempotency.key}`).digest('hex');
  return {
    task_id: `idem#${digest}`,
    made_task_id: taskId,
    request_hash: idempotency.requestHash,
    ttl: Math.ceil((nowMs + limits.taskTtlMs) / 1000),
  };
}

const usedKeySchema = z.object({ made_task_id: z.string(), request_hash: z.string() });

/** @throws AbcaError STORE_CORRUPT */
export function parseUsedKey(item: Item): UsedKey {
  const parsed = usedKeySchema.safeParse(item);
  if (!parsed.success) throw corrupt(`idempotency key ${String(item['task_id'])}`, parsed.error);
  return { taskId: parsed.data.made_task_id as TaskId, requestHash: parsed.data.request_hash };
}
