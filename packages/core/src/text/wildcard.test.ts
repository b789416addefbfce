import { describe, expect, test } from '@jest/globals';
import { matchesPathGlob, matchesWildcard } from './wildcard.ts';

describe('matchesWildcard()', () => {
  test.each([
    ['npm test', 'npm test', true],
    ['npm test', 'npm tests', false],
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'a\nb', true],
    ['npm *', 'npm test', true],
    ['npm *', 'npm ', true],
    ['npm *', 'npm', false],
    ['* test', 'npm test', true],
    ['* test', 'npm tests', false],
    ['a*b', 'ab', true],
    ['a*b', 'a', false],
    ['aba*aba', 'ababa', false],
    ['aba*aba', 'abaaba', true],
    ['a*b*c', 'axbxc', true],
    ['a*b*c', 'axxc', false],
    ['a*bc*c', 'abc', false],
    ['a*bc*c', 'abcc', true],
    ['a*b*b*c', 'abc', false],
    ['a*b*b*c', 'abbc', true],
    ['a**b', 'ab', true],
    ['a?c', 'abc', false],
    ['a?c', 'a?c', true],
    ['a.c', 'abc', false],
    ['[ab]*', 'a', false],
  ])('%j over %j: %p', (pattern, text, matches) => {
    expect(matchesWildcard(pattern, text)).toBe(matches);
  });
});

describe('matchesPathGlob()', () => {
  test.each([
    ['src/a.ts', 'src/a.ts', true],
    ['src/a.ts', 'src/b.ts', false],
    ['src', 'src/a.ts', false],
    ['src/a.ts', 'src', false],
    ['src/*', 'src/a.ts', true],
    ['src/*', 'src/a/b.ts', false],
    ['src/*.ts', 'src/a.ts', true],
    ['src/**', 'src', true],
    ['src/**', 'src/a', true],
    ['src/**', 'src/a/b/c.ts', true],
    ['src/**', 'lib/a', false],
    ['**/a.ts', 'a.ts', true],
    ['**/a.ts', 'x/y/a.ts', true],
    ['**/a.ts', 'x/a.ts/y', false],
    ['src/**/a.ts', 'src/a.ts', true],
    ['src/**/a.ts', 'src/x/y/a.ts', true],
    ['src/**/x/**/a', 'src/x/b/x/c/a', true],
    ['src/**b/a', 'src/x/b/a', false],
    ['**', 'a/b', true],
    ['**', '.env', true],
    ['*', '.env', true],
    ['./src//a', 'src/a', true],
    ['src/a', './src/./a', true],
    ['src/a/', 'src/a', true],
  ])('%j over %j: %p', (pattern, path, matches) => {
    expect(matchesPathGlob(pattern, path)).toBe(matches);
  });

  test.each(['..', '../x', '../../x', 'a/../../x', '~', '~/x', '/etc/passwd', '/', '//x', ''])(
    'what leads out is matched by no wildcard: %j',
    (path) => {
      const wild = [
        '**',
        '*',
        '*/**',
        '**/*',
        '**/**',
        '*/*',
        '*/*/*',
        '**/x',
        '**/passwd',
        '.*/**',
        '~*/**',
        '*/x',
        '.*/x',
      ];

      expect(wild.filter((pattern) => matchesPathGlob(pattern, path))).toStrictEqual([]);
    },
  );

  test.each([
    ['..', '..'],
    ['../x', '../x'],
    ['../*', '../x'],
    ['../**', '../x/y'],
    ['~', '~'],
    ['~/**', '~/x/y'],
    ['/etc/*', '/etc/passwd'],
    ['/**', '/etc/passwd'],
    ['//etc/*', '/etc//passwd'],
    ['a/../*', 'a/../b'],
  ])('and is matched by itself: %j over %j', (pattern, path) => {
    expect(matchesPathGlob(pattern, path)).toBe(true);
  });

  test('a step out in the middle is not passed over', () => {
    expect(matchesPathGlob('a/**/b', 'a/../b')).toBe(false);
    expect(matchesPathGlob('a/**', 'a/x/../../b')).toBe(false);
    expect(matchesPathGlob('a/**/~/b', 'a/x/~/b')).toBe(true);
  });

  test('a relative pattern is no absolute one, nor the other way round', () => {
    expect(matchesPathGlob('etc/passwd', '/etc/passwd')).toBe(false);
    expect(matchesPathGlob('/etc/passwd', 'etc/passwd')).toBe(false);
  });
});
