import { createDynamoStores, type DynamoStores } from '@abca/adapter-dynamodb';
import { SystemClock, UlidGenerator } from '@abca/adapter-system';
import { tableNames, type UserId } from '@abca/core';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The store of a platform that runs, seen past its API. */
export interface OpenStores extends DynamoStores {
  /** Everybody who uses a local platform. */
  readonly user: UserId;
  readonly client: DynamoDBClient;
  close(): void;
}

/** @param dataDir folder of a platform that runs */
export function openStores(dataDir: string): OpenStores {
  const { ports } = JSON.parse(readFileSync(join(dataDir, 'platform.json'), 'utf8')) as { ports: { dynamodb: number } };
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${String(ports.dynamodb)}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const stores = createDynamoStores(DynamoDBDocumentClient.from(client), {
    tables: tableNames('abca'),
    clock: new SystemClock(),
    ids: new UlidGenerator(),
  });
  return {
    ...stores,
    client,
    user: 'local' as UserId,
    close: () => {
      client.destroy();
    },
  };
}
