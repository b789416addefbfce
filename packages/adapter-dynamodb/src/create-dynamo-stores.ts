import type { Clock, IdGenerator, TableNames } from '@abca/core';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DynamoApprovalRepository } from './approvals/dynamo-approval-repository.ts';
import { DynamoContextStore } from './context/dynamo-context-store.ts';
import { DynamoEventLog } from './events/dynamo-event-log.ts';
import { EventAppender } from './events/event-appender.ts';
import { DynamoOutbox } from './outbox/dynamo-outbox.ts';
import { DynamoIdentityLinks } from './notifications/dynamo-identity-links.ts';
import { DynamoNotificationSettingsRepository } from './notifications/dynamo-notification-settings-repository.ts';
import { DynamoRateLimiter } from './rate-limits/dynamo-rate-limiter.ts';
import { DynamoRepoConfigRepository } from './repos/dynamo-repo-config-repository.ts';
import { DynamoSlotRepository } from './slots/dynamo-slot-repository.ts';
import { DynamoTaskRepository } from './tasks/dynamo-task-repository.ts';

/** What the stores work with. */
export interface DynamoStoresOptions {
  readonly tables: TableNames;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly ids: Pick<IdGenerator, 'newEventId'>;
}

/** The store ports of one installation. */
export interface DynamoStores {
  readonly tasks: DynamoTaskRepository;
  readonly approvals: DynamoApprovalRepository;
  readonly events: DynamoEventLog;
  readonly slots: DynamoSlotRepository;
  readonly rates: DynamoRateLimiter;
  readonly repos: DynamoRepoConfigRepository;
  readonly contexts: DynamoContextStore;
  readonly outbox: DynamoOutbox;
  readonly notificationSettings: DynamoNotificationSettingsRepository;
  readonly identityLinks: DynamoIdentityLinks;
}

/** All stores over one client. Tasks, approvals and events share what they know of the logs' ends. */
export function createDynamoStores(
  client: DynamoDBDocumentClient,
  { tables, clock, ids }: DynamoStoresOptions,
): DynamoStores {
  const appender = new EventAppender({ client, table: tables.events, clock, ids });
  return {
    tasks: new DynamoTaskRepository(client, { table: tables.tasks, approvalsTable: tables.approvals, appender }),
    approvals: new DynamoApprovalRepository(client, { table: tables.approvals, tasksTable: tables.tasks, appender }),
    events: new DynamoEventLog(client, { table: tables.events, appender }),
    slots: new DynamoSlotRepository(client, { table: tables.slots }),
    rates: new DynamoRateLimiter(client, { table: tables.rateLimits, clock }),
    repos: new DynamoRepoConfigRepository(client, { table: tables.repos }),
    contexts: new DynamoContextStore(client, { table: tables.tasks, clock, ids }),
    outbox: new DynamoOutbox(client, { table: tables.outbox, ids }),
    notificationSettings: new DynamoNotificationSettingsRepository(client, { table: tables.notificationSettings }),
    identityLinks: new DynamoIdentityLinks(client, { table: tables.slackUsers }),
  };
}
