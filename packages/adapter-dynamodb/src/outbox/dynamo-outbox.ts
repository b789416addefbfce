import {
  formatIso,
  judgeClaim,
  judgeSettle,
  type CallOptions,
  type ClaimResult,
  type DeliveryClaim,
  type DeliveryKey,
  type DeliveryLane,
  type DeliveryRecord,
  type IdGenerator,
  type Outbox,
} from '@abca/core';
import { BatchGetCommand, GetCommand, QueryCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import { transactWrite, type Item, type TransactItem } from '../dynamo/conditional-write.ts';
import { retryConflicts } from '../dynamo/retry-conflicts.ts';
import {
  deliveryItemKey,
  laneItemKey,
  openMark,
  parseDeliveryItem,
  parseIndexItem,
  parseStored,
  toDeliveryItem,
  toLaneItem,
  type StoredDelivery,
} from './outbox-items.ts';

/**
 * {@link Outbox} with an item per delivery, and one per task and channel that holds who is at work and what the channel keeps.
 * Both change in one transaction, if nobody was in between.
 */
export class DynamoOutbox implements Outbox {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #ids: Pick<IdGenerator, 'newEventId'>;
  /** As the claims of this process left them: what nobody else has written since need not be read again. */
  readonly #left = new WeakMap<DeliveryClaim, StoredDelivery>();

  /** @param options.table name of the outbox table */
  constructor(
    client: DynamoDBDocumentClient,
    options: { readonly table: string; readonly ids: Pick<IdGenerator, 'newEventId'> },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#ids = options.ids;
  }

  async claim(
    key: DeliveryKey,
    { nowMs, claimMs }: Parameters<Outbox['claim']>[1],
    options: CallOptions = {},
  ): Promise<ClaimResult> {
    options.signal?.throwIfAborted();
    const wish = { key, claimId: this.#ids.newEventId(), nowMs, claimMs };
    let seen = await this.#read(key, options);
    return retryConflicts(`claiming ${nameOf(key)}`, options, async () => {
      const { result, ...next } = judgeClaim(seen.record, seen.lane, wish);
      const written = await this.#write({ key, seen, nowMs }, next, options);
      if (written === undefined) {
        seen = await this.#read(key, options);
        return undefined;
      }
      if (result.kind === 'claimed') this.#left.set(result.claim, written);
      return result;
    });
  }

  async settle(
    claim: DeliveryClaim,
    settlement: Parameters<Outbox['settle']>[1],
    { nowMs, memory }: Parameters<Outbox['settle']>[2],
    options: CallOptions = {},
  ): Promise<'settled' | 'lost'> {
    options.signal?.throwIfAborted();
    const { key } = claim;
    let seen = this.#left.get(claim) ?? (await this.#read(key, options));
    return retryConflicts(`settling ${nameOf(key)}`, options, async () => {
      const next = judgeSettle(seen, claim, { settlement, ...(memory && { memory }) });
      if (next === undefined) return 'lost';
      if ((await this.#write({ key, seen, nowMs }, next, options)) !== undefined) return 'settled';
      seen = await this.#read(key, options);
      return undefined;
    });
  }

  async listDue(
    { nowMs, limit }: Parameters<Outbox['listDue']>[0],
    options: CallOptions = {},
  ): Promise<readonly DeliveryKey[]> {
    const query = new QueryCommand({
      TableName: this.#table,
      IndexName: 'by-due',
      KeyConditionExpression: '#open = :open AND due_at <= :now',
      ExpressionAttributeNames: { '#open': 'open' },
      ExpressionAttributeValues: { ':open': openMark, ':now': formatIso(nowMs) },
      Limit: limit,
    });
    // The keys of a page are far below the megabyte that ends one early.
    const { Items = [] } = await callDynamo('listing what is due', options, (http) => this.#client.send(query, http));
    return Items.map(parseIndexItem);
  }

  async find(key: DeliveryKey, options: CallOptions = {}): Promise<DeliveryRecord | undefined> {
    const get = new GetCommand({ TableName: this.#table, Key: { key: deliveryItemKey(key) }, ConsistentRead: true });
    const read = await callDynamo(`reading ${nameOf(key)}`, options, (http) => this.#client.send(get, http));
    return parseDeliveryItem(read.Item);
  }

  async #read(key: DeliveryKey, options: CallOptions): Promise<StoredDelivery> {
    const keys = [deliveryItemKey(key), laneItemKey(key)];
    const items = await retryConflicts(`reading ${nameOf(key)}`, options, () => this.#readAll(keys, options));
    return parseStored(items.get(keys[0] ?? ''), items.get(keys[1] ?? ''));
  }

  /** `undefined` when the store gave only a part: it may, under load. */
  async #readAll(keys: readonly string[], options: CallOptions): Promise<Map<string, Item> | undefined> {
    const Keys = keys.map((key) => ({ key }));
    const get = new BatchGetCommand({ RequestItems: { [this.#table]: { Keys, ConsistentRead: true } } });
    const read = await callDynamo('reading a delivery', options, (http) => this.#client.send(get, http));
    if ((read.UnprocessedKeys?.[this.#table]?.Keys ?? []).length > 0) return undefined;
    return new Map((read.Responses?.[this.#table] ?? []).map((item) => [String(item['key']), item]));
  }

  /** What is in the store afterwards; `undefined` when somebody was in between. */
  async #write(
    { key, seen, nowMs }: { readonly key: DeliveryKey; readonly seen: StoredDelivery; readonly nowMs: number },
    { record, lane }: { readonly record?: DeliveryRecord; readonly lane?: DeliveryLane },
    options: CallOptions,
  ): Promise<StoredDelivery | undefined> {
    const items = [
      ...(record ? [this.#put(toDeliveryItem(key, record, nowMs), seen.recordVersion)] : []),
      ...(lane ? [this.#put(toLaneItem(key, lane, nowMs), seen.laneVersion)] : []),
    ];
    if (items.length > 0) {
      const { kind } = await transactWrite(this.#client, `writing ${nameOf(key)}`, items, options);
      if (kind === 'refused') return undefined;
    }
    return {
      record: record ?? seen.record,
      recordVersion: seen.recordVersion + (record ? 1 : 0),
      lane: lane ?? seen.lane,
      laneVersion: seen.laneVersion + (lane ? 1 : 0),
    };
  }

  /** An item in the place of its version `version`; 0 where none may be. */
  #put(item: Item, version: number): TransactItem {
    return {
      Put: {
        TableName: this.#table,
        Item: { ...item, version: version + 1 },
        ExpressionAttributeNames: version === 0 ? { '#key': 'key' } : { '#version': 'version' },
        ...(version === 0
          ? { ConditionExpression: 'attribute_not_exists(#key)' }
          : { ConditionExpression: '#version = :seen', ExpressionAttributeValues: { ':seen': version } }),
      },
    };
  }
}

function nameOf({ taskId, seq, channel }: DeliveryKey): string {
  return `event ${String(seq)} of task ${taskId} for ${channel}`;
}
