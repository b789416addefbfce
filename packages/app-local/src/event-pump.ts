import type { Logger, TaskId } from '@abca/core';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type DynamoDBStreamsClient,
} from '@aws-sdk/client-dynamodb-streams';

/** How often the stream is read while it brings something, in milliseconds. */
const busyMs = 10;
/** How often once it has brought nothing for a while. */
const idleMs = 50;
/** How often while nobody waits for it besides: often enough that little is left to read when somebody does. */
const unwantedMs = 1_000;
/** Empty reads in a row after which the pump slows down. */
const idleAfter = 20;

export interface EventPumpOptions {
  readonly client: DynamoDBStreamsClient;
  readonly tableName: string;
  /** Called for every task whose log has grown, with the number of its last event; several events of one read are one call. */
  readonly onGrowth: (taskId: TaskId, seq: number) => void;
  /** Whether somebody waits to be told. When it becomes so, call {@link EventPump.wake}. */
  readonly isWanted: () => boolean;
  readonly logger: Logger;
}

/** A pump that runs. */
export interface EventPump {
  /** Somebody waits from now on. */
  wake(): void;
  stop(): Promise<void>;
}

/**
 * Reads the stream of the events table from now on and tells whose logs grow. A hint, not a delivery: readers read the
 * log itself, and their own bounded wait is the net for a hint that was lost.
 */
export function startEventPump(options: EventPumpOptions): EventPump {
  const pauses = new Pauses();
  const running = pump(options, pauses);
  return {
    wake: () => {
      pauses.wake();
    },
    async stop() {
      pauses.end();
      await running;
    },
  };
}

async function pump(options: EventPumpOptions, pauses: Pauses): Promise<void> {
  let iterators: string[] = [];
  let empty = 0;
  while (!pauses.ended) {
    try {
      if (iterators.length === 0) iterators = await latestIterators(options);
      const read = await Promise.all(iterators.map((iterator) => readShard(options, iterator)));
      iterators = read.map(({ next }) => next).filter((next) => next !== undefined);
      empty = read.some(({ records }) => records > 0) ? 0 : empty + 1;
    } catch (error) {
      if (!pauses.ended) options.logger.warn('event stream could not be read', { error });
      iterators = [];
    }
    if (empty < idleAfter) await pauses.take(busyMs);
    else if (options.isWanted()) await pauses.take(idleMs);
    else await pauses.take(unwantedMs, { wakeable: true });
  }
}

async function latestIterators({ client, tableName }: EventPumpOptions): Promise<string[]> {
  const { Streams = [] } = await client.send(new ListStreamsCommand({ TableName: tableName }));
  const StreamArn = Streams.at(-1)?.StreamArn;
  if (StreamArn === undefined) return [];
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  // Closed shards too: Dynoxide names the last number of its one shard as the ending one, though it goes on. One that is
  // really closed brings nothing and ends with its first read.
  const answers = await Promise.all(
    (StreamDescription?.Shards ?? []).map(({ ShardId }) =>
      client.send(new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'LATEST' })),
    ),
  );
  return answers.map(({ ShardIterator }) => ShardIterator).filter((iterator) => iterator !== undefined);
}

async function readShard(
  { client, onGrowth }: EventPumpOptions,
  iterator: string,
): Promise<{ next: string | undefined; records: number }> {
  const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
  const grown = new Map<string, number>();
  for (const { dynamodb } of Records) {
    const taskId = dynamodb?.Keys?.['task_id']?.S;
    const seq = Number(dynamodb?.Keys?.['seq']?.N);
    if (taskId !== undefined && seq > (grown.get(taskId) ?? 0)) grown.set(taskId, seq);
  }
  for (const [taskId, seq] of grown) onGrowth(taskId as TaskId, seq);
  return { next: NextShardIterator, records: Records.length };
}

/** The pauses of one loop, which can be cut short. One at a time; a pause leaves nothing behind. */
class Pauses {
  #ended = false;
  #finish: (() => void) | undefined;
  #isWakeable = false;

  get ended(): boolean {
    return this.#ended;
  }

  async take(ms: number, { wakeable = false } = {}): Promise<void> {
    if (this.#ended) return;
    this.#isWakeable = wakeable;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#finish = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#finish = undefined;
  }

  /** End a pause that is wakeable. */
  wake(): void {
    if (this.#isWakeable) this.#finish?.();
  }

  /** End this pause and all later ones. */
  end(): void {
    this.#ended = true;
    this.#finish?.();
  }
}
