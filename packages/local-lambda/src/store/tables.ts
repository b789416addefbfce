import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

/** Name of the one table of this server, for a prefix such as `abca-local-`. */
export function executionsTableName(prefix: string): string {
  return `${prefix}lambda-executions`;
}

/**
 * The tables of this server as data, ready for CreateTable.
 *
 * One table, two string keys. `pk` is `E#<function>#<name>` for an execution's journal, `RUNNING` for the index of
 * executions that have not ended, `F#<function>` for the list of a function's executions.
 */
export function localLambdaTables(prefix: string): readonly CreateTableCommandInput[] {
  return [
    {
      TableName: executionsTableName(prefix),
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    },
  ];
}

/** Create the tables that do not exist yet. Safe to repeat, and to run from several processes. */
export async function ensureTables(client: DynamoDBClient, prefix: string): Promise<void> {
  for (const table of localLambdaTables(prefix)) {
    try {
      await client.send(new CreateTableCommand(table));
    } catch (error) {
      if (!(error instanceof ResourceInUseException)) throw error;
    }
    await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 2 }, { TableName: table.TableName });
  }
}
