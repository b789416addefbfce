import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startLocalDynamoDb } from '@abca/local-dynamodb';

/** An embedded DynamoDB that ends with this process, however this process ends. */
export interface TestDynamoDb {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

/** Start an embedded DynamoDB on a free port; without a file it is in memory. */
export async function startTestDynamoDb(dataFile?: string): Promise<TestDynamoDb> {
  const database = await startLocalDynamoDb(dataFile === undefined ? {} : { dataFile });
  const client = testClient(database.endpoint);
  return {
    endpoint: database.endpoint,
    client,
    async stop() {
      client.destroy();
      await database.stop();
    },
  };
}

/** A client that never looks for credentials. */
export function testClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}
