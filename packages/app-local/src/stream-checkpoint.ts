import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

const placeSchema = z.object({
  /** The stream that the numbers are of: another one has numbers of its own. */
  stream: z.string(),
  /** Number of the last record that was consumed, by shard. */
  shards: z.record(z.string(), z.string()),
});

/** How far a consumer has read a stream. */
export type StreamPlace = z.infer<typeof placeSchema>;

/**
 * Where a consumer goes on after a restart. Kept in the database whose stream it reads, so that both are always of one age: a
 * folder that was copied, or brought back from a copy, has the place that belongs to it.
 */
export interface StreamCheckpoint {
  /** `undefined` when nothing is known: then the stream is read from its beginning. */
  read(): Promise<StreamPlace | undefined>;
  write(place: StreamPlace): Promise<void>;
}

/** @param table the outbox: its items have keys of any text, and no stream that would bring them back here */
export function openCheckpoint(client: DynamoDBDocumentClient, table: string, consumer: string): StreamCheckpoint {
  const key = `checkpoint#${consumer}`;
  return {
    async read() {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: { key }, ConsistentRead: true }));
      return placeSchema.safeParse(Item).data;
    },
    async write(place) {
      await client.send(new PutCommand({ TableName: table, Item: { key, ...place } }));
    },
  };
}
