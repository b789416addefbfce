import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createGitHubWorld, endWorlds, violations, type GitHubWorld } from '../github-world.test-kit.ts';

let world: GitHubWorld;

beforeEach(async () => {
  world = await createGitHubWorld();
});
afterEach(() => {
  expect(violations()).toStrictEqual([]);
});
afterAll(endWorlds);

const permissionOf = (login: string): Promise<string> => world.people.permissionOf({ ...world.repo, login });

describe('GitHubPeople', () => {
  describe('permissionOf()', () => {
    test.each([
      ['admin', 'write'],
      ['write', 'write'],
      ['read', 'read'],
      ['none', 'none'],
    ] as const)('makes of %s %s', async (permission, answer) => {
      world.github.people.set('ann', 'acme/shop', permission);

      expect(await permissionOf('ann')).toBe(answer);
    });

    test('is none for who is not there', async () => {
      expect(await permissionOf('nobody')).toBe('none');
    });

    test('is none for who may write elsewhere', async () => {
      world.github.addRepository({ repo: 'acme/other' });
      world.github.people.set('ann', 'acme/other', 'admin');

      expect(await permissionOf('ann')).toBe('none');
    });

    test('asks each time: what was taken away counts at once', async () => {
      world.github.people.set('ann', 'acme/shop', 'write');
      expect(await permissionOf('ann')).toBe('write');

      world.github.people.set('ann', 'acme/shop', 'read');

      expect(await permissionOf('ann')).toBe('read');
    });

    test.each(['', '../../other', 'a/b', 'a b', '-a', 'a?b', 'a'.repeat(40), 'a%2e'])(
      'asks nothing for what is no login: %j',
      async (login) => {
        expect(await permissionOf(login)).toBe('none');
        expect(world.github.requests).toStrictEqual([]);
      },
    );

    test('is an error, and no permission, while GitHub does not answer', async () => {
      world.github.people.set('ann', 'acme/shop', 'write');
      world.github.failNext({ match: 'repos/get-collaborator-permission-level', status: 503, times: Infinity });

      await expect(permissionOf('ann')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    });
  });
});
