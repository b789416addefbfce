import { tableDescriptions, tableKinds, type CallOptions, type TableDescription, type TableNames } from '@abca/core';
import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceInUseException,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { callDynamo, type HttpOptions } from '../dynamo/call-dynamo.ts';
import { createTableInputs } from './create-table-inputs.ts';

/**
 * Create the tables and indexes that do not exist, and wait until all tables can be used. A table that an earlier version
 * made gets the indexes it lacks. Safe to repeat, and to run from several processes.
 * For local installations and tests; on AWS the stack makes the tables.
 *
 * @throws AbcaError SERVICE_UNAVAILABLE (retryable) or STORE_ERROR
 */
export async function ensureTables(
  client: DynamoDBClient,
  names: TableNames,
  options: CallOptions = {},
): Promise<void> {
  await Promise.all(
    createTableInputs(names).map((input) =>
      callDynamo(`creating table ${String(input.TableName)}`, options, (http) => ensureTable(client, input, http)),
    ),
  );
  await Promise.all(
    tablesWithTtl(names).map((table) =>
      callDynamo(`setting the ttl of ${table.name}`, options, (http) => ensureTtl(client, table, http)),
    ),
  );
}

interface TableTtl {
  readonly name: string;
  readonly ttl: string;
}

function tablesWithTtl(names: TableNames): readonly TableTtl[] {
  return tableKinds.flatMap((kind) => {
    const { ttl }: TableDescription = tableDescriptions[kind];
    return ttl === undefined ? [] : [{ name: names[kind], ttl }];
  });
}

async function ensureTable(client: DynamoDBClient, input: CreateTableCommandInput, http: HttpOptions): Promise<void> {
  try {
    await client.send(new CreateTableCommand(input), http);
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await untilActive(client, input, http);
  await ensureIndexes(client, input, http);
}

async function untilActive(
  client: DynamoDBClient,
  { TableName }: CreateTableCommandInput,
  http: HttpOptions,
): Promise<void> {
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 5, ...http }, { TableName });
}

/** One after the other: DynamoDB makes one index of a table at a time. */
async function ensureIndexes(client: DynamoDBClient, input: CreateTableCommandInput, http: HttpOptions): Promise<void> {
  const { TableName, AttributeDefinitions, GlobalSecondaryIndexes = [] } = input;
  if (GlobalSecondaryIndexes.length === 0) return;
  const { Table } = await client.send(new DescribeTableCommand({ TableName }), http);
  const there = Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName) ?? [];
  for (const index of GlobalSecondaryIndexes.filter(({ IndexName }) => !there.includes(IndexName))) {
    try {
      const GlobalSecondaryIndexUpdates = [{ Create: index }];
      await client.send(new UpdateTableCommand({ TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates }), http);
    } catch (error) {
      // Another process makes it at this moment.
      if (!(error instanceof ResourceInUseException) && !isAlreadyThere(error)) throw error;
    }
    await untilActive(client, input, http);
  }
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException' && /already exists/i.test(error.message);
}

async function ensureTtl(client: DynamoDBClient, { name, ttl }: TableTtl, http: HttpOptions): Promise<void> {
  try {
    const TimeToLiveSpecification = { AttributeName: ttl, Enabled: true };
    await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }), http);
  } catch (error) {
    if (!isAlreadyEnabled(error)) throw error;
  }
}

/** DynamoDB answers a repeated request with a validation error that only its text tells from others. */
function isAlreadyEnabled(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException' && /already enabled/i.test(error.message);
}
