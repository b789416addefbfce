import 'reflect-metadata';
import { cedarModule } from '@abca/adapter-cedar/module';
import type { ModelSettings } from '@abca/adapter-claude';
import { HttpDecisionFeed } from '@abca/adapter-feed';
import { claudeModule } from '@abca/adapter-claude/module';
import { dynamoDbModule } from '@abca/adapter-dynamodb/module';
import { tokenCredentials } from '@abca/adapter-git';
import { gitModule } from '@abca/adapter-git/module';
import { createGitHubClient, GitHubForge, type GitHubClient } from '@abca/adapter-github';
import { LambdaForgeTokens } from '@abca/adapter-lambda';
import { lambdaModule } from '@abca/adapter-lambda/module';
import { SystemClock } from '@abca/adapter-system';
import { systemModule } from '@abca/adapter-system/module';
import { forgesOf, tableNames, tokens, type Forge, type Logger } from '@abca/core';
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
  const clients = createClients(config, requests);
  const github = gitHubOf(config, clients.lambda);
  container.load(
    clientsModule(clients),
    systemModule({ logger }),
    dynamoDbModule({ tables: tableNames(tablePrefix) }),
    lambdaModule(),
    cedarModule({ homeDir: session.homeDir }),
    claudeModule({ model, hostEnvironment: { PATH: pathEnv, LANG: 'C.UTF-8', TZ: 'UTC' } }),
    gitModule({
      homeDir: gitHomeDir,
      pathEnv,
      // The mark lets a stop of the session find a git process that lost its parent.
      environment: { ABCA_SESSION_ID: session.sessionId },
      ...(github && { credentials: tokenCredentials({ tokens: github.tokens, origin: github.webUrl }) }),
    }),
    ...(github ? [gitHubForgeModule(github)] : []),
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
    forges: forgesOf(container.getAll<Forge>(tokens.forge)),
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
function createClients(config: AgentConfig<ModelSettings>, requests: RequestBounds): Clients {
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
  return {
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(at(config.dynamoDbEndpoint))),
    lambda: new LambdaClient(at(config.lambdaEndpoint)),
  };
}

interface Clients {
  readonly documents: DynamoDBDocumentClient;
  readonly lambda: LambdaClient;
}

function clientsModule({ documents, lambda }: Clients): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.dynamoDbClient).toConstantValue(documents);
    bind(tokens.lambdaClient).toConstantValue(lambda);
  });
}

/** GitHub as a session reaches it: with tokens that the platform hands out one by one. */
function gitHubOf(config: AgentConfig<ModelSettings>, lambda: LambdaClient): GitHubClient | undefined {
  const { credentialsFunction: functionName, gitHubUrl, session } = config;
  if (functionName === undefined) return undefined;
  const { taskId, sessionId, generation } = session;
  const clock = new SystemClock();
  return createGitHubClient({
    tokens: new LambdaForgeTokens(lambda, { functionName, session: { taskId, sessionId, generation }, clock }),
    clock,
    ...(gitHubUrl !== undefined && { apiUrl: gitHubUrl }),
  });
}

function gitHubForgeModule(client: GitHubClient): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.forge).toConstantValue(new GitHubForge(client));
  });
}
