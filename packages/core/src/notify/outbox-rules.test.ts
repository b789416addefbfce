import { describe, expect, test } from '@jest/globals';
import type { DeliveryClaim } from '../ports/outbox.ts';
import { aTaskId, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import type { DeliveryRecord } from './delivery.ts';
import { emptyLane, judgeClaim, judgeSettle, type DeliveryLane } from './outbox-rules.ts';

const key = { taskId: aTaskId(), seq: 1, channel: 'slack' } as const;
const iso = (afterMs: number) => formatIso(testEpochMs + afterMs);
const wish = (nowMs: number) => ({ key, claimId: 'new', nowMs: testEpochMs + nowMs, claimMs: 60_000 });
const claimed: DeliveryRecord = {
  state: 'claimed',
  attempts: 1,
  uncertain: false,
  firstAt: iso(0),
  dueAt: iso(60_000),
  claimId: 'old',
};
const lane: DeliveryLane = { claimId: 'old', until: iso(60_000), memory: { threadTs: '1' } };

describe('judgeClaim()', () => {
  test('gives a new delivery with what the channel keeps', () => {
    const until = iso(60_000);

    expect(judgeClaim(undefined, { memory: { threadTs: '1' } }, wish(0))).toStrictEqual({
      result: {
        kind: 'claimed',
        claim: { key, claimId: 'new', attempt: 1, firstMs: testEpochMs },
        uncertain: false,
        memory: { threadTs: '1' },
      },
      record: { state: 'claimed', attempts: 1, uncertain: false, firstAt: iso(0), dueAt: until, claimId: 'new' },
      lane: { claimId: 'new', until, memory: { threadTs: '1' } },
    });
  });

  test.each(['delivered', 'skipped', 'refused'] as const)('leaves a %s one as it is', (state) => {
    const record = { state, attempts: 1, uncertain: true, firstAt: iso(0) };

    expect(judgeClaim(record, lane, wish(1e9))).toStrictEqual({ result: { kind: 'settled', state } });
  });

  test('holds one that is not due, and writes nothing', () => {
    expect(judgeClaim(claimed, emptyLane, wish(59_999))).toStrictEqual({
      result: { kind: 'held', untilMs: testEpochMs + 60_000 },
    });
  });

  test('gives one whose claim ran out as uncertain, and forgets what the last try failed with', () => {
    const failed = { ...claimed, code: 'x', message: 'm' };
    const { result, record } = judgeClaim(failed, lane, wish(60_000));

    expect(result).toMatchObject({ kind: 'claimed', uncertain: true, claim: { attempt: 2, firstMs: testEpochMs } });
    expect(record).toStrictEqual({
      state: 'claimed',
      attempts: 2,
      uncertain: true,
      firstAt: iso(0),
      dueAt: iso(120_000),
      claimId: 'new',
    });
  });

  test.each([
    [false, false],
    [true, true],
  ])('a postponed one is as uncertain as it was: %s', (before, uncertain) => {
    const postponed = { ...claimed, state: 'postponed', uncertain: before } as const;

    expect(judgeClaim(postponed, emptyLane, wish(60_000)).result).toMatchObject({ kind: 'claimed', uncertain });
  });

  test('puts one down whose lane is taken, to be looked at soon', () => {
    expect(judgeClaim(undefined, lane, wish(10))).toStrictEqual({
      result: { kind: 'held', untilMs: testEpochMs + 2_010 },
      record: { state: 'postponed', attempts: 0, uncertain: false, firstAt: iso(10), dueAt: iso(2_010) },
    });
  });

  test('no later than the lane is free', () => {
    expect(judgeClaim(undefined, lane, wish(59_000)).result).toStrictEqual({
      kind: 'held',
      untilMs: testEpochMs + 60_000,
    });
  });

  test('moves only the time of an open one whose lane is taken', () => {
    const taken = { ...lane, until: iso(100_000) };

    expect(judgeClaim(claimed, taken, wish(60_000)).record).toStrictEqual({ ...claimed, dueAt: iso(62_000) });
  });
});

describe('judgeSettle()', () => {
  const claim: DeliveryClaim = { key, claimId: 'old', attempt: 1, firstMs: testEpochMs };
  const settlement = { kind: 'delivered' } as const;
  const kept = { attempts: 1, uncertain: false, firstAt: iso(0), claimId: 'old' };

  test('settles and frees the lane; memory that is left out stays', () => {
    expect(judgeSettle({ record: claimed, lane }, claim, { settlement })).toStrictEqual({
      record: { ...kept, state: 'delivered' },
      lane: { memory: { threadTs: '1' } },
    });
  });

  test('memory that is given replaces what was there', () => {
    expect(judgeSettle({ record: claimed, lane }, claim, { settlement, memory: {} })?.lane).toStrictEqual({
      memory: {},
    });
  });

  test.each([
    [{ kind: 'skipped', message: 'm' } as const, { state: 'skipped', message: 'm' }],
    [{ kind: 'refused', code: 'c', message: 'm' } as const, { state: 'refused', code: 'c', message: 'm' }],
  ])('keeps %j', (ending, record) => {
    expect(judgeSettle({ record: claimed, lane }, claim, { settlement: ending })?.record).toStrictEqual({
      ...kept,
      ...record,
    });
  });

  test.each([
    [false, false, false],
    [false, true, true],
    [true, false, true],
  ])('an uncertain one (%s) that is postponed (%s) is uncertain: %s', (before, now, uncertain) => {
    const record = { ...claimed, uncertain: before };
    const postponed = { kind: 'postponed', code: 'c', message: 'm', untilMs: testEpochMs, uncertain: now } as const;

    expect(judgeSettle({ record, lane }, claim, { settlement: postponed })?.record).toStrictEqual({
      ...kept,
      state: 'postponed',
      uncertain,
      code: 'c',
      message: 'm',
      dueAt: iso(0),
    });
  });

  test.each([
    ['is unknown', undefined, lane],
    ['has another claim', { ...claimed, claimId: 'new' }, lane],
    ['is settled', { ...claimed, state: 'delivered' as const }, lane],
    ['has lost its lane', claimed, { ...lane, claimId: 'of another' }],
    ['has a lane that nobody is at', claimed, emptyLane],
  ])('is nothing for a delivery that %s', (_what, record, stored) => {
    expect(judgeSettle({ record, lane: stored }, claim, { settlement })).toBeUndefined();
  });
});
