import {
  FakeClock,
  InMemoryApprovalRepository,
  InMemoryContextStore,
  InMemoryEventLog,
  InMemoryIdentityLinks,
  InMemoryNotificationSettings,
  InMemoryOutbox,
  InMemoryRateLimiter,
  InMemoryRepoConfigRepository,
  InMemorySlotRepository,
  InMemoryTaskRepository,
} from '@abca/core/testing';
import { approvalRepositoryContract } from './approval-repository.contract.ts';
import { contextStoreContract } from './context-store.contract.ts';
import { eventLogContract } from './event-log.contract.ts';
import { identityLinksContract } from './identity-links.contract.ts';
import { notificationSettingsContract } from './notification-settings.contract.ts';
import { outboxContract } from './outbox.contract.ts';
import { rateLimiterContract } from './rate-limiter.contract.ts';
import { repoConfigRepositoryContract } from './repo-config-repository.contract.ts';
import { slotRepositoryContract } from './slot-repository.contract.ts';
import { taskRepositoryContract } from './task-repository.contract.ts';

/** Tasks, their requests and their log, as they share one memory. */
function inMemoryTaskStores() {
  const events = new InMemoryEventLog();
  const tasks = new InMemoryTaskRepository(events);
  return { events, tasks, approvals: new InMemoryApprovalRepository(tasks) };
}

taskRepositoryContract({
  create: async () => {
    const stores = inMemoryTaskStores();
    return { ...stores, another: () => stores };
  },
});

approvalRepositoryContract({
  create: async () => {
    const stores = inMemoryTaskStores();
    return { ...stores, another: () => stores, forget: async (key) => stores.approvals.forget(key) };
  },
});

eventLogContract({
  create: async () => {
    const events = new InMemoryEventLog();
    return { events, another: () => events };
  },
});

slotRepositoryContract({
  create: async () => {
    const slots = new InMemorySlotRepository();
    return { slots, another: () => slots };
  },
});

rateLimiterContract({
  create: async () => {
    const clock = new FakeClock();
    const rates = new InMemoryRateLimiter(clock);
    return { rates, clock, another: () => rates };
  },
});

outboxContract({
  create: async () => {
    const outbox = new InMemoryOutbox();
    return { outbox, another: () => outbox };
  },
});

repoConfigRepositoryContract({ create: async () => new InMemoryRepoConfigRepository() });

contextStoreContract({ create: async () => new InMemoryContextStore() });

notificationSettingsContract({ create: async () => new InMemoryNotificationSettings() });

identityLinksContract({
  create: async () => {
    const links = new InMemoryIdentityLinks();
    return { links, another: () => links };
  },
});
