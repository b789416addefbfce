import {
  contextStoreContract,
  eventLogContract,
  rateLimiterContract,
  repoConfigRepositoryContract,
  slotRepositoryContract,
  taskRepositoryContract,
} from '@abca/core-testing';
import { useTestDatabase } from './database.test-kit.ts';

const database = useTestDatabase();

taskRepositoryContract({ create: () => database.install() });

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

repoConfigRepositoryContract({ create: async () => (await database.install()).repos });

contextStoreContract({ create: async () => (await database.install()).contexts });
