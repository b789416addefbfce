import { describe, expect, test } from '@jest/globals';
import { isTaskId } from '@abca/core';
import { SystemClock } from './system-clock.ts';
import { UlidGenerator } from './ulid-generator.ts';

describe('SystemClock', () => {
  test('sleep() lasts at least as long as asked', async () => {
    const clock = new SystemClock();
    const before = performance.now();

    await clock.sleep(15);

    // A timer may fire up to a millisecond early by the finer clock.
    expect(performance.now() - before).toBeGreaterThanOrEqual(14);
  });

  test('sleep() rejects with the reason of the signal, before and while it sleeps', async () => {
    const reason = new Error('enough');
    const clock = new SystemClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(60_000, { signal: controller.signal });

    controller.abort(reason);

    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(60_000, { signal: controller.signal })).rejects.toBe(reason);
  });
});

describe('UlidGenerator', () => {
  test('makes task ids that sort in the order they were made', () => {
    const ids = new UlidGenerator();

    const made = Array.from({ length: 500 }, () => ids.newTaskId());

    expect(made.every(isTaskId)).toBe(true);
    expect([...made].sort()).toStrictEqual(made);
    expect(new Set(made).size).toBe(500);
  });
});
