import { tableDescriptions, tableKinds, type CallOptions, type TableDescription, type TableNames } from '@abca/core';
import {
  CreateTableCommand,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { callDynamo, type HttpOptions } from '../dynamo/call-dynamo.ts';
import { createTableInputs } from './create-table-inputs.ts';

/**
 * Create the tables that do not exist, and wait until all can be used. Safe to repeat, and to run from several processes.
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
  await waitUntilTableExists(
    { client, maxWaitTime: 60, minDelay: 1, maxDelay: 5, ...http },
    { TableName: input.TableName },
  );
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
