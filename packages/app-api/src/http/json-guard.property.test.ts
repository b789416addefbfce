import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ApiProblem } from '../errors/api-problem.ts';
import { assertStorableJson } from './json-guard.ts';

function faultOf(value: unknown): string | undefined {
  try {
    assertStorableJson(value);
    return undefined;
  } catch (error) {
    if (error instanceof ApiProblem) return error.message;
    throw error;
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

describe('assertStorableJson()', () => {
  test('takes ordinary JSON', () => {
    const value = { a: ['ü 🎉', 0, -1.5, null, true, { b: {} }], c: Number.MAX_SAFE_INTEGER };

    expect(faultOf(value)).toBeUndefined();
  });

  test.each([
    [{ a: ['x', 'half \ud83c'] }, 'a[1]: holds half a surrogate pair'],
    [{ a: { b: Number.POSITIVE_INFINITY } }, 'a.b: is a number that cannot be kept exactly'],
    [{ a: Number.MAX_SAFE_INTEGER + 1 }, 'a: is a number'],
    [{ a: 1e-200 }, 'a: is a number'],
    [{ a: { '': 1 } }, 'a: has a field whose name is empty'],
    [{ a: { '\udc00': 1 } }, 'a: has a field whose name'],
    ['\ud800', 'the body: holds half'],
  ])('refuses %j', (value, fault) => {
    expect(faultOf(value)).toContain(fault);
  });

  test('refuses nesting of any depth without breaking on it', () => {
    expect(faultOf(nested(32))).toBeUndefined();
    expect(faultOf(nested(33))).toContain('nested deeper than 32 levels');
    expect(faultOf(nested(200_000))).toContain('nested deeper than 32 levels');
  });

  test('throws nothing but a problem of the request, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 40 }), (value) => {
        const fault = faultOf(value);

        expect(fault === undefined || fault.length > 0).toBe(true);
      }),
    );
  });
});
