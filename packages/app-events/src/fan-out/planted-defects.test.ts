import type { Outbox } from '@abca/core';
import { InMemoryOutbox } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { chanceOf } from './crash-world/chance.test-kit.ts';
import { CrashWorld } from './crash-world/crash-world.test-kit.ts';
import { judgeWorld } from './crash-world/judge-world.test-kit.ts';

/** An outbox with a defect, given the one it is put into. */
const defects: readonly (readonly [string, (right: InMemoryOutbox) => Partial<Outbox>])[] = [
  [
    'forgets that a claim ran out',
    (right) => ({
      async claim(...args) {
        const result = await right.claim(...args);
        return result.kind === 'claimed' ? { ...result, uncertain: false } : result;
      },
    }),
  ],
  [
    'forgets that a postponed delivery may have been accepted',
    (right) => ({
      settle: (claim, settlement, write) =>
        right.settle(claim, settlement.kind === 'postponed' ? { ...settlement, uncertain: false } : settlement, write),
    }),
  ],
  [
    'marks a delivery as made before it is (L8)',
    (right) => ({
      async claim(key, lease) {
        const result = await right.claim(key, lease);
        if (result.kind === 'claimed') await right.settle(result.claim, { kind: 'delivered' }, lease);
        return result;
      },
    }),
  ],
  [
    'lets claims run out while they are used',
    (right) => ({ claim: (key, lease) => right.claim(key, { ...lease, claimMs: 0 }) }),
  ],
  ['shows a sweep nothing', () => ({ listDue: async () => [] })],
];

function aWorld(outbox: Outbox): CrashWorld {
  const mishaps = { crash: 0.003, fault: 0.001 };
  return new CrashWorld({ outbox, chance: chanceOf(1), mishaps, records: 2_000 });
}

async function problemsWith(defect: (right: InMemoryOutbox) => Partial<Outbox>): Promise<number> {
  const right = new InMemoryOutbox();
  const outbox: Outbox = {
    claim: (...args) => right.claim(...args),
    settle: (...args) => right.settle(...args),
    listDue: (...args) => right.listDue(...args),
    find: (...args) => right.find(...args),
    ...defect(right),
  };
  const world = aWorld(outbox);
  await world.consumeAll();
  await world.settleAll();
  const { wrong, overlaps } = await judgeWorld(world, right);
  return wrong.length + overlaps;
}

describe('the crash run', () => {
  test('is the same in every run', async () => {
    const worlds = [aWorld(new InMemoryOutbox()), aWorld(new InMemoryOutbox())] as const;
    for (const world of worlds) {
      await world.consumeAll();
      await world.settleAll();
    }

    expect(worlds[0].counts).toStrictEqual(worlds[1].counts);
    expect(worlds[0].deaths).toStrictEqual(worlds[1].deaths);
  }, 60_000);

  test('finds nothing where nothing is wrong', async () => {
    expect(await problemsWith(() => ({}))).toBe(0);
  }, 60_000);

  test.each(defects)(
    'finds an outbox that %s',
    async (_what, defect) => {
      expect(await problemsWith(defect)).toBeGreaterThan(0);
    },
    60_000,
  );
});
