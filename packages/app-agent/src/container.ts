import 'reflect-metadata';
import { cedarModule } from '@abca/adapter-cedar/module';
import type { ModelSettings } from '@abca/adapter-claude';
import { HttpDecisionFeed } from '@abca/adapter-feed';
import { claudeModule } from '@abca/adapter-claude/module';
import { dynamoDbModule } from '@abca/adapter-dynamodb/module';
import { gitModule } from '@abca/adapter-git/module';
import { lambdaModule } from '@abca/adapter-lambda/module';
import { systemModule } from '@abca/adapter-system/module';
import { tableNames, tokens, type Logger } from '@abca/core';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Container, ContainerModule } from 'inversify';
import type { AgentConfig } from './config/load-config.ts';
import type { SessionDeps } from './session/session.ts';

/** How long one try of a request to AWS may take, in milliseconds. The SDK tries again by itself. */
export interface RequestBounds {
  readonly connectionMs: number;
  /** From the connection to the answer. */
  readonly answerMs: number;
}

/** The SDK has none of its own: a store that accepts a connection and never answers would hold a session for good. */
const requestBounds: RequestBounds = { connectionMs: 2_000, answerMs: 5_000 };

/** The adapters of a session, wired. A forge or a model provider is added here. */
export function createSessionDeps(
  config: AgentConfig<ModelSettings>,
  logger: Logger,
  requests: RequestBounds = requestBounds,
): SessionDeps {
  const { session, model, tablePrefix, gitHomeDir, pathEnv } = config;
  const container = new Container();
  container.load(
    clientsModule(config, requests),
    systemModule({ logger }),
    dynamoDbModule({ tables: tableNames(tablePrefix) }),
    lambdaModule(),
    cedarModule({ homeDir: session.homeDir }),
    claudeModule({ model, hostEnvironment: { PATH: pathEnv, LANG: 'C.UTF-8', TZ: 'UTC' } }),
    // The mark lets a stop of the session find a git process that lost its parent.
    gitModule({ homeDir: gitHomeDir, pathEnv, environment: { ABCA_SESSION_ID: session.sessionId } }),
  );
  return { ...resolveDeps(container), ...feedOf(config) };
}

/** The feed is of the machine that runs the platform: its sessions show the key that all its services know them by. */
function feedOf({ feedUrl, localAccessKeyId }: AgentConfig<ModelSettings>): Pick<SessionDeps, 'decisionFeed'> {
  if (feedUrl === undefined || localAccessKeyId === undefined) return {};
  return { decisionFeed: new HttpDecisionFeed({ url: feedUrl, key: localAccessKeyId }) };
}

function resolveDeps(container: Container): SessionDeps {
  return {
    tasks: container.get(tokens.taskRepository),
    events: container.get(tokens.eventLog),
    contexts: container.get(tokens.contextStore),
    signals: container.get(tokens.sessionSignals),
    workspace: container.get(tokens.workspace),
    forge: container.get(tokens.forge),
    agent: container.get(tokens.codingAgent),
    policies: container.get(tokens.policyLoader),
    approvals: container.get(tokens.approvalRepository),
    ids: container.get(tokens.idGenerator),
    clock: container.get(tokens.clock),
    logger: container.get(tokens.logger),
  };
}

/**
 * One client of each kind per process. Local services know a session by a key id of their own, so that the credentials of
 * a model on Bedrock can stand beside it; elsewhere the AWS SDK's chain is asked.
 */
function clientsModule(config: AgentConfig<ModelSettings>, requests: RequestBounds): ContainerModule {
  const { region, localAccessKeyId: accessKeyId } = config;
  const requestHandler = {
    connectionTimeout: requests.connectionMs,
    requestTimeout: requests.answerMs,
    // Without it a request that takes longer is logged, and goes on.
    throwOnRequestTimeout: true,
  };
  const at = (endpoint: string | undefined) => ({
    region,
    requestHandler,
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== undefined && { credentials: { accessKeyId, secretAccessKey: 'local' } }),
  });
  return new ContainerModule(({ bind }) => {
    const dynamoDb = new DynamoDBClient(at(config.dynamoDbEndpoint));
    bind(tokens.dynamoDbClient).toConstantValue(DynamoDBDocumentClient.from(dynamoDb));
    bind(tokens.lambdaClient).toConstantValue(new LambdaClient(at(config.lambdaEndpoint)));
  });
}
