import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findInstruction } from './find-instruction.ts';

describe('findInstruction()', () => {
  test.each([
    ['@abca fix it', 'fix it'],
    ['@ABCA fix it', 'fix it'],
    ['@abca: fix it', 'fix it'],
    ['@abca, please, fix it', 'please, fix it'],
    ['   @abca fix it', 'fix it'],
    ['Thanks!\n\n@abca fix it\n\n- with tests\n', 'fix it\n\n- with tests'],
    ['@abca\nfix it', 'fix it'],
    ['@abca fix\n@abca and test', 'fix\n@abca and test'],
    ['> @abca drop it\n\n@abca fix it', 'fix it'],
    ['```\n@abca drop it\n```\n@abca fix it', 'fix it'],
    ['~~~~\n```\n@abca drop it\n~~~\n~~~~\n@abca fix it', 'fix it'],
    ['<!-- @abca drop it -->@abca fix it', 'fix it'],
    ['```x``` is wrong\n@abca fix it', 'fix it'],
    ['@abca 修复它 🎉', '修复它 🎉'],
    ['@abca', ''],
    ['@abca ,: \n ', ''],
  ])('%j tells to do %j', (text, expected) => {
    expect(findInstruction(text, '@abca')).toBe(expected);
  });

  test.each([
    '',
    'thanks, @abca did it',
    'abca fix it',
    '@abcabc fix it',
    '@abca-dev fix it',
    '@abca/team fix it',
    '@abca.example fix it',
    '@abcaé fix it',
    '@abca_ fix it',
    '> @abca fix it',
    '>> @abca fix it',
    '    @abca fix it',
    '\t@abca fix it',
    '`@abca fix it`',
    '- @abca fix it',
    '```\n@abca fix it\n```',
    '```ts\n@abca fix it',
    '````\n```\n@abca fix it\n````',
    '```\n``` @abca\n@abca fix it\n```',
    '<!-- @abca fix it -->',
    '<!--\n@abca fix it\n-->',
    '<!-- @abca fix it',
    'me@abca fix it',
  ])('%j addresses nobody', (text) => {
    expect(findInstruction(text, '@abca')).toBeUndefined();
  });

  test('reads the longest comment in no time, whatever it is made of', () => {
    const parts = ['@abca', ' ', ',', '<!--', '-->', '```', '~', '>', '\n', '\u2028', '@', 'x'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 3 }), (pattern) => {
        const text = pattern.join('').repeat(65_536).slice(0, 65_536);
        const started = performance.now();

        findInstruction(text, '@abca');

        expect(performance.now() - started).toBeLessThan(3000);
      }),
    );
  });

  test('what it finds stands in the text, after the mention', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
        const found = findInstruction(`${before}\n@abca ${after}`, '@abca');

        if (found !== undefined)
          expect(`${before}\n@abca ${after}`.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')).toContain(found);
      }),
    );
  });
});
