import 'reflect-metadata';
import { dynamoDbModule } from '@abca/adapter-dynamodb/module';
import { gitHubModulesOf } from '@abca/adapter-github/module';
import { SystemClock } from '@abca/adapter-system';
import { systemModule } from '@abca/adapter-system/module';
import { AbcaError, createJsonLogger, storeEnvironmentSchema, parseEnvironment, tableNames, tokens } from '@abca/core';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ContainerModule } from 'inversify';
import { createCredentialsFunction } from './credentials-function.ts';

const environment = parseEnvironment('the credentials function', storeEnvironmentSchema, process.env);
const logger = createJsonLogger((line) => process.stdout.write(`${line}\n`), { clock: new SystemClock() });

/** One client per process: a client per call costs a TLS handshake each. */
const clients = new ContainerModule(({ bind }) => {
  const client = new DynamoDBClient({ region: environment.AWS_REGION });
  bind(tokens.dynamoDbClient).toConstantValue(DynamoDBDocumentClient.from(client));
});

/** The forge whose tokens it hands out: without one there is nothing for it to do. */
const forges = gitHubModulesOf(process.env);
if (forges.length === 0) {
  const remedy = 'set ABCA_GITHUB_APP_ID and ABCA_GITHUB_APP_PRIVATE_KEY, or ABCA_GITHUB_TOKEN';
  throw new AbcaError('CONFIG_INVALID', `the credentials function has no access to a forge: ${remedy}`);
}

/** What Lambda runs when a session asks for a token. */
export const handler = createCredentialsFunction([
  clients,
  systemModule({ logger }),
  dynamoDbModule({ tables: tableNames(environment.ABCA_TABLE_PREFIX) }),
  ...forges,
]);
