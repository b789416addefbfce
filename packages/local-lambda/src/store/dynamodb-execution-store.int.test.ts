import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { AbcaError } from '@abca/core';

import { decideStart } from '../decide/start-execution.ts';
import { aStart } from '../decide/execution.test-kit.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../dynamodb.test-kit.ts';
import { DynamoDbExecutionStore } from './dynamodb-execution-store.ts';
import type { ExecutionSummary } from './execution-store.ts';
import { ensureTables, executionsTableName } from './tables.ts';

let database: TestDynamoDb;
let store: DynamoDbExecutionStore;
let tableName: string;
let tables = 0;
let writes = 0;

beforeAll(async () => {
  database = await startTestDynamoDb();
});
afterAll(() => database.stop());
beforeEach(async () => {
  const prefix = `store${String((tables += 1))}-`;
  await ensureTables(database.client, prefix);
  await ensureTables(database.client, prefix);
  tableName = executionsTableName(prefix);
  store = new DynamoDbExecutionStore(database.client, tableName, () => `w${String((writes += 1))}`);
});

const start = aStart();
const summary: ExecutionSummary = {
  functionName: start.functionName,
  name: start.name,
  id: start.id,
  qualifier: start.qualifier,
  status: 'RUNNING',
  startMs: 5,
};
const closed: ExecutionSummary = { ...summary, status: 'SUCCEEDED', endMs: 9 };

function put(sk: string, fields: Record<string, { S: string } | { N: string }>): Promise<unknown> {
  const Item = { pk: { S: 'E#orders#order-1' }, sk: { S: sk }, ...fields };
  return database.client.send(new PutItemCommand({ TableName: tableName, Item }));
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.catch((reason: unknown) => reason);
  return AbcaError.is(error) ? error.code : error;
}

describe('DynamoDbExecutionStore', () => {
  test('reads back what it wrote, in order', async () => {
    const first = decideStart(start, 5);

    expect(await store.find(summary)).toBeUndefined();
    expect(await store.create(summary, first)).toBe('created');
    expect(await store.create(summary, first)).toBe('exists');
    await store.append(summary, 1, { token: 1 });
    await store.append(summary, 2, { token: 2 });

    expect(await store.find(summary)).toEqual([first, { token: 1 }, { token: 2 }]);
  });

  test('lets one of two writers have a position', async () => {
    await store.create(summary, decideStart(start, 5));

    const codes = await Promise.all([1, 2].map((token) => codeOf(store.append(summary, 1, { token }))));

    expect(codes.filter((code) => code === 'STORE_ERROR')).toHaveLength(1);
    expect(await store.find(summary)).toHaveLength(2);
  });

  test('takes its own repeated write for written', async () => {
    await store.create(summary, decideStart(start, 5));

    await store.append(summary, 1, { token: 7 });
    await store.append(summary, 1, { token: 7 });

    expect(await store.find(summary)).toHaveLength(2);
  });

  test('stores changes of several megabytes', async () => {
    await store.create(summary, decideStart(start, 5));
    const outcome = { status: 'SUCCEEDED', result: 'é'.repeat(1_500_000), endMs: 9 } as const;

    await store.append(summary, 1, { outcome }, closed);

    expect((await store.find(summary))?.[1]).toEqual({ outcome });
  });

  test('never reads the parts of a write that was cut off before its commit', async () => {
    await store.create(summary, decideStart(start, 5));
    await put('P#00000001#gone#0001', { d: { S: 'half a change' } });

    await store.append(summary, 1, { token: 1, wake: true });

    expect(await store.find(summary)).toEqual([decideStart(start, 5), { token: 1, wake: true }]);
  });

  test('keeps the running index and the list up to date', async () => {
    await store.create(summary, decideStart(start, 5));
    const query = { functionName: 'orders', fromMs: 0, toMs: 10, newestFirst: false, limit: 10 };

    expect(await store.listRunning()).toEqual([{ functionName: 'orders', name: 'order-1' }]);
    expect((await store.list(query)).items.map((item) => item.summary)).toEqual([summary]);
    await store.append(summary, 1, { wake: false }, closed);

    expect(await store.listRunning()).toEqual([]);
    expect((await store.list(query)).items.map((item) => item.summary)).toEqual([closed]);
    expect((await store.list({ ...query, fromMs: 6 })).items).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a record is missing', () => put('J#00000002', { d: { S: '{}' } })],
    ['a part is missing', () => put('J#00000001', { d: { S: '{' }, w: { S: 'x' }, n: { N: '1' } })],
    ['a record is not JSON', () => put('J#00000001', { d: { S: '{' } })],
    ['an item has no text', () => put('J#00000001', { x: { S: '{' } })],
  ])('says that it is damaged when %s', async (_what, damage) => {
    await store.create(summary, decideStart(start, 5));
    await damage();

    expect(await codeOf(store.find(summary))).toBe('STORE_CORRUPT');
  });
});
