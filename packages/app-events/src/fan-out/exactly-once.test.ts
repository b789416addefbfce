import { InMemoryOutbox } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { chanceOf } from './crash-world/chance.test-kit.ts';
import { CrashWorld } from './crash-world/crash-world.test-kit.ts';
import { judgeWorld, summaryOf } from './crash-world/judge-world.test-kit.ts';

const seed = 20_260_101;

describe('the fan-out, with consumers that die at any call', () => {
  test('of 100,000 records each event is accepted exactly once on each channel that accepts it', async () => {
    const outbox = new InMemoryOutbox();
    const mishaps = { crash: 0.0015, fault: 0.0005 };
    const world = new CrashWorld({ outbox, chance: chanceOf(seed), mishaps, records: 100_000 });
    const startMs = performance.now();

    await world.consumeAll();
    await world.settleAll();

    const verdict = await judgeWorld(world, outbox);
    process.stdout.write(`${summaryOf(world, verdict)}; ${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
    expect(verdict.wrong).toStrictEqual([]);
    expect(verdict).toMatchObject({ records: 100_000, overlaps: 0, strangers: 0 });
    // It went wrong often enough, and everywhere, to be a test.
    expect(verdict.accepted).toBeGreaterThan(40_000);
    expect(verdict.refused).toBeGreaterThan(1_000);
    expect(verdict.crashes).toBeGreaterThan(1_000);
    expect([...world.deaths.keys()].sort()).toStrictEqual(
      [
        'outbox.claim',
        'outbox.settle',
        'outbox.listDue',
        'notifier.deliver',
        'taskRepository.find',
        'approvalRepository.find',
        'repoConfigRepository.find',
        'notificationSettings.get',
        'eventLog.read',
      ]
        .flatMap((call) => [`before ${call}`, `after ${call}`])
        .sort(),
    );
  }, 120_000);
});
