import { taskSchema, type Task } from '@abca/core';
import type { Item } from '../dynamo/conditional-write.ts';
import { itemCodec } from '../dynamo/item-codec.ts';

/** Tasks as items. A handle is its strategy's, compute settings are the blueprint's author's: both keep their names. */
export const taskCodec = itemCodec<Task>({
  schema: taskSchema,
  kind: 'task',
  key: 'task_id',
  verbatim: [['sessionHandle'], ['settings', 'compute']],
});

/** A task with the count of its writes, by which a writer knows that nobody was in between. */
export interface VersionedTask {
  readonly task: Task;
  readonly version: number;
}

/** @throws AbcaError STORE_CORRUPT */
export function parseVersionedTask(item: Item): VersionedTask {
  return { task: taskCodec.parse(item), version: Number(item['version'] ?? 0) };
}
