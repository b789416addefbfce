import {
  approvalRepositoryContract,
  contextStoreContract,
  eventLogContract,
  identityLinksContract,
  notificationSettingsContract,
  outboxContract,
  rateLimiterContract,
  repoConfigRepositoryContract,
  slotRepositoryContract,
  taskRepositoryContract,
} from '@abca/core-testing';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { useTestDatabase } from './database.test-kit.ts';

const database = useTestDatabase();

taskRepositoryContract({ create: () => database.install() });

approvalRepositoryContract({
  create: async () => {
    const installation = await database.install();
    const TableName = installation.tables.approvals;
    const forget = async ({ taskId, requestId }: { readonly taskId: string; readonly requestId: string }) => {
      const Key = { task_id: taskId, request_id: requestId };
      await database.client.send(new DeleteCommand({ TableName, Key }));
    };
    return { ...installation, forget };
  },
});

eventLogContract({
  create: async () => {
    const { events, another } = await database.install();
    return { events, another: () => another().events };
  },
});

slotRepositoryContract({
  create: async () => {
    const { slots, another } = await database.install();
    return { slots, another: () => another().slots };
  },
});

rateLimiterContract({
  create: async () => {
    const { rates, clock, another } = await database.install();
    return { rates, clock, another: () => another().rates };
  },
});

outboxContract({
  create: async () => {
    const { outbox, another } = await database.install();
    return { outbox, another: () => another().outbox };
  },
});

repoConfigRepositoryContract({ create: async () => (await database.install()).repos });

contextStoreContract({ create: async () => (await database.install()).contexts });

notificationSettingsContract({ create: async () => (await database.install()).notificationSettings });

identityLinksContract({
  create: async () => {
    const { identityLinks, another } = await database.install();
    return { links: identityLinks, another: () => another().identityLinks };
  },
});
