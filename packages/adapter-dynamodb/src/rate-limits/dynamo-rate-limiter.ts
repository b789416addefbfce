import { takeFromWindow } from '@abca/core';
import type { CallOptions, Clock, RateDecision, RateLimiter, RateRule } from '@abca/core';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { itemCodec } from '../dynamo/item-codec.ts';
import { KeyedQueue } from '../dynamo/keyed-queue.ts';
import { updateItem } from '../dynamo/versioned-item.ts';

const codec = itemCodec<{ readonly takes: readonly number[] }>({
  schema: z.object({ takes: z.array(z.number()) }),
  kind: 'rate limit of',
  key: 'key',
  verbatim: [],
});

/** {@link RateLimiter} with one item per key that holds the times of the takes which still count. */
export class DynamoRateLimiter implements RateLimiter {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #queue = new KeyedQueue();
  readonly #clock: Pick<Clock, 'nowMs'>;

  /** @param options.table name of the rate limits table */
  constructor(
    client: DynamoDBDocumentClient,
    options: { readonly table: string; readonly clock: Pick<Clock, 'nowMs'> },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#clock = options.clock;
  }

  take(key: string, rule: RateRule, options: CallOptions = {}): Promise<RateDecision> {
    const what = `the rate limit of ${key}`;
    return updateItem(
      { client: this.#client, table: this.#table, key: ['key', key], what, queue: this.#queue },
      (item) => {
        const nowMs = this.#clock.nowMs();
        const { window, decision } = takeFromWindow(item === undefined ? [] : codec.parse(item).takes, rule, nowMs);
        const ttl = Math.ceil((nowMs + rule.windowMs) / 1000);
        // A refusal is not counted, so there is nothing to write: a flood costs reads only.
        const next = decision.kind === 'limited' ? undefined : { ...codec.toItem({ takes: window }), ttl };
        return { next, result: decision };
      },
      options,
    );
  }
}
