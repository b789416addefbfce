import { describe, expect, test } from '@jest/globals';
import { assertAppendSize, assertReadLimit } from './event-bounds.ts';

describe('bounds of an event log', () => {
  test.each([1, 500, 1_000])('a read of %d is in bounds', (limit) => {
    expect(() => {
      assertReadLimit(limit);
    }).not.toThrow();
  });

  test.each([0, -1, 1_001, 1.5, Number.NaN])('a read of %d is not', (limit) => {
    expect(() => {
      assertReadLimit(limit);
    }).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', message: `limit is ${String(limit)}; it must be 1 to 1000` }),
    );
  });

  test('an append of 50 is in bounds, one of 51 is not', () => {
    const append = (count: number) => () => {
      assertAppendSize(Array.from({ length: count }));
    };

    expect(append(50)).not.toThrow();
    expect(append(51)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
    expect(append(51)).toThrow('51 events in one append; append at most 50 at a time');
  });
});
