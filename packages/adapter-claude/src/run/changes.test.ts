import { describe, expect, jest, test } from '@jest/globals';
import { Changes } from './changes.ts';

describe('Changes', () => {
  test('lets several wait for different things', async () => {
    const changes = new Changes();
    let count = 0;
    const one = changes.until(() => count >= 1);
    const two = changes.until(() => count >= 2, 60_000);

    count = 1;
    changes.wake();
    count = 2;
    changes.wake();

    expect(await Promise.all([one, two, changes.until(() => true)])).toStrictEqual([true, true, true]);
  });

  test('answers no when its bound is reached', async () => {
    jest.useFakeTimers();
    const waiting = new Changes().until(() => false, 1_000);

    jest.advanceTimersByTime(1_000);
    jest.useRealTimers();

    expect(await waiting).toBe(false);
  });
});
