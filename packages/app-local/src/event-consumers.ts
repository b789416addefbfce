import { startReconcileTimer, type InvocationContext, type StreamConsumer } from '@abca/app-events';
import { AbcaError, type Clock, type Logger } from '@abca/core';
import type { DynamoDBStreamsClient, _Record } from '@aws-sdk/client-dynamodb-streams';
import type { StreamCheckpoint } from './stream-checkpoint.ts';
import { openStream, type ShardReader, type StreamReader } from './stream-reader.ts';

/** Pauses, milliseconds. A person may be waiting for a message, and an idle platform is to cost next to nothing. */
const pauses = {
  /** Between two reads that brought nothing. */
  busyMs: 50,
  /** After {@link idleAfter} of them. */
  idleMs: 500,
  /** After a failure: twice as long each time. */
  firstRetryMs: 200,
  longestRetryMs: 30_000,
};
const idleAfter = 20;

/** What an invocation may take, milliseconds: the time that the consumers have on AWS. */
const invocationMs = 60_000;
/** Longest wait at a stop for what is at work, milliseconds. What is not written down then is told after the next start. */
const defaultStopMs = 5_000;

/** One consumer of the stream. */
export interface EventConsumer {
  /** Names it in the log. */
  readonly name: string;
  readonly handle: StreamConsumer;
  readonly checkpoint: StreamCheckpoint;
}

export interface EventConsumersOptions {
  readonly client: DynamoDBStreamsClient;
  /** Name of the events table. */
  readonly tableName: string;
  readonly consumers: readonly EventConsumer[];
  /** A sweep of the outbox, which never rejects. Told by the signal that nothing new is to be begun. */
  readonly sweep: (signal: AbortSignal) => Promise<unknown>;
  /** Between two sweeps, milliseconds. */
  readonly sweepMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Longest wait at a stop, milliseconds. @default 5,000 */
  readonly stopMs?: number;
}

/** Consumers that run. */
export interface EventConsumers {
  /** No batch and no sweep begins any more; resolves when those at work are done, or their time is over. Repeatable. */
  stop(): Promise<void>;
}

/**
 * Bring the stream of the events table to its consumers, as Lambda does on AWS: each reads for itself and in order, batch by
 * batch, from the first record that failed again, with growing pauses. What was written while nobody read is brought at the
 * start: each goes on where its checkpoint says.
 */
export function startEventConsumers(options: EventConsumersOptions): EventConsumers {
  const { clock, logger, sweep, sweepMs, stopMs = defaultStopMs } = options;
  const stopping = new AbortController();
  const timer = startReconcileTimer({ run: sweep, clock, logger, intervalMs: sweepMs });
  const runs = options.consumers.map((consumer) => new ConsumerRun(options, consumer, stopping.signal).run());
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort(new Error('the consumers were stopped'));
    const over = new AbortController();
    const late = clock.sleep(stopMs, { signal: over.signal }).catch(() => undefined);
    await Promise.race([Promise.all([...runs, timer.stop()]), late]);
    over.abort();
  };
  return { stop: () => (stopped ??= stop()) };
}

/** One consumer at the stream. */
class ConsumerRun {
  readonly #options: EventConsumersOptions;
  readonly #consumer: EventConsumer;
  readonly #signal: AbortSignal;
  readonly #logger: Logger;
  /** Number of the last record of each shard that was consumed. */
  #consumed: Record<string, string> = {};
  #stream = '';
  #empty = 0;
  #failures = 0;

  constructor(options: EventConsumersOptions, consumer: EventConsumer, signal: AbortSignal) {
    this.#options = options;
    this.#consumer = consumer;
    this.#signal = signal;
    this.#logger = options.logger.with({ consumer: consumer.name });
  }

  async run(): Promise<void> {
    let reader: StreamReader | undefined;
    while (!this.#signal.aborted) {
      try {
        reader ??= await this.#open();
        const goesOn = reader !== undefined && (await this.#readAll(reader));
        if (!goesOn) reader = undefined;
        if (this.#empty > 0) await this.#pause(this.#empty < idleAfter ? pauses.busyMs : pauses.idleMs);
      } catch (error) {
        if (this.#isStopped()) return;
        const { code, message } = AbcaError.wrap(error, 'SERVICE_UNAVAILABLE', 'stream not read');
        this.#logger.warn('event stream could not be read', { code, message });
        reader = undefined;
        await this.#pauseAfterFailure();
      }
    }
  }

  /** Where the checkpoint says: also after a failure, when nobody knows how far an iterator had come. */
  async #open(): Promise<StreamReader | undefined> {
    const { client, tableName } = this.#options;
    const place = await this.#consumer.checkpoint.read();
    const reader = await openStream(client, tableName, place);
    this.#stream = reader?.stream ?? '';
    this.#consumed = place?.stream === this.#stream ? { ...place.shards } : {};
    return reader;
  }

  /** One read of each shard. @returns whether any of them goes on */
  async #readAll({ shards }: StreamReader): Promise<boolean> {
    let goesOn = false;
    let brought = 0;
    for (const shard of shards) {
      if (this.#isStopped()) return false;
      const records = await shard.next();
      if (records !== undefined) goesOn = true;
      if (records === undefined || records.length === 0) continue;
      brought += records.length;
      await this.#consume(shard, records);
    }
    this.#failures = 0;
    this.#empty = brought > 0 ? 0 : this.#empty + 1;
    return goesOn;
  }

  /** Until all are consumed, or the consumers are stopped. */
  async #consume({ shardId }: ShardReader, records: readonly _Record[]): Promise<void> {
    for (let left = records; left.length > 0 && !this.#isStopped();) {
      const done = await this.#give(left);
      const last = left[done - 1]?.dynamodb?.SequenceNumber;
      if (last !== undefined) await this.#remember(shardId, last);
      left = left.slice(done);
      this.#failures = done > 0 ? 0 : this.#failures;
      if (left.length > 0) await this.#pauseAfterFailure();
    }
  }

  async #remember(shardId: string, sequenceNumber: string): Promise<void> {
    this.#consumed = { ...this.#consumed, [shardId]: sequenceNumber };
    await this.#consumer.checkpoint.write({ stream: this.#stream, shards: this.#consumed });
  }

  /** @returns how many of the first records are consumed: those before the first that failed */
  async #give(records: readonly _Record[]): Promise<number> {
    const endMs = this.#options.clock.nowMs() + invocationMs;
    const context: InvocationContext = {
      getRemainingTimeInMillis: () => Math.max(0, endMs - this.#options.clock.nowMs()),
    };
    try {
      const { batchItemFailures } = await this.#consumer.handle({ Records: records }, context);
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const first = records.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''));
      return first === -1 ? records.length : first;
    } catch (error) {
      this.#logger.error('consumer failed', { error });
      return 0;
    }
  }

  #isStopped(): boolean {
    return this.#signal.aborted;
  }

  async #pauseAfterFailure(): Promise<void> {
    const { firstRetryMs, longestRetryMs } = pauses;
    await this.#pause(Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures, 20)));
    this.#failures += 1;
  }

  /** Ends early when the consumers are stopped. */
  async #pause(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, { signal: this.#signal }).catch(() => undefined);
  }
}
