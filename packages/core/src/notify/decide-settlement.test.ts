import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import type { DeliveryClaim } from '../ports/outbox.ts';
import { aTaskId, testEpochMs } from '../testing/builders.ts';
import { decideSettlement } from './decide-settlement.ts';
import type { DeliveryOutcome } from './notification.ts';

const claimOf = (attempt: number): DeliveryClaim => ({
  key: { taskId: aTaskId(), seq: 1, channel: 'slack' },
  claimId: 'c',
  attempt,
  firstMs: testEpochMs,
});
const later: DeliveryOutcome = { kind: 'retry', code: 'busy', message: 'later', accepted: false };
const untilOf = (outcome: DeliveryOutcome, attempt: number, random: number, nowMs = testEpochMs): number => {
  const settlement = decideSettlement(outcome, claimOf(attempt), { nowMs, random });
  if (settlement.kind !== 'postponed') throw new Error(settlement.kind);
  return settlement.untilMs - nowMs;
};

describe('decideSettlement()', () => {
  test.each([
    [{ kind: 'delivered' }, { kind: 'delivered' }],
    [
      { kind: 'skipped', why: 'nobody' },
      { kind: 'skipped', message: 'nobody' },
    ],
    [
      { kind: 'refused', code: 'is_archived', message: 'gone' },
      { kind: 'refused', code: 'is_archived', message: 'gone' },
    ],
  ] as const)('%j is final', (outcome, settlement) => {
    expect(decideSettlement({ ...outcome, memory: {} }, claimOf(1), { nowMs: testEpochMs, random: 0 })).toStrictEqual(
      settlement,
    );
  });

  test('what may be accepted later is postponed, twice as long each time, up to five minutes', () => {
    const waits = [1, 2, 3, 4, 8, 9, 50, 1_000_000].map((attempt) => untilOf(later, attempt, 1));

    expect(waits).toStrictEqual([2_000, 4_000, 8_000, 16_000, 256_000, 300_000, 300_000, 300_000]);
  });

  test('half of a wait is random', () => {
    expect([0, 0.5, 1].map((random) => untilOf(later, 2, random))).toStrictEqual([2_000, 3_000, 4_000]);
  });

  test('a channel that says when is not asked before, nor by all at once', () => {
    const asked = { ...later, retryAfterMs: 30_000 };

    expect([0, 0.5, 1].map((random) => untilOf(asked, 9, random))).toStrictEqual([30_000, 31_000, 32_000]);
    expect(untilOf({ ...later, retryAfterMs: -5 }, 1, 0)).toBe(0);
  });

  test.each([
    [later, false],
    [{ kind: 'retry', code: 'busy', message: 'later' }, true],
  ] as const)('%j is uncertain: %s', (outcome, uncertain) => {
    expect(decideSettlement(outcome, claimOf(1), { nowMs: testEpochMs, random: 0 })).toStrictEqual({
      kind: 'postponed',
      code: 'busy',
      message: 'later',
      untilMs: testEpochMs + 1_000,
      uncertain,
    });
  });

  test('is given up after a day, and says what the last try failed with', () => {
    const nowMs = testEpochMs + limits.delivery.giveUpMs;

    expect(decideSettlement(later, claimOf(7), { nowMs, random: 0 })).toStrictEqual({
      kind: 'refused',
      code: 'DELIVERY_GAVE_UP',
      message: 'not accepted in 7 tries, the last one failed with busy: later',
    });
    expect(decideSettlement(later, claimOf(7), { nowMs: nowMs - 1, random: 0 }).kind).toBe('postponed');
  });

  test('the last try is at the end of that day, however long the channel wants to be left alone', () => {
    expect(untilOf({ ...later, retryAfterMs: 1e12 }, 1, 1)).toBe(limits.delivery.giveUpMs);
  });

  test('whatever fails ends: no wait is longer than the day, and none goes back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: limits.delivery.giveUpMs - 1 }),
        fc.option(fc.integer({ min: -1e9, max: 1e12 }), { nil: undefined }),
        (attempt, random, afterMs, retryAfterMs) => {
          const outcome = { ...later, ...(retryAfterMs !== undefined && { retryAfterMs }) };
          const waitMs = untilOf(outcome, attempt, random, testEpochMs + afterMs);

          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(afterMs + waitMs).toBeLessThanOrEqual(limits.delivery.giveUpMs);
        },
      ),
    );
  });
});
