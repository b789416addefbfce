import { describe, expect, test } from '@jest/globals';
import { formatIso, limits } from '@abca/core';
import { testEpochMs } from '@abca/core/testing';
import { cleanupMarginOf } from './lifetime.ts';

const second = 1_000;
const at = (ms: number) => formatIso(testEpochMs + ms);

describe('cleanupMarginOf()', () => {
  test.each([
    ['the usual margin for a long task', limits.sessionMs, limits.cleanupMarginMs],
    ['the usual margin from eight minutes on', 480 * second, limits.cleanupMarginMs],
    ['a quarter of the time of a shorter one', 479 * second, 119.75 * second],
    ['a quarter of a task as long as the usual margin', 120 * second, 30 * second],
    ['whole milliseconds', 10_001, 2_500],
    ['nothing of a task that has no time', 0, 0],
    ['nothing of a task whose time was over before', -second, 0],
  ])('keeps back %s', (_what, lifetimeMs, marginMs) => {
    const task = { startedAt: at(0), deadlineAt: at(lifetimeMs) };

    expect(cleanupMarginOf(task, testEpochMs + 60 * second)).toBe(marginMs);
  });

  test('counts from the first lease when the row does not say yet when the task started', () => {
    expect(cleanupMarginOf({ deadlineAt: at(100 * second) }, testEpochMs + 20 * second)).toBe(20 * second);
  });
});
