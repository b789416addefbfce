import type { CallOptions } from '@abca/core';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { callDynamo } from './call-dynamo.ts';
import { conditionalWrite, returnOld, type Item } from './conditional-write.ts';
import type { KeyedQueue } from './keyed-queue.ts';
import { retryConflicts } from './retry-conflicts.ts';

/** One item that several writers read, decide on and replace. */
export interface VersionedItem {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** Name and value of its key. */
  readonly key: readonly [name: string, value: string];
  /** What people call it, as in `slots of ann`. */
  readonly what: string;
  /** One per table and process. */
  readonly queue: KeyedQueue;
}

/** Pure. `next` is the new content without key and version, `undefined` to leave the item as it is. */
type Decide<T> = (item: Item | undefined) => { readonly next: Item | undefined; readonly result: T };

/** The item, read with strong consistency. */
export async function readItem(
  { client, table, key: [name, value], what }: VersionedItem,
  options: CallOptions,
): Promise<Item | undefined> {
  const get = new GetCommand({ TableName: table, Key: { [name]: value }, ConsistentRead: true });
  return (await callDynamo(`reading ${what}`, options, (http) => client.send(get, http))).Item;
}

/**
 * Decide on the item as it is and replace it, until nobody was faster. A decision that changes nothing writes nothing.
 */
export async function updateItem<T>(target: VersionedItem, decide: Decide<T>, options: CallOptions): Promise<T> {
  return target.queue.run(target.key[1], () => updateNow(target, decide, options));
}

async function updateNow<T>(target: VersionedItem, decide: Decide<T>, options: CallOptions): Promise<T> {
  let seen = await readItem(target, options);
  const done = await retryConflicts(`writing ${target.what}`, options, async () => {
    const { next, result } = decide(seen);
    if (next === undefined) return { result };
    const write = await replace(target, seen, next, options);
    if (write.kind === 'written') return { result };
    seen = write.item ?? (await readItem(target, options));
    return undefined;
  });
  return done.result;
}

function replace(
  { client, table, key: [name, value], what }: VersionedItem,
  seen: Item | undefined,
  next: Item,
  options: CallOptions,
) {
  const version = Number(seen?.['version'] ?? 0);
  const put = new PutCommand({
    TableName: table,
    Item: { ...next, [name]: value, version: version + 1 },
    ExpressionAttributeNames: seen === undefined ? { '#key': name } : { '#version': 'version' },
    ...(seen === undefined
      ? { ConditionExpression: 'attribute_not_exists(#key)' }
      : { ConditionExpression: '#version = :seen', ExpressionAttributeValues: { ':seen': version } }),
    ...returnOld,
  });
  return conditionalWrite(`writing ${what}`, options, (http) => client.send(put, http));
}
