import {
  AbcaError,
  assertReadLimit,
  type CallOptions,
  type EventLog,
  type EventOwner,
  type NewTaskEvent,
} from '@abca/core';
import type { TaskEvent, TaskId } from '@abca/core';
import { QueryCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import type { Item } from '../dynamo/conditional-write.ts';
import type { EventAppender } from './event-appender.ts';
import { parseEventItem } from './event-items.ts';

/** {@link EventLog} in a table keyed by task and number. */
export class DynamoEventLog implements EventLog {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #appender: EventAppender;

  constructor(
    client: DynamoDBDocumentClient,
    options: {
      /** Name of the events table. */
      readonly table: string;
      readonly appender: EventAppender;
    },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#appender = options.appender;
  }

  async append(
    owner: EventOwner,
    events: readonly NewTaskEvent[],
    options: CallOptions = {},
  ): Promise<readonly TaskEvent[]> {
    options.signal?.throwIfAborted();
    const result = await this.#appender.append(owner, events, [], options);
    if (result.kind === 'written') return result.events;
    throw new AbcaError('INTERNAL_ERROR', 'an append without other items was refused by them');
  }

  async read(
    { taskId, after, limit }: { readonly taskId: TaskId; readonly after: number; readonly limit: number },
    options: CallOptions = {},
  ): Promise<readonly TaskEvent[]> {
    assertReadLimit(limit);
    const items: Item[] = [];
    let last: number | undefined = after;
    while (last !== undefined && items.length < limit) {
      const page = await this.#readPage({ taskId, after: last, limit: limit - items.length }, options);
      items.push(...page.items);
      last = page.more ? Number(items.at(-1)?.['seq']) : undefined;
    }
    return items.map(parseEventItem);
  }

  /** DynamoDB ends a page at 1 MB, whatever the limit. */
  async #readPage(
    { taskId, after, limit }: { readonly taskId: TaskId; readonly after: number; readonly limit: number },
    options: CallOptions,
  ): Promise<{ readonly items: readonly Item[]; readonly more: boolean }> {
    const query = new QueryCommand({
      TableName: this.#table,
      KeyConditionExpression: 'task_id = :task AND seq > :after',
      ExpressionAttributeValues: { ':task': taskId, ':after': after },
      ConsistentRead: true,
      Limit: limit,
    });
    const what = `reading the log of task ${taskId}`;
    const { Items = [], LastEvaluatedKey } = await callDynamo(what, options, (http) => this.#client.send(query, http));
    return { items: Items, more: Items.length > 0 && LastEvaluatedKey !== undefined };
  }
}
