import { assertAppendSize, type CallOptions, type Clock, type EventOwner, type IdGenerator } from '@abca/core';
import type { NewTaskEvent, TaskEvent, TaskId } from '@abca/core';
import { PutCommand, QueryCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import {
  conditionalWrite,
  returnOld,
  transactWrite,
  type RefusedItem,
  type TransactItem,
} from '../dynamo/conditional-write.ts';
import { KeyedQueue } from '../dynamo/keyed-queue.ts';
import { retryConflicts } from '../dynamo/retry-conflicts.ts';
import { pendingEvents, toEventItem } from './event-items.ts';
import { LastNumbers } from './last-numbers.ts';

/** What an appender works with. */
export interface EventAppenderDeps {
  readonly client: DynamoDBDocumentClient;
  /** Name of the events table. */
  readonly table: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly ids: Pick<IdGenerator, 'newEventId'>;
}

/** How a write of other items together with events ended. `reasons` are those of the other items, in their order. */
export type AppendResult =
  | { readonly kind: 'written'; readonly events: readonly TaskEvent[] }
  | { readonly kind: 'refused'; readonly reasons: readonly RefusedItem[] };

/**
 * Gives events their numbers. The next number is taken by writing it where none may be yet; who loses reads the log's end
 * and tries again. The last number seen of each task is kept, so that a writer that is alone never reads.
 *
 * One per process and table: several would take each other's numbers for conflicts.
 */
export class EventAppender {
  readonly #deps: EventAppenderDeps;
  readonly #last = new LastNumbers();
  readonly #queue = new KeyedQueue();

  constructor(deps: EventAppenderDeps) {
    this.#deps = deps;
  }

  /**
   * Write `others` and the events, all or nothing.
   *
   * @returns `refused` when a condition of one of `others` does not hold, or another writer was at it at that moment
   * @throws AbcaError VALIDATION_ERROR for more than 50 events
   */
  async append(
    owner: EventOwner,
    events: readonly NewTaskEvent[],
    others: readonly TransactItem[],
    options: CallOptions,
  ): Promise<AppendResult> {
    assertAppendSize(events);
    const { clock, ids } = this.#deps;
    const pending = pendingEvents(owner, events, { nowMs: clock.nowMs(), newEventId: () => ids.newEventId() });
    const what = `appending to the log of task ${owner.taskId}`;
    const write = async (attempt: number): Promise<AppendResult | undefined> => {
      const last = await this.#lastNumber(owner.taskId, attempt > 1, options);
      const numbered = pending.map((event, index): TaskEvent => ({ ...event, seq: last + 1 + index }));
      return this.#tryWrite(what, { numbered, others }, options);
    };
    return this.#queue.run(owner.taskId, () => retryConflicts(what, options, write));
  }

  /** Tell that `taskId` is new, so that its log is known to be empty. */
  startLog(taskId: TaskId): void {
    this.#last.raise(taskId, 0);
  }

  async #tryWrite(
    what: string,
    { numbered, others }: { readonly numbered: readonly TaskEvent[]; readonly others: readonly TransactItem[] },
    options: CallOptions,
  ): Promise<AppendResult | undefined> {
    const reasons = await this.#write(what, { numbered, others }, options);
    const first = reasons.slice(others.length)[0];
    // An answer that was lost on its way: the write that stands in the way is this one.
    const isOwn = first?.item !== undefined && first.item['event_id'] === numbered[0]?.eventId;
    if (reasons.length === 0 || isOwn) {
      const last = numbered.at(-1);
      if (last !== undefined) this.#last.raise(last.taskId, last.seq);
      return { kind: 'written', events: numbered };
    }
    const othersReasons = reasons.slice(0, others.length);
    return othersReasons.some(({ kind }) => kind !== 'ok') ? { kind: 'refused', reasons: othersReasons } : undefined;
  }

  /** Reasons of a refused write, in order; none when it was written. A single put costs half of a transaction. */
  async #write(
    what: string,
    { numbered, others }: { readonly numbered: readonly TaskEvent[]; readonly others: readonly TransactItem[] },
    options: CallOptions,
  ): Promise<readonly RefusedItem[]> {
    const puts = numbered.map((event) => this.#put(event));
    const only = puts[0];
    if (puts.length === 1 && others.length === 0 && only !== undefined) {
      const write = await conditionalWrite(what, options, (http) => this.#deps.client.send(new PutCommand(only), http));
      return write.kind === 'written' ? [] : [{ kind: 'condition', item: write.item }];
    }
    const items = [...others, ...puts.map((Put) => ({ Put }))];
    if (items.length === 0) return [];
    const result = await transactWrite(this.#deps.client, what, items, options);
    return result.kind === 'written' ? [] : result.reasons;
  }

  #put(event: TaskEvent) {
    return {
      TableName: this.#deps.table,
      Item: toEventItem(event),
      ConditionExpression: 'attribute_not_exists(task_id)',
      ...returnOld,
    };
  }

  async #lastNumber(taskId: TaskId, mustRead: boolean, options: CallOptions): Promise<number> {
    const known = mustRead ? undefined : this.#last.find(taskId);
    if (known !== undefined) return known;
    const query = new QueryCommand({
      TableName: this.#deps.table,
      KeyConditionExpression: 'task_id = :task',
      ExpressionAttributeValues: { ':task': taskId },
      ProjectionExpression: 'seq',
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: 1,
    });
    const what = `reading the end of the log of task ${taskId}`;
    const { Items } = await callDynamo(what, options, (http) => this.#deps.client.send(query, http));
    return this.#last.raise(taskId, Number(Items?.[0]?.['seq'] ?? 0));
  }
}
