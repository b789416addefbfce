import { describe, expect, test } from '@jest/globals';
import { tokens } from './tokens.ts';

/** Bound in one package and asked for in another, perhaps from two copies of this one: the names are the contract. */
const names: Record<keyof typeof tokens, string> = {
  clock: 'Clock',
  idGenerator: 'IdGenerator',
  logger: 'Logger',
  taskRepository: 'TaskRepository',
  eventLog: 'EventLog',
  eventFeed: 'EventFeed',
  slotRepository: 'SlotRepository',
  rateLimiter: 'RateLimiter',
  repoConfigRepository: 'RepoConfigRepository',
  contextStore: 'ContextStore',
  policyLoader: 'PolicyLoader',
  approvalRepository: 'ApprovalRepository',
  codingAgent: 'CodingAgent',
  computeStrategy: 'ComputeStrategy',
  workspace: 'Workspace',
  forge: 'Forge',
  forgeTokens: 'ForgeTokens',
  forgePeople: 'ForgePeople',
  notifier: 'Notifier',
  outbox: 'Outbox',
  notificationSettings: 'NotificationSettingsRepository',
  identityLinks: 'IdentityLinks',
  sessionSignals: 'SessionSignals',
  taskExecutions: 'TaskExecutions',
  dynamoDbClient: 'DynamoDBDocumentClient',
  lambdaClient: 'LambdaClient',
};

describe('tokens', () => {
  test.each(Object.entries(tokens))('%s is the same in every copy of the package', (key, token) => {
    expect(token).toBe(Symbol.for(`abca.${names[key as keyof typeof tokens]}`));
  });

  test('no two are the same', () => {
    expect(new Set(Object.values(tokens)).size).toBe(Object.keys(names).length);
  });
});
