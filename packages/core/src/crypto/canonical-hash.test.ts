import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalHash, canonicalJson } from './canonical-hash.ts';

/** The same value with the fields of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item)]),
  );
}

describe('canonicalJson()', () => {
  test('orders the fields of objects at any depth, and leaves the order of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }, 2, 1], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1},2,1]}');
  });

  test('is the same for equal values, and reads back as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('leaves out what is undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });
});

describe('canonicalHash()', () => {
  test('is the SHA-256 of the canonical JSON in 64 hex digits', async () => {
    // printf '{}' | sha256sum
    expect(await canonicalHash({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    // printf '"é"' | sha256sum
    expect(await canonicalHash('é')).toBe('f2886017e9c7abacf804b54d64787dce2b611c9544ba21f3affdd126a6e50086');
  });

  test('differs where values differ', async () => {
    expect(await canonicalHash({ a: 1, b: 2 })).toBe(await canonicalHash({ b: 2, a: 1 }));
    expect(await canonicalHash({ a: 1 })).not.toBe(await canonicalHash({ a: '1' }));
  });
});
