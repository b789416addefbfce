import { aTaskId } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { LastNumbers } from './last-numbers.ts';

describe('LastNumbers', () => {
  test('never goes back', () => {
    const last = new LastNumbers();

    expect([last.raise(aTaskId(1), 5), last.raise(aTaskId(1), 3), last.find(aTaskId(1))]).toStrictEqual([5, 5, 5]);
  });

  test('keeps the thousand tasks that were written to last', () => {
    const last = new LastNumbers();
    for (let n = 1; n <= 1_000; n += 1) last.raise(aTaskId(n), n);
    last.raise(aTaskId(1), 7);

    last.raise(aTaskId(1_001), 1);

    expect([1, 2, 3, 1_001].map((n) => last.find(aTaskId(n)))).toStrictEqual([7, undefined, 3, 1]);
  });
});
