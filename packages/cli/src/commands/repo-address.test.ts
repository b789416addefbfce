import { describe, expect, test } from '@jest/globals';
import { repoIdSchema } from '@abca/core';
import fc from 'fast-check';
import { parseRepoAddress } from './repo-address.ts';

describe('parseRepoAddress()', () => {
  test.each([
    ['https://example.com/acme/shop.git', 'acme/shop'],
    ['https://example.com/acme/shop/', 'acme/shop'],
    ['ssh://git@example.com:22/acme/shop', 'acme/shop'],
    ['git@example.com:acme/shop.git', 'acme/shop'],
    ['file:///srv/git/shop.git', 'git/shop'],
  ])('names %s %s', (url, repo) => {
    expect(parseRepoAddress(url, '/')).toStrictEqual({ cloneUrl: url, repo });
  });

  test('makes a path absolute', () => {
    expect(parseRepoAddress('./packages', process.cwd())).toStrictEqual({
      cloneUrl: `${process.cwd()}/packages`,
      repo: 'local/packages',
    });
  });

  test('makes a name that the platform takes from any URL', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        const { repo } = parseRepoAddress(url, '/');
        expect({ url, repo, valid: repoIdSchema.safeParse(repo).success }).toStrictEqual({ url, repo, valid: true });
      }),
    );
  });

  test.each(['nowhere', './nowhere', '/no/where', 'acme/shop'])('refuses %s', (text) => {
    expect(() => parseRepoAddress(text, '/')).toThrow(`"${text}" is neither a folder nor the URL of a repository`);
  });
});
