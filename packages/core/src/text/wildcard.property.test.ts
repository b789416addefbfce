import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesPathGlob, matchesWildcard } from './wildcard.ts';

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

/** The same by a regular expression: slow on hostile patterns, and plain to read. */
function wildcardByRegExp(pattern: string, text: string): boolean {
  const source = pattern.split('*').map(escapeRegExp).join('[^]*');
  return new RegExp(`^${source}$`, 'u').test(text);
}

/** The same for paths without steps out of the folder, a component at a time. */
function globByRegExp(pattern: string, path: string): boolean {
  const source = pattern
    .split('/')
    .map((part) => (part === '**' ? '(?:[^/]+/)*' : `${part.split('*').map(escapeRegExp).join('[^/]*')}/`))
    .join('');
  return new RegExp(`^${source}$`, 'u').test(`${path}/`);
}

const words = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n', '?'), maxLength: 12 });
const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '\n', '?'), maxLength: 8 });
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 });
const part = fc.oneof(
  name,
  fc.constant('**'),
  fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 4 }),
);
const paths = fc.array(name, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
const globs = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
const stepsOut = fc.constantFrom('..', '~');

describe('matchesWildcard()', () => {
  test('says what a regular expression says', () => {
    fc.assert(
      fc.property(patterns, words, (pattern, text) => {
        expect(matchesWildcard(pattern, text)).toBe(wildcardByRegExp(pattern, text));
      }),
      { numRuns: 500 },
    );
  });

  test('a pattern made from a text matches it', () => {
    fc.assert(
      fc.property(words, fc.nat(12), fc.nat(12), (text, from, length) => {
        const pattern = `${text.slice(0, from)}*${text.slice(from + length)}`;
        expect(matchesWildcard(pattern, text)).toBe(true);
      }),
    );
  });
});

describe('matchesPathGlob()', () => {
  test('says what a regular expression says', () => {
    fc.assert(
      fc.property(globs, paths, (pattern, path) => {
        expect(matchesPathGlob(pattern, path)).toBe(globByRegExp(pattern, path));
      }),
      { numRuns: 500 },
    );
  });

  test('a path with a step out is matched only by a pattern that names the same steps in the same order', () => {
    const parts = fc.array(fc.oneof(name, stepsOut), { minLength: 1, maxLength: 6 });
    const out = (path: readonly string[]) => path.filter((step) => step === '..' || step === '~' || step === '');
    const wild = fc.array(fc.oneof(part, stepsOut), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(wild, parts, fc.boolean(), (pattern, path, isAbsolute) => {
        const root = isAbsolute ? [''] : [];
        const matches = matchesPathGlob(pattern.join('/'), [...root, ...path].join('/'));
        if (matches) expect(out(pattern)).toStrictEqual([...root, ...out(path)]);
      }),
      { numRuns: 500 },
    );
  });
});

// Mutants that stay alive in wildcard.ts are equivalent: the fallbacks behind `??` stand for elements that are always there,
// before the first name nothing was reached or carried, and of slashes in a row one counts, wherever they are.
describe('hostile patterns', () => {
  // A regular expression of these takes longer than the universe.
  test('take no time to speak of', () => {
    const startMs = performance.now();

    expect(matchesWildcard(`${'a*'.repeat(60)}b`, 'a'.repeat(100_000))).toBe(false);
    expect(matchesWildcard(`*${'a*'.repeat(60)}b*`, 'a'.repeat(100_000))).toBe(false);
    expect(matchesPathGlob(`${'**/a*a*/'.repeat(16)}b`, `${'aaaa/'.repeat(1_000)}c`)).toBe(false);
    expect(matchesPathGlob(`${'**/'.repeat(42)}b`, `${'a/'.repeat(5_000)}c`)).toBe(false);

    expect(performance.now() - startMs).toBeLessThan(5_000);
  });
});
