import type { Clock } from './clock.ts';
import type { CodingAgent } from './coding-agent.ts';
import type { ComputeStrategy } from './compute-strategy.ts';
import type { ContextStore } from './context-store.ts';
import type { EventFeed, EventLog } from './event-log.ts';
import type { Forge } from './forge.ts';
import type { ForgePeople } from './forge-people.ts';
import type { ForgeTokens } from './forge-tokens.ts';
import type { IdGenerator } from './id-generator.ts';
import type { IdentityLinks } from './identity-links.ts';
import type { Logger } from './logger.ts';
import type { NotificationSettingsRepository } from './notification-settings-repository.ts';
import type { Notifier } from './notifier.ts';
import type { Outbox } from './outbox.ts';
import type { ApprovalRepository } from './approval-repository.ts';
import type { PolicyLoader } from './policy-engine.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RepoConfigRepository } from './repo-config-repository.ts';
import type { SessionSignals } from './session-signals.ts';
import type { SlotRepository } from './slot-repository.ts';
import type { TaskExecutions } from './task-executions.ts';
import type { TaskRepository } from './task-repository.ts';
import type { Workspace } from './workspace.ts';

/** A service identifier that remembers what it stands for. Plain symbols, so that core needs no container. */
export type Token<T> = symbol & { readonly __service?: T };

const token = <T>(name: string): Token<T> => Symbol.for(`abca.${name}`);

/** What the adapters' modules bind and the composition roots ask for. */
export const tokens = {
  clock: token<Clock>('Clock'),
  idGenerator: token<IdGenerator>('IdGenerator'),
  logger: token<Logger>('Logger'),
  taskRepository: token<TaskRepository>('TaskRepository'),
  eventLog: token<EventLog>('EventLog'),
  eventFeed: token<EventFeed>('EventFeed'),
  slotRepository: token<SlotRepository>('SlotRepository'),
  rateLimiter: token<RateLimiter>('RateLimiter'),
  repoConfigRepository: token<RepoConfigRepository>('RepoConfigRepository'),
  contextStore: token<ContextStore>('ContextStore'),
  policyLoader: token<PolicyLoader>('PolicyLoader'),
  approvalRepository: token<ApprovalRepository>('ApprovalRepository'),
  codingAgent: token<CodingAgent>('CodingAgent'),
  /** Multi-bound: one per compute adapter. */
  computeStrategy: token<ComputeStrategy>('ComputeStrategy'),
  workspace: token<Workspace>('Workspace'),
  /** Multi-bound: one per kind of forge. */
  forge: token<Forge>('Forge'),
  forgeTokens: token<ForgeTokens>('ForgeTokens'),
  forgePeople: token<ForgePeople>('ForgePeople'),
  /** Multi-bound: one per channel. */
  notifier: token<Notifier>('Notifier'),
  outbox: token<Outbox>('Outbox'),
  notificationSettings: token<NotificationSettingsRepository>('NotificationSettingsRepository'),
  identityLinks: token<IdentityLinks>('IdentityLinks'),
  sessionSignals: token<SessionSignals>('SessionSignals'),
  taskExecutions: token<TaskExecutions>('TaskExecutions'),
  /** The AWS SDK's document client. Typed by the adapter, not here. */
  dynamoDbClient: token<unknown>('DynamoDBDocumentClient'),
  /** The AWS SDK's Lambda client. Typed by the adapter, not here. */
  lambdaClient: token<unknown>('LambdaClient'),
} as const;
