import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pathFacts } from './path-facts.ts';

const where = { workspaceDir: '/work/repo' };
const inHome = { workspaceDir: '/home/dev/repo', homeDir: '/home/dev' };

describe('pathFacts()', () => {
  test.each([
    ['src/a.ts', 'src/a.ts', 'a.ts', false],
    ['/work/repo/src/a.ts', 'src/a.ts', 'a.ts', false],
    ['./src//x/../a.ts', 'src/a.ts', 'a.ts', false],
    ['/work/repo', '.', '', false],
    ['/work/repo/', '.', '', false],
    ['src/', 'src', 'src', false],
    ['../other/a', '../other/a', 'a', true],
    ['/work/repository/a', '../repository/a', 'a', true],
    ['/etc/passwd', '../../etc/passwd', 'passwd', true],
    ['..', '..', '..', true],
    ['..a/b', '..a/b', 'b', false],
    ['~', '~', '~', true],
    ['~/a/.env', '~/a/.env', '.env', true],
    ['~a', '~a', '~a', false],
    ['.Git/config', '.git/config', 'config', false],
    ['x/.GIT', 'x/.git', '.git', false],
    ['.git./config', '.git/config', 'config', false],
    ['.git::$INDEX_ALLOCATION/config', '.git/config', 'config', false],
    ['.gitignore', '.gitignore', '.gitignore', false],
    ['git/config', 'git/config', 'config', false],
  ])('%j is %j', (path, repoRelative, basename, escapesRepo) => {
    expect(pathFacts(path, where)).toMatchObject({ repoRelative, basename, escapesRepo });
  });

  test.each([
    ['~/repo/.git/x', '.git/x', false],
    ['/home/dev/.ssh/id', '~/.ssh/id', true],
    ['/home/dev', '~', true],
  ])('knows HOME: %j is %j', (path, repoRelative, escapesRepo) => {
    expect(pathFacts(path, inHome)).toMatchObject({ repoRelative, escapesRepo });
  });

  test('is the same for a path and for what it says of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '~', 'g', 'i', 't') }), (path) => {
        const facts = pathFacts(path, where);

        expect(pathFacts(facts.repoRelative, where)).toStrictEqual(facts);
      }),
    );
  });

  test('never takes a path outside for one inside', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('..', 'a', '.'), { maxLength: 8 }), (parts) => {
        let depth = 0;
        for (const part of parts) depth += part === '..' ? -1 : part === 'a' ? 1 : 0;

        if (depth < 0) expect(pathFacts(parts.join('/'), where).escapesRepo).toBe(true);
        else expect(parts.length).toBeGreaterThanOrEqual(depth);
      }),
    );
  });
});
