import type { RepoId } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import { parseRepoAddress, webUrlOf } from './repo-address.ts';

const repo = 'acme/shop' as RepoId;

describe('webUrlOf()', () => {
  test.each([
    ['https://api.github.com', 'https://github.com'],
    ['https://api.acme.ghe.com', 'https://acme.ghe.com'],
    ['https://github.acme.example/api/v3', 'https://github.acme.example'],
    ['http://127.0.0.1:4711/api/v3', 'http://127.0.0.1:4711'],
  ])('of %s is %s', (apiUrl, webUrl) => {
    expect(webUrlOf(apiUrl)).toBe(webUrl);
  });
});

describe('parseRepoAddress()', () => {
  test.each([
    'https://github.com/acme/shop',
    'https://github.com/acme/shop.git',
    'https://GitHub.com/Acme/Shop/',
    'git@github.com:acme/shop.git',
    'ssh://git@github.com/acme/shop.git',
  ])('takes %s', (cloneUrl) => {
    expect(parseRepoAddress({ repo, cloneUrl }, 'https://github.com')).toStrictEqual({ owner: 'acme', repo: 'shop' });
  });

  test.each([
    'https://github.com/acme/other.git',
    'https://github.com.evil.example/acme/shop.git',
    'http://github.com/acme/shop.git',
    'https://token@github.com/acme/shop.git',
    'https://github.com/acme/shop.git?x',
    '/srv/acme/shop',
    '',
  ])('refuses %j, and does not repeat it: it may hold a secret', (cloneUrl) => {
    expect(() => parseRepoAddress({ repo, cloneUrl }, 'https://github.com')).toThrow(
      expect.objectContaining({
        code: 'NOT_A_REPOSITORY',
        message:
          'address of the repository is not that of acme/shop on https://github.com; onboard it with https://github.com/acme/shop.git',
      }),
    );
  });
});
