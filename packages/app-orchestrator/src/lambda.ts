import 'reflect-metadata';
import { agentCoreModulesOf } from '@abca/adapter-agentcore/module';
import { dynamoDbModule } from '@abca/adapter-dynamodb/module';
import { ecsModulesOf } from '@abca/adapter-ecs/module';
import { gitModule } from '@abca/adapter-git/module';
import { gitHubModulesOf } from '@abca/adapter-github/module';
import { lambdaModule } from '@abca/adapter-lambda/module';
import { SystemClock } from '@abca/adapter-system';
import { systemModule } from '@abca/adapter-system/module';
import { createJsonLogger, orchestratorEnvironmentSchema, parseEnvironment, tableNames, tokens } from '@abca/core';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ContainerModule } from 'inversify';
import { createOrchestrator } from './orchestrator.ts';

const environment = parseEnvironment('the orchestrator', orchestratorEnvironmentSchema, process.env);
const region = environment.AWS_REGION;
const { ABCA_CREDENTIALS_FUNCTION: credentialsFunction, ABCA_GITHUB_URL: gitHubUrl } = environment;
const logger = createJsonLogger((line) => process.stdout.write(`${line}\n`), { clock: new SystemClock() });

/** One client of each kind per process: a client per call costs a TLS handshake each, again on every replay. */
const clients = new ContainerModule(({ bind }) => {
  bind(tokens.lambdaClient).toConstantValue(new LambdaClient({ region }));
  bind(tokens.dynamoDbClient).toConstantValue(DynamoDBDocumentClient.from(new DynamoDBClient({ region })));
});

/** What Lambda runs. Compute backends are added to this list, one line each. */
export const handler = createOrchestrator(
  [
    clients,
    systemModule({ logger }),
    dynamoDbModule({ tables: tableNames(environment.ABCA_TABLE_PREFIX) }),
    lambdaModule(),
    ...agentCoreModulesOf(process.env),
    ...ecsModulesOf(process.env),
    gitModule({ homeDir: '/tmp/git', pathEnv: process.env['PATH'] ?? '/usr/bin:/bin' }),
    ...gitHubModulesOf(process.env),
  ],
  {
    computeType: environment.ABCA_COMPUTE_TYPE,
    sessionEnvironment: {
      AWS_REGION: region,
      ABCA_TABLE_PREFIX: environment.ABCA_TABLE_PREFIX,
      ...(credentialsFunction !== undefined && { ABCA_CREDENTIALS_FUNCTION: credentialsFunction }),
      ...(gitHubUrl !== undefined && { ABCA_GITHUB_URL: gitHubUrl }),
    },
  },
);
