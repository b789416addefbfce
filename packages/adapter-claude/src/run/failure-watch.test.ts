import type { Clock } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import { FailureWatch } from './failure-watch.ts';

/** A clock whose sleepers wake when the test says so. */
function aClock(): { clock: Clock; sleeping: () => number; pass: () => void } {
  const sleepers = new Set<() => void>();
  const clock: Clock = {
    nowMs: () => 0,
    sleep: (_, { signal } = {}) =>
      new Promise((resolve, reject) => {
        sleepers.add(resolve);
        signal?.addEventListener('abort', () => {
          sleepers.delete(resolve);
          reject(signal.reason);
        });
      }),
  };
  return { clock, sleeping: () => sleepers.size, pass: () => sleepers.forEach((wake) => wake()) };
}

describe('FailureWatch', () => {
  test('gives up with the latest failure when the time since the first has passed', async () => {
    const { clock, pass, sleeping } = aClock();
    const givenUp: string[] = [];
    const watch = new FailureWatch(clock, 1000, (failure) => givenUp.push(failure));

    watch.report('first');
    watch.report('second');
    const waiting = sleeping();
    pass();
    await Promise.resolve();
    await Promise.resolve();

    expect(waiting).toBe(1);
    expect(givenUp).toStrictEqual(['second']);
    expect(watch.latest).toBe('second');
  });

  test('starts anew after an answer', async () => {
    const { clock, pass, sleeping } = aClock();
    const givenUp: string[] = [];
    const watch = new FailureWatch(clock, 1000, (failure) => givenUp.push(failure));

    watch.report('first');
    watch.report(undefined);
    pass();
    await Promise.resolve();

    expect([sleeping(), givenUp, watch.latest]).toStrictEqual([0, [], undefined]);
  });

  test('waits for nothing once it is stopped', () => {
    const { clock, sleeping } = aClock();
    const watch = new FailureWatch(clock, 1000, () => undefined);

    watch.report('first');
    watch.stop();

    expect(sleeping()).toBe(0);
  });
});
