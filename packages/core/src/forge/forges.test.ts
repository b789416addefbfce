import { describe, expect, test } from '@jest/globals';
import { InMemoryForge } from '../testing/in-memory-forge.ts';
import { InMemoryGitHost } from '../testing/in-memory-git-host.ts';
import type { Forge } from '../ports/forge.ts';
import { forgesOf, getForge } from './forges.ts';

const git = new InMemoryForge(new InMemoryGitHost());
const github: Forge = Object.assign(Object.create(git) as InMemoryForge, { type: 'github' });

describe('getForge()', () => {
  test('finds a forge by its kind', () => {
    const forges = forgesOf([github, git]);

    expect([getForge(forges, 'git'), getForge(forges, 'github')]).toStrictEqual([git, github]);
  });

  test.each([
    [[github, git], 'git, github'],
    [[], 'none'],
  ])('names those that are there when it has no such kind', (forges, named) => {
    expect(() => getForge(forgesOf(forges), 'svn')).toThrow(`forge "svn" is not available; available: ${named}`);
  });
});
