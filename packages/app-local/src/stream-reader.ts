import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type DynamoDBStreamsClient,
  type _Record,
} from '@aws-sdk/client-dynamodb-streams';
import type { StreamPlace } from './stream-checkpoint.ts';

/** Most records of one read: what the consumers are given at a time on AWS too. */
const batchSize = 100;

/** One shard that is being read. */
export interface ShardReader {
  readonly shardId: string;
  /** The next records, at most 100; none when there is nothing new; `undefined` once the shard has ended. */
  next(): Promise<readonly _Record[] | undefined>;
}

/** A stream with its shards, each where `place` says, or at its beginning. */
export interface StreamReader {
  readonly stream: string;
  readonly shards: readonly ShardReader[];
}

/** `undefined` while the table has no stream. */
export async function openStream(
  client: DynamoDBStreamsClient,
  tableName: string,
  place: StreamPlace | undefined,
): Promise<StreamReader | undefined> {
  const { Streams = [] } = await client.send(new ListStreamsCommand({ TableName: tableName }));
  const stream = Streams.at(-1)?.StreamArn;
  if (stream === undefined) return undefined;
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: stream }));
  const known = place?.stream === stream ? place.shards : {};
  // Closed shards too: Dynoxide names the last number of its one shard as the ending one, though it goes on.
  const ids = (StreamDescription?.Shards ?? []).map(({ ShardId }) => ShardId).filter((id) => id !== undefined);
  const shards = await Promise.all(ids.map((id) => openShard(client, { stream, id, after: known[id] })));
  return { stream, shards };
}

async function openShard(
  client: DynamoDBStreamsClient,
  { stream, id, after }: { readonly stream: string; readonly id: string; readonly after: string | undefined },
): Promise<ShardReader> {
  const from =
    after === undefined
      ? { ShardIteratorType: 'TRIM_HORIZON' as const }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: after };
  const opened = await client.send(new GetShardIteratorCommand({ StreamArn: stream, ShardId: id, ...from }));
  let iterator = opened.ShardIterator;
  return {
    shardId: id,
    async next() {
      if (iterator === undefined) return undefined;
      const read = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: batchSize }));
      iterator = read.NextShardIterator;
      return read.Records ?? [];
    },
  };
}
