import { tableKinds, tableNames } from '@abca/core';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { useTestDatabase } from '../database.test-kit.ts';
import { createTableInputs } from './create-table-inputs.ts';
import { ensureTables } from './ensure-tables.ts';

const database = useTestDatabase();

describe('ensureTables()', () => {
  test('makes every table with its indexes, ttl and stream', async () => {
    const names = tableNames('made');

    await ensureTables(database.base, names);

    const { Table: tasks } = await database.base.send(new DescribeTableCommand({ TableName: names.tasks }));
    const { Table: events } = await database.base.send(new DescribeTableCommand({ TableName: names.events }));
    const ttl = await database.base.send(new DescribeTimeToLiveCommand({ TableName: names.tasks }));
    expect(tasks?.TableStatus).toBe('ACTIVE');
    expect(tasks?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toStrictEqual([
      'by-open-session',
      'by-status',
      'by-user',
    ]);
    expect(events?.StreamSpecification).toMatchObject({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' });
    expect(events?.KeySchema).toStrictEqual([
      { AttributeName: 'task_id', KeyType: 'HASH' },
      { AttributeName: 'seq', KeyType: 'RANGE' },
    ]);
    expect(ttl.TimeToLiveDescription).toMatchObject({ AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' });
  });

  test('gives a table of an earlier version the index it lacks, with what is stored in it', async () => {
    const names = tableNames('older');
    const [tasks] = createTableInputs(names);
    const { GlobalSecondaryIndexes = [], AttributeDefinitions = [] } = tasks!;
    await database.base.send(
      new CreateTableCommand({
        ...tasks!,
        AttributeDefinitions: AttributeDefinitions.filter(({ AttributeName }) => !/^session/.test(AttributeName!)),
        GlobalSecondaryIndexes: GlobalSecondaryIndexes.filter(({ IndexName }) => IndexName !== 'by-open-session'),
      }),
    );
    const item = { task_id: 't', session_open: 'open', session_since: '2026-01-01T00:00:00.000Z' };
    await database.client.send(new PutCommand({ TableName: names.tasks, Item: item }));

    await Promise.all([ensureTables(database.base, names), ensureTables(database.base, names)]);

    const { Items } = await database.client.send(
      new QueryCommand({
        TableName: names.tasks,
        IndexName: 'by-open-session',
        KeyConditionExpression: 'session_open = :open',
        ExpressionAttributeValues: { ':open': 'open' },
      }),
    );
    expect(Items).toStrictEqual([item]);
  });

  test('may be repeated, by several at once too, and keeps installations apart', async () => {
    const names = tableNames('again');

    await Promise.all([ensureTables(database.base, names), ensureTables(database.base, names)]);
    await ensureTables(database.base, names);

    const { TableNames: listed = [] } = await database.base.send(new ListTablesCommand());
    expect(listed.filter((name) => name.startsWith('again-'))).toHaveLength(tableKinds.length);
  });

  test('says when the store does not answer', async () => {
    const client = new DynamoDBClient({
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
      maxAttempts: 1,
    });

    await expect(ensureTables(client, tableNames('none'))).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      retryable: true,
      details: { reason: 'ECONNREFUSED' },
    });
  });
});

describe('createTableInputs()', () => {
  test('defines every key attribute of table and indexes once', () => {
    const [tasks] = createTableInputs(tableNames('x'));

    expect(tasks).toMatchObject({
      TableName: 'x-tasks',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        'task_id',
        'user_id',
        'created_at',
        'status',
        'status_created_at',
        'session_open',
        'session_since',
      ].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    });
  });
});
