import {
  FakeClock,
  InMemoryContextStore,
  InMemoryEventLog,
  InMemoryRateLimiter,
  InMemoryRepoConfigRepository,
  InMemorySlotRepository,
  InMemoryTaskRepository,
} from '@abca/core/testing';
import { contextStoreContract } from './context-store.contract.ts';
import { eventLogContract } from './event-log.contract.ts';
import { rateLimiterContract } from './rate-limiter.contract.ts';
import { repoConfigRepositoryContract } from './repo-config-repository.contract.ts';
import { slotRepositoryContract } from './slot-repository.contract.ts';
import { taskRepositoryContract } from './task-repository.contract.ts';

taskRepositoryContract({
  create: async () => {
    const events = new InMemoryEventLog();
    const stores = { events, tasks: new InMemoryTaskRepository(events) };
    return { ...stores, another: () => stores };
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

repoConfigRepositoryContract({ create: async () => new InMemoryRepoConfigRepository() });

contextStoreContract({ create: async () => new InMemoryContextStore() });
