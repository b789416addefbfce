import { randomUUID } from 'node:crypto';

import { LambdaClient } from '@aws-sdk/client-lambda';
import { withDurableExecution, type DurableExecutionHandler } from '@aws/durable-execution-sdk-js';

import {
  createLocalLambda,
  ensureTables,
  type LambdaHandler,
  type LocalLambda,
  type LocalLambdaOptions,
} from './index.ts';
import { startTestDynamoDb, type TestDynamoDb } from './dynamodb.test-kit.ts';

/** A running server with an unmodified SDK client. */
export interface TestPlatform {
  readonly url: string;
  readonly lambda: LambdaClient;
  readonly server: LocalLambda;
  readonly database: TestDynamoDb;
  readonly tablePrefix: string;
  stop(): Promise<void>;
}

type Handlers = LocalLambdaOptions['functions'];

/** Start a server on a free port over its own tables. Without `database` it also owns an embedded one. */
export async function startTestPlatform(
  makeFunctions: (durable: Durable) => Handlers,
  options: Partial<LocalLambdaOptions> & { database?: TestDynamoDb } = {},
): Promise<TestPlatform> {
  const { database = await startTestDynamoDb(), ...rest } = options;
  const tablePrefix = rest.tablePrefix ?? `t${randomUUID().slice(0, 8)}-`;
  await ensureTables(database.client, tablePrefix);
  const late: { client?: LambdaClient } = {};
  const durable: Durable = (handler) => async (event: never, context) => {
    // The client needs the address, which is known once the server listens; by the first call it does.
    return withDurableExecution(handler, late)(event, context);
  };
  const server = createLocalLambda({
    client: database.client,
    tablePrefix,
    functions: makeFunctions(durable),
    ...rest,
  });
  const { url } = await server.start();
  const lambda = testLambdaClient(url);
  late.client = lambda;
  return {
    url,
    lambda,
    server,
    database,
    tablePrefix,
    async stop() {
      await server.close();
      lambda.destroy();
      if (options.database === undefined) await database.stop();
    },
  };
}

/** Wrap a durable handler so that its SDK talks to the test's server. */
export type Durable = (handler: DurableExecutionHandler) => LambdaHandler;

/** An unmodified client of the server. */
export function testLambdaClient(url: string, accessKeyId = 'local'): LambdaClient {
  return new LambdaClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}
