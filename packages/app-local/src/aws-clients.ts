import { tokens } from '@abca/core';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ContainerModule } from 'inversify';

/** Region that local ARNs name. No request leaves this machine. */
export const localRegion = 'us-east-1';

/** The AWS clients of a platform, all on loopback. One of each per process. */
export interface LocalClients {
  readonly dynamoDb: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  readonly streams: DynamoDBStreamsClient;
  readonly lambda: LambdaClient;
  destroy(): void;
}

/** @param accessKeyId key id that the local services know */
export function createLocalClients(
  endpoints: { readonly dynamoDb: string; readonly lambda: string },
  accessKeyId: string,
): LocalClients {
  const base = { region: localRegion, credentials: { accessKeyId, secretAccessKey: 'local' } };
  const dynamoDb = new DynamoDBClient({ ...base, endpoint: endpoints.dynamoDb, requestHandler: manySockets });
  const streams = new DynamoDBStreamsClient({ ...base, endpoint: endpoints.dynamoDb });
  const lambda = new LambdaClient({ ...base, endpoint: endpoints.lambda, requestHandler: manySockets });
  return {
    dynamoDb,
    documents: DynamoDBDocumentClient.from(dynamoDb),
    streams,
    lambda,
    destroy: () => {
      [dynamoDb, streams, lambda].forEach((client) => {
        client.destroy();
      });
    },
  };
}

/** Waiting invocations hold a socket each; the SDK's default of 50 would queue the rest behind them. */
const manySockets = { httpAgent: { maxSockets: 500, keepAlive: true } };

/** Binds the clients that the adapters ask for. */
export function clientsModule(clients: LocalClients): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.dynamoDbClient).toConstantValue(clients.documents);
    bind(tokens.lambdaClient).toConstantValue(clients.lambda);
  });
}
