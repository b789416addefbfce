import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { partKey, recordKey, splitText } from './journal.ts';

describe('splitText()', () => {
  test('loses nothing and cuts no character', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 64 }), (whole, maxBytes) => {
        const wellFormed = whole.toWellFormed();
        const pieces = splitText(wellFormed, maxBytes);

        expect(pieces.join('')).toBe(wellFormed);
        for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(maxBytes);
      }),
    );
  });
});

describe('keys', () => {
  test('sort by number', () => {
    fc.assert(
      fc.property(fc.nat({ max: 99_999_999 }), fc.nat({ max: 99_999_999 }), (a, b) => {
        expect(recordKey(a) < recordKey(b)).toBe(a < b);
        expect(partKey(a, 'w', 1) < partKey(b, 'w', 1)).toBe(a < b);
      }),
    );
  });
});
