import { tableNames, type TableNames } from '@abca/core';
import { FakeClock, SequentialIds } from '@abca/core/testing';
import { startLocalDynamoDb } from '@abca/local-dynamodb';
import { afterAll, beforeAll } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoStores, type DynamoStores } from './create-dynamo-stores.ts';
import { ensureTables } from './tables/ensure-tables.ts';

/** An embedded database for the tests of one file. Each installation in it has tables of its own. */
export interface TestDatabase {
  readonly base: DynamoDBClient;
  readonly client: DynamoDBDocumentClient;
  /** Stores over fresh, empty tables. */
  install(clock?: FakeClock): Promise<TestInstallation>;
}

export interface TestInstallation extends DynamoStores {
  readonly tables: TableNames;
  readonly clock: FakeClock;
  /** The stores of another process over the same tables; `intercept` stands between it and the store. */
  another(intercept?: Intercept): DynamoStores;
}

/** Makes a call in the place of the client: `send` is the client's own. */
export type Intercept = (command: object, send: () => Promise<unknown>) => Promise<unknown>;

/** Start a database before the tests of a file and stop it after them. */
export function useTestDatabase(): TestDatabase {
  let base: DynamoDBClient | undefined;
  let stop: (() => Promise<void>) | undefined;
  let installations = 0;
  const started = (): DynamoDBClient => {
    if (base === undefined) throw new Error('the database starts before the first test');
    return base;
  };
  beforeAll(async () => {
    const database = await startLocalDynamoDb();
    stop = () => database.stop();
    base = new DynamoDBClient({
      endpoint: database.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  });
  afterAll(async () => {
    base?.destroy();
    await stop?.();
  });
  return {
    get base() {
      return started();
    },
    get client() {
      return DynamoDBDocumentClient.from(started());
    },
    install: async (clock = new FakeClock()) => {
      installations += 1;
      const tables = tableNames(`test-${String(installations)}`);
      await ensureTables(started(), tables);
      const ids = new SequentialIds();
      const another = (intercept: Intercept = (_command, send) => send()): DynamoStores =>
        createDynamoStores(interceptedClient(started(), intercept), { tables, clock, ids });
      return { ...another(), another, tables, clock };
    },
  };
}

function interceptedClient(base: DynamoDBClient, intercept: Intercept): DynamoDBDocumentClient {
  const client = DynamoDBDocumentClient.from(base);
  const send = client.send.bind(client) as (command: object, ...rest: unknown[]) => Promise<unknown>;
  client.send = ((command: object, ...rest: unknown[]) =>
    intercept(command, () => send(command, ...rest))) as typeof client.send;
  return client;
}
