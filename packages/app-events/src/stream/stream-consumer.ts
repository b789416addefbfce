import type { LogFields, Logger, TaskEvent } from '@abca/core';
import type { InvocationContext } from '../invocation-context.ts';
import { parseStreamBatch } from './stream-records.ts';

/** What a consumer of the stream answers: the records that have to come again. */
export interface StreamResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * A consumer of the stream of the events table, as Lambda calls it with `ReportBatchItemFailures`. Any batch may come again.
 *
 * @throws AbcaError VALIDATION_ERROR for what is no batch
 */
export type StreamConsumer = (batch: unknown, context?: InvocationContext) => Promise<StreamResponse>;

/** What was done with the events of a batch. */
export interface Consumed {
  /** Events that have to come again. */
  readonly unsafe: ReadonlySet<TaskEvent>;
  /** For the last line of the log. */
  readonly fields: LogFields;
}

export interface StreamConsumerOptions {
  /** Names it in the log. */
  readonly name: string;
  readonly logger: Logger;
  /** Given the events of a batch in its order; none when it held none. */
  readonly consume: (events: readonly TaskEvent[], context: InvocationContext | undefined) => Promise<Consumed>;
}

/** A consumer that is given events: a record that cannot be read is logged, counted and left behind. */
export function createStreamConsumer({ name, logger, consume }: StreamConsumerOptions): StreamConsumer {
  return async (batch, context) => {
    const { records, events, unreadable } = parseStreamBatch(batch, logger);
    const { unsafe, fields } = await consume(
      events.map(({ event }) => event),
      context,
    );
    const again = events.filter(({ event }) => unsafe.has(event)).map(({ sequenceNumber }) => sequenceNumber);
    const level = again.length > 0 || unreadable > 0 ? 'warn' : 'debug';
    logger[level]('batch consumed', { consumer: name, records, unreadable, again: again.length, ...fields });
    return { batchItemFailures: again.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
