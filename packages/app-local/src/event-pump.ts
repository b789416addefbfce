import type { Logger, TaskId } from '@abca/core';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type DynamoDBStreamsClient,
} from '@aws-sdk/client-dynamodb-streams';

/** How often the stream is read while it brings something, and once it has brought nothing for a while, in milliseconds. */
const busyMs = 10;
const idleMs = 50;
/** Empty reads in a row after which the pump slows down. */
const idleAfter = 20;

export interface EventPumpOptions {
  readonly client: DynamoDBStreamsClient;
  readonly tableName: string;
  /** Called for every task whose log has grown, with the number of its last event; several events of one read are one call. */
  readonly onGrowth: (taskId: TaskId, seq: number) => void;
  readonly logger: Logger;
}

/**
 * Reads the stream of the events table from now on and tells whose logs grow. A hint, not a delivery: readers read the
 * log itself, and their own bounded wait is the net for a hint that was lost.
 */
export function startEventPump(options: EventPumpOptions): { stop(): Promise<void> } {
  const controller = new AbortController();
  const running = pump(options, controller.signal);
  return {
    async stop() {
      controller.abort();
      await running;
    },
  };
}

async function pump(options: EventPumpOptions, signal: AbortSignal): Promise<void> {
  let iterators: string[] = [];
  let empty = 0;
  while (!signal.aborted) {
    try {
      if (iterators.length === 0) iterators = await latestIterators(options);
      const read = await Promise.all(iterators.map((iterator) => readShard(options, iterator)));
      iterators = read.map(({ next }) => next).filter((next) => next !== undefined);
      empty = read.some(({ records }) => records > 0) ? 0 : empty + 1;
    } catch (error) {
      if (!signal.aborted) options.logger.warn('event stream could not be read', { error });
      iterators = [];
    }
    await pause(empty < idleAfter ? busyMs : idleMs, signal);
  }
}

async function latestIterators({ client, tableName }: EventPumpOptions): Promise<string[]> {
  const { Streams = [] } = await client.send(new ListStreamsCommand({ TableName: tableName }));
  const StreamArn = Streams.at(-1)?.StreamArn;
  if (StreamArn === undefined) return [];
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  const open = (StreamDescription?.Shards ?? []).filter(
    (shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined,
  );
  const answers = await Promise.all(
    open.map(({ ShardId }) =>
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
