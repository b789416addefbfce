import { emptyLedger, isoTimeSchema, releaseSlot, requestSlot } from '@abca/core';
import type { CallOptions, QueueEntry, SlotCaps, SlotLedger, SlotRepository, TaskId, UserId } from '@abca/core';
import { ScanCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import type { Item } from '../dynamo/conditional-write.ts';
import { itemCodec } from '../dynamo/item-codec.ts';
import { KeyedQueue } from '../dynamo/keyed-queue.ts';
import { foreignToken, formatPageToken, parsePageToken } from '../dynamo/page-token.ts';
import { readItem, updateItem, type VersionedItem } from '../dynamo/versioned-item.ts';

const taskIdSchema = z.string() as unknown as z.ZodType<TaskId, string>;
const codec = itemCodec<SlotLedger>({
  schema: z.object({
    holders: z.array(taskIdSchema),
    queue: z.array(z.object({ taskId: taskIdSchema, createdAt: isoTimeSchema })),
  }),
  kind: 'slots of',
  key: 'user_id',
  verbatim: [],
});

/** {@link SlotRepository} with one item per user: holders and queue change together or not at all. */
export class DynamoSlotRepository implements SlotRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #queue = new KeyedQueue();

  /** @param options.table name of the slots table */
  constructor(client: DynamoDBDocumentClient, options: { readonly table: string }) {
    this.#client = client;
    this.#table = options.table;
  }

  acquire(
    userId: UserId,
    entry: QueueEntry,
    caps: SlotCaps,
    options: CallOptions = {},
  ): ReturnType<SlotRepository['acquire']> {
    return this.#decide(
      userId,
      (ledger) => {
        const { ledger: next, decision, promoted } = requestSlot(ledger, entry, caps);
        return { next, result: { decision, promoted } };
      },
      options,
    );
  }

  release(
    userId: UserId,
    taskId: TaskId,
    caps: SlotCaps,
    options: CallOptions = {},
  ): ReturnType<SlotRepository['release']> {
    return this.#decide(
      userId,
      (ledger) => {
        const { ledger: next, promoted } = releaseSlot(ledger, taskId, caps.slots);
        return { next, result: { promoted } };
      },
      options,
    );
  }

  async inspect(userId: UserId, options: CallOptions = {}): Promise<SlotLedger> {
    return parseLedger(await readItem(this.#itemOf(userId), options));
  }

  async listUsers(
    { limit, nextToken }: { readonly limit: number; readonly nextToken?: string },
    options: CallOptions = {},
  ): ReturnType<SlotRepository['listUsers']> {
    const scan = new ScanCommand({
      TableName: this.#table,
      // One item per user who ever had a task: a reconciler reads them a page at a time.
      Limit: limit,
      FilterExpression: 'size(#holders) > :none OR size(#queue) > :none',
      ProjectionExpression: '#user',
      ExpressionAttributeNames: { '#holders': 'holders', '#queue': 'queue', '#user': 'user_id' },
      ExpressionAttributeValues: { ':none': 0 },
      ...(nextToken !== undefined && { ExclusiveStartKey: { user_id: parseToken(nextToken) } }),
    });
    const read = await callDynamo('listing the users with slots', options, (http) => this.#client.send(scan, http));
    const last: unknown = read.LastEvaluatedKey?.['user_id'];
    return {
      users: (read.Items ?? []).map((item) => String(item['user_id']) as UserId),
      ...(last !== undefined && { nextToken: formatPageToken({ id: String(last), sort: tokenKind }) }),
    };
  }

  #decide<T>(
    userId: UserId,
    rule: (ledger: SlotLedger) => { readonly next: SlotLedger; readonly result: T },
    options: CallOptions,
  ): Promise<T> {
    return updateItem(
      this.#itemOf(userId),
      (item) => {
        const ledger = parseLedger(item);
        const { next, result } = rule(ledger);
        return { next: isSame(ledger, next) ? undefined : codec.toItem(next), result };
      },
      options,
    );
  }

  #itemOf(userId: UserId): VersionedItem {
    return {
      client: this.#client,
      table: this.#table,
      key: ['user_id', userId],
      what: `the slots of ${userId}`,
      queue: this.#queue,
    };
  }
}

/** Tells a token of this listing from others. */
const tokenKind = 'slots';

/** @throws AbcaError VALIDATION_ERROR */
function parseToken(token: string): string {
  const { id, sort } = parsePageToken(token);
  if (sort !== tokenKind) throw foreignToken();
  return id;
}

function parseLedger(item: Item | undefined): SlotLedger {
  return item === undefined ? emptyLedger : codec.parse(item);
}

function isSame(a: SlotLedger, b: SlotLedger): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify({ holders: b.holders, queue: b.queue });
}
