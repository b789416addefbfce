import 'reflect-metadata';
import { agentCoreModulesOf } from '@abca/adapter-agentcore/module';
import { dynamoDbModule } from '@abca/adapter-dynamodb/module';
import { ecsModulesOf } from '@abca/adapter-ecs/module';
import { lambdaModule } from '@abca/adapter-lambda/module';
import { SystemClock } from '@abca/adapter-system';
import { systemModule } from '@abca/adapter-system/module';
import { createJsonLogger, parseEnvironment, reconcilerEnvironmentSchema, tableNames, tokens } from '@abca/core';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ContainerModule } from 'inversify';
import { channelModulesOf } from './fan-out/channel-modules.ts';
import { createReconciler } from './reconciler.ts';

const environment = parseEnvironment('the reconciler', reconcilerEnvironmentSchema, process.env);
const region = environment.AWS_REGION;
const logger = createJsonLogger((line) => process.stdout.write(`${line}\n`), { clock: new SystemClock() });

/** One client of each kind per process: a client per call costs a TLS handshake each. */
const clients = new ContainerModule(({ bind }) => {
  bind(tokens.lambdaClient).toConstantValue(new LambdaClient({ region }));
  bind(tokens.dynamoDbClient).toConstantValue(DynamoDBDocumentClient.from(new DynamoDBClient({ region })));
});

/**
 * What Lambda runs by a schedule. Compute backends are added to this list, one line each: the same as the orchestrator's. The
 * channels are those of the fan-out: what they could not take, they are asked again from here.
 */
export const handler = createReconciler([
  clients,
  systemModule({ logger }),
  dynamoDbModule({ tables: tableNames(environment.ABCA_TABLE_PREFIX) }),
  lambdaModule({ orchestratorFunction: environment.ABCA_ORCHESTRATOR_FUNCTION }),
  ...agentCoreModulesOf(process.env),
  ...ecsModulesOf(process.env),
  ...channelModulesOf(process.env),
]);
