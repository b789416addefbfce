import { createDynamoStores, ensureTables } from '@abca/adapter-dynamodb';
import { tableNames } from '@abca/core';
import { FakeClock, SequentialIds } from '@abca/core/testing';
import { startLocalDynamoDb, type LocalDynamoDb } from '@abca/local-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chanceOf } from './crash-world/chance.test-kit.ts';
import { CrashWorld } from './crash-world/crash-world.test-kit.ts';
import { judgeWorld, summaryOf } from './crash-world/judge-world.test-kit.ts';

describe('the fan-out over DynamoDB, with consumers that die at any call', () => {
  let database: LocalDynamoDb;
  let client: DynamoDBClient;

  beforeAll(async () => {
    database = await startLocalDynamoDb();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new DynamoDBClient({ endpoint: database.endpoint, region: 'us-east-1', credentials });
  });

  afterAll(async () => {
    client.destroy();
    await database.stop();
  });

  test('of 2,000 records each event is accepted exactly once on each channel that accepts it', async () => {
    const tables = tableNames('fan-out');
    await ensureTables(client, tables);
    const parts = { tables, clock: new FakeClock(), ids: new SequentialIds() };
    const { outbox } = createDynamoStores(DynamoDBDocumentClient.from(client), parts);
    const mishaps = { crash: 0.003, fault: 0.002 };
    const world = new CrashWorld({ outbox, chance: chanceOf(7), mishaps, records: 2_000 });
    const startMs = performance.now();

    await world.consumeAll();
    await world.settleAll();

    const verdict = await judgeWorld(world, outbox);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    process.stdout.write(`DynamoDB: ${summaryOf(world, verdict)}; ${seconds} s\n`);
    expect(verdict.wrong).toStrictEqual([]);
    expect(verdict).toMatchObject({ records: 2_000, overlaps: 0, strangers: 0 });
    expect(verdict.accepted).toBeGreaterThan(700);
    expect(verdict.crashes).toBeGreaterThan(20);
  }, 120_000);
});
