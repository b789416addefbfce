import 'reflect-metadata';
import { dynamoDbModule } from '@abca/adapter-dynamodb/module';
import { SystemClock } from '@abca/adapter-system';
import { systemModule } from '@abca/adapter-system/module';
import { createJsonLogger, storeEnvironmentSchema, parseEnvironment, tableNames, tokens } from '@abca/core';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ContainerModule } from 'inversify';
import { channelModulesOf } from './fan-out/channel-modules.ts';
import { createFanOut } from './fan-out/fan-out.ts';

const environment = parseEnvironment('the fan-out', storeEnvironmentSchema, process.env);
const logger = createJsonLogger((line) => process.stdout.write(`${line}\n`), { clock: new SystemClock() });

/** One client per process: a client per call costs a TLS handshake each. */
const clients = new ContainerModule(({ bind }) => {
  const client = new DynamoDBClient({ region: environment.AWS_REGION });
  bind(tokens.dynamoDbClient).toConstantValue(DynamoDBDocumentClient.from(client));
});

/** What Lambda runs for each batch of the stream of the events table, with `ReportBatchItemFailures`. */
export const handler = createFanOut([
  clients,
  systemModule({ logger }),
  dynamoDbModule({ tables: tableNames(environment.ABCA_TABLE_PREFIX) }),
  ...channelModulesOf(process.env),
]);
