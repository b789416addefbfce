import { limits, type ClaimResult, type DeliveryClaim, type DeliveryKey, type Outbox } from '@abca/core';
import { aTaskId, testEpochMs } from '@abca/core/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { rejectionsOf } from './outcome-of.ts';

/** What every {@link Outbox} must do. Run from each implementation's own test file. */
export function outboxContract(setup: {
  /** An empty outbox. `another` gives the same one as a second process has it. */
  create(): Promise<{ readonly outbox: Outbox; another(): Outbox }>;
}): void {
  describe('Outbox contract', () => {
    let outbox: Outbox;
    let another: () => Outbox;

    beforeEach(async () => {
      ({ outbox, another } = await setup.create());
    });

    const claimMs = 60_000;
    const at = (afterMs: number) => ({ nowMs: testEpochMs + afterMs });
    const key = (seq: number, fields: Partial<DeliveryKey> = {}): DeliveryKey => ({
      taskId: aTaskId(1),
      seq,
      channel: 'slack',
      ...fields,
    });
    const claim = (which: DeliveryKey, afterMs = 0): Promise<ClaimResult> =>
      outbox.claim(which, { ...at(afterMs), claimMs });
    const take = async (which: DeliveryKey, afterMs = 0): Promise<DeliveryClaim> => {
      const result = await claim(which, afterMs);
      if (result.kind !== 'claimed') throw new Error(`not claimed but ${result.kind}`);
      return result.claim;
    };
    const postponed = (untilMs: number, uncertain = false) =>
      ({ kind: 'postponed', code: 'x', message: 'later', untilMs: testEpochMs + untilMs, uncertain }) as const;
    const due = async (afterMs: number, limit = 100): Promise<number[]> =>
      (await outbox.listDue({ ...at(afterMs), limit })).map(({ seq }) => seq);

    describe('claim()', () => {
      test('gives a delivery that is new to whoever asks first, until its time is over', async () => {
        const first = await claim(key(1));

        expect(first).toStrictEqual({
          kind: 'claimed',
          claim: { key: key(1), claimId: expect.any(String), attempt: 1, firstMs: testEpochMs },
          uncertain: false,
          memory: {},
        });
        expect(await claim(key(1))).toStrictEqual({ kind: 'held', untilMs: testEpochMs + claimMs });
        expect(await claim(key(1), claimMs - 1)).toStrictEqual({ kind: 'held', untilMs: testEpochMs + claimMs });
      });

      test('keeps the whole of a claimed delivery', async () => {
        const { claimId } = await take(key(1));

        expect(await outbox.find(key(1))).toStrictEqual({
          state: 'claimed',
          attempts: 1,
          uncertain: false,
          firstAt: '2026-01-01T00:00:00.000Z',
          dueAt: '2026-01-01T00:01:00.000Z',
          claimId,
        });
      });

      test('gives a delivery anew when the claim ran out, as uncertain, and counts the tries', async () => {
        const first = await take(key(1));

        const second = await claim(key(1), claimMs);

        expect(second).toStrictEqual({
          kind: 'claimed',
          claim: { key: key(1), claimId: expect.any(String), attempt: 2, firstMs: testEpochMs },
          uncertain: true,
          memory: {},
        });
        expect(second.kind === 'claimed' && second.claim.claimId).not.toBe(first.claimId);
      });

      test.each([
        { kind: 'delivered' },
        { kind: 'skipped', message: 'nobody' },
        { kind: 'refused', code: 'c', message: 'm' },
      ] as const)('a $kind delivery is settled for good', async (settlement) => {
        await outbox.settle(await take(key(1)), settlement, at(1));

        const answers = [await claim(key(1), 2), await claim(key(1), 10 * claimMs)];

        expect(answers).toStrictEqual([
          { kind: 'settled', state: settlement.kind },
          { kind: 'settled', state: settlement.kind },
        ]);
        expect(await due(1e9)).toStrictEqual([]);
      });

      test('a postponed delivery is held until it is due', async () => {
        await outbox.settle(await take(key(1)), postponed(5_000), at(1));

        const early = await claim(key(1), 4_999);
        const late = await claim(key(1), 5_000);

        expect(early).toStrictEqual({ kind: 'held', untilMs: testEpochMs + 5_000 });
        expect(late).toMatchObject({ kind: 'claimed', uncertain: false, claim: { attempt: 2, firstMs: testEpochMs } });
      });

      test('a delivery that may have been accepted stays uncertain, however it was postponed after that', async () => {
        await outbox.settle(await take(key(1)), postponed(1_000, true), at(1));
        const second = await claim(key(1), 1_000);
        if (second.kind === 'claimed') await outbox.settle(second.claim, postponed(2_000, false), at(1_001));
        const third = await claim(key(1), 2_000);

        expect([second, third]).toMatchObject([
          { kind: 'claimed', uncertain: true },
          { kind: 'claimed', uncertain: true },
        ]);
      });

      test('deliveries of one task on one channel never overlap; the one that waits is in the outbox', async () => {
        await take(key(1));

        const held = await claim(key(2), 10);

        if (held.kind !== 'held') throw new Error(held.kind);
        expect(held.untilMs).toBeGreaterThan(testEpochMs + 10);
        expect(held.untilMs).toBeLessThanOrEqual(testEpochMs + claimMs);
        expect(await outbox.find(key(2))).toMatchObject({ state: 'postponed', attempts: 0, uncertain: false });
        expect(await due(held.untilMs - testEpochMs)).toContain(2);
      });

      test('the one that waited is the first try of its delivery', async () => {
        const first = await take(key(1));
        const held = await claim(key(2), 10);
        await outbox.settle(first, { kind: 'delivered' }, at(20));

        const later = await claim(key(2), held.kind === 'held' ? held.untilMs - testEpochMs : 0);

        expect(later).toMatchObject({
          kind: 'claimed',
          uncertain: false,
          claim: { attempt: 1, firstMs: testEpochMs + 10 },
        });
      });

      test('a claim that ran out is not forgotten while its lane is taken', async () => {
        await take(key(1));
        await take(key(2), claimMs);

        const held = await claim(key(1), claimMs + 1);
        const again = await claim(key(1), 3 * claimMs);

        expect(held).toMatchObject({ kind: 'held' });
        expect(again).toMatchObject({ kind: 'claimed', uncertain: true, claim: { attempt: 2 } });
      });

      test('other channels and other tasks do not wait', async () => {
        const results = [
          await claim(key(1)),
          await claim(key(1, { channel: 'email' })),
          await claim(key(1, { taskId: aTaskId(2) })),
        ];

        expect(results.map(({ kind }) => kind)).toStrictEqual(['claimed', 'claimed', 'claimed']);
      });

      test('of many who claim one delivery at once exactly one gets it', async () => {
        const claimers = [outbox, another(), another()];

        const results = await Promise.all(
          Array.from({ length: 12 }, (_, n) => claimers[n % 3]!.claim(key(1), { ...at(0), claimMs })),
        );

        expect(results.map(({ kind }) => kind).sort()).toStrictEqual([
          'claimed',
          ...Array.from({ length: 11 }, () => 'held'),
        ]);
      });

      test('of many who claim different deliveries of one lane at once one gets its, and all are in the outbox', async () => {
        const claimers = [outbox, another(), another()];

        const results = await Promise.all(
          Array.from({ length: 9 }, (_, n) => claimers[n % 3]!.claim(key(n + 1), { ...at(0), claimMs })),
        );

        expect(results.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
        expect((await due(claimMs)).sort()).toStrictEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      });

      test('of many who claim one that ran out exactly one gets it', async () => {
        await take(key(1));
        const claimers = [outbox, another(), another()];

        const results = await Promise.all(
          Array.from({ length: 9 }, (_, n) => claimers[n % 3]!.claim(key(1), { ...at(claimMs), claimMs })),
        );

        expect(results.filter(({ kind }) => kind === 'claimed')).toMatchObject([{ uncertain: true }]);
      });
    });

    describe('settle()', () => {
      test('keeps how a try ended', async () => {
        const claims = [
          await take(key(1)),
          await take(key(1, { channel: 'email' })),
          await take(key(1, { channel: 'github' })),
        ];

        await outbox.settle(claims[0]!, { kind: 'delivered' }, at(1));
        await outbox.settle(claims[1]!, { kind: 'refused', code: 'no_such', message: 'gone' }, at(1));
        await outbox.settle(claims[2]!, postponed(7_000, true), at(1));

        const kept = await Promise.all(claims.map((each) => outbox.find(each.key)));
        const firstAt = '2026-01-01T00:00:00.000Z';
        expect(kept).toStrictEqual([
          { state: 'delivered', attempts: 1, uncertain: false, firstAt, claimId: claims[0]!.claimId },
          {
            state: 'refused',
            attempts: 1,
            uncertain: false,
            firstAt,
            claimId: claims[1]!.claimId,
            code: 'no_such',
            message: 'gone',
          },
          {
            state: 'postponed',
            attempts: 1,
            uncertain: true,
            firstAt,
            claimId: claims[2]!.claimId,
            code: 'x',
            message: 'later',
            dueAt: '2026-01-01T00:00:07.000Z',
          },
        ]);
      });

      test('frees the lane at once', async () => {
        await outbox.settle(await take(key(1)), postponed(9_000), at(1));

        expect(await claim(key(2), 2)).toMatchObject({ kind: 'claimed' });
      });

      test('keeps the memory of the channel for the next delivery of the task, names and all', async () => {
        const memory = { threadTs: '1.2', status_ts: '3.4', parts: [{ fooBar: 1 }], empty: {} };
        await outbox.settle(await take(key(1)), { kind: 'delivered' }, { ...at(1), memory });

        const next = await claim(key(2), 2);
        const elsewhere = await claim(key(1, { channel: 'github' }), 2);

        expect([next, elsewhere]).toMatchObject([{ kind: 'claimed' }, { kind: 'claimed' }]);
        expect(next.kind === 'claimed' && next.memory).toStrictEqual(memory);
        expect(elsewhere.kind === 'claimed' && elsewhere.memory).toStrictEqual({});
      });

      test('memory that is left out stays, and what is given replaces it whole', async () => {
        await outbox.settle(await take(key(1)), { kind: 'delivered' }, { ...at(1), memory: { a: 1, b: 2 } });
        await outbox.settle(await take(key(2), 2), postponed(9_000), at(3));
        const kept = await claim(key(3), 4);
        if (kept.kind !== 'claimed') throw new Error(kept.kind);
        await outbox.settle(kept.claim, { kind: 'delivered' }, { ...at(5), memory: { c: 3 } });
        const replaced = await claim(key(4), 6);

        expect(kept.memory).toStrictEqual({ a: 1, b: 2 });
        expect(replaced.kind === 'claimed' && replaced.memory).toStrictEqual({ c: 3 });
      });

      test('keeps memory of the greatest size', async () => {
        const memory = { text: 'x'.repeat(limits.delivery.memoryBytes - 20) };
        await outbox.settle(await take(key(1)), { kind: 'delivered' }, { ...at(1), memory });

        const next = await claim(key(2), 2);

        expect(next.kind === 'claimed' && next.memory).toStrictEqual(memory);
      });

      test('a claim that ran out still settles while nobody has taken it', async () => {
        const late = await take(key(1));

        expect(await outbox.settle(late, { kind: 'delivered' }, at(2 * claimMs))).toBe('settled');
        expect(await claim(key(1), 3 * claimMs)).toStrictEqual({ kind: 'settled', state: 'delivered' });
      });

      test('is lost when somebody else has the delivery, and writes nothing, memory neither', async () => {
        const old = await take(key(1));
        const current = await take(key(1), claimMs);

        const lost = await outbox.settle(old, { kind: 'delivered' }, { ...at(claimMs + 1), memory: { by: 'old' } });
        const won = await outbox.settle(
          current,
          { kind: 'skipped', message: 'm' },
          { ...at(claimMs + 2), memory: { by: 'new' } },
        );
        const again = await outbox.settle(old, { kind: 'delivered' }, { ...at(claimMs + 3), memory: { by: 'old' } });

        expect([lost, won, again]).toStrictEqual(['lost', 'settled', 'lost']);
        expect(await outbox.find(key(1))).toMatchObject({ state: 'skipped' });
        expect(await claim(key(2), claimMs + 4)).toMatchObject({ memory: { by: 'new' } });
      });

      test('is lost when another delivery has its lane: that one may rely on the memory it was given', async () => {
        const old = await take(key(1));
        await take(key(2), claimMs);

        const lost = await outbox.settle(old, { kind: 'delivered' }, { ...at(claimMs + 1), memory: { by: 'old' } });

        expect(lost).toBe('lost');
        expect(await outbox.find(key(1))).toMatchObject({ state: 'claimed' });
        expect(await claim(key(1), 2 * claimMs)).toMatchObject({ kind: 'claimed', uncertain: true, memory: {} });
      });

      test('of a claim and of its successor that settle at once exactly one does', async () => {
        const old = await take(key(1));
        const current = await take(key(1), claimMs);

        const results = await Promise.all([
          outbox.settle(old, { kind: 'delivered' }, at(claimMs + 1)),
          another().settle(current, { kind: 'delivered' }, at(claimMs + 1)),
        ]);

        expect(results).toStrictEqual(['lost', 'settled']);
      });
    });

    describe('listDue()', () => {
      test('gives open deliveries that are due, the longest due first, and no others', async () => {
        await take(key(1, { taskId: aTaskId(1) }), 5_000);
        await outbox.settle(await take(key(2, { taskId: aTaskId(2) })), postponed(3_000), at(1));
        await outbox.settle(await take(key(3, { taskId: aTaskId(3) })), postponed(1_000), at(1));
        await outbox.settle(await take(key(4, { taskId: aTaskId(4) })), { kind: 'delivered' }, at(1));
        await outbox.settle(await take(key(5, { taskId: aTaskId(5) })), postponed(80_000), at(1));

        const lists = await Promise.all([999, 1_000, 3_000, 5_000 + claimMs].map((afterMs) => due(afterMs)));

        expect(lists).toStrictEqual([[], [3], [3, 2], [3, 2, 1]]);
      });

      test('gives no more than was asked for', async () => {
        for (const n of [1, 2, 3]) {
          await outbox.settle(await take(key(n, { taskId: aTaskId(n) })), postponed(n), at(0));
        }

        expect(await due(10, 2)).toStrictEqual([1, 2]);
      });

      test('gives the whole key', async () => {
        const which = key(7, { channel: 'github' });
        await outbox.settle(await take(which), postponed(1_000), at(1));

        expect(await outbox.listDue({ ...at(1_000), limit: 1 })).toStrictEqual([which]);
      });
    });

    test('find() knows nothing of a delivery that it has not heard of', async () => {
      expect(await outbox.find(key(404))).toBeUndefined();
    });

    test('every call ends with the reason of an aborted signal and changes nothing', async () => {
      const held = await take(key(1));
      const before = await outbox.find(key(1));

      const { reason, rejections } = await rejectionsOf([
        (options) => outbox.claim(key(2, { channel: 'email' }), { ...at(0), claimMs }, options),
        (options) => outbox.settle(held, { kind: 'delivered' }, at(1), options),
        (options) => outbox.listDue({ ...at(0), limit: 1 }, options),
        (options) => outbox.find(key(1), options),
      ]);

      expect(rejections).toStrictEqual([reason, reason, reason, reason]);
      expect([await outbox.find(key(1)), await outbox.find(key(2, { channel: 'email' }))]).toStrictEqual([
        before,
        undefined,
      ]);
    });
  });
}
