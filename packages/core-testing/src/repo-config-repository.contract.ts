import type { RepoConfig, RepoConfigRepository, RepoId } from '@abca/core';
import { aRepoConfig } from '@abca/core/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf, rejectionsOf } from './outcome-of.ts';

/** What every {@link RepoConfigRepository} must do. Run from each implementation's own test file. */
export function repoConfigRepositoryContract(setup: { create(): Promise<RepoConfigRepository> }): void {
  describe('RepoConfigRepository contract', () => {
    let repos: RepoConfigRepository;

    beforeEach(async () => {
      repos = await setup.create();
    });

    const named = (name: string, fields: Partial<RepoConfig> = {}): RepoConfig =>
      aRepoConfig({ repo: `acme/${name}` as RepoId, ...fields });

    test('gives back what was put, with names inside compute settings as they are', async () => {
      const config = named('shop', {
        defaultBranch: 'main',
        blueprint: {
          compute: { type: 'ecs', snake_name: 1, camelName: { 'odd-Name': [{ inner_name: true, innerName: null }] } },
          maxTurns: 7,
          maxBudgetUsd: 0.5,
          protectedBranches: ['main', 'release/ü'],
        },
      });

      await repos.put(config);

      expect(await repos.find(config.repo)).toStrictEqual(config);
    });

    test('replaces what was there, all of it', async () => {
      await repos.put(named('shop', { defaultBranch: 'main', blueprint: { maxTurns: 7 } }));
      await repos.put(named('shop'));

      expect(await repos.find('acme/shop' as RepoId)).toStrictEqual(named('shop'));
    });

    test('knows nothing of a repository that is absent', async () => {
      expect(await repos.find('acme/none' as RepoId)).toBeUndefined();
    });

    test('finds a removed one as such and lists it no more', async () => {
      await repos.put(named('shop'));
      await repos.put(named('shop', { status: 'removed' }));

      expect(await repos.find('acme/shop' as RepoId)).toStrictEqual(named('shop', { status: 'removed' }));
      expect(await repos.list({ limit: 10 })).toStrictEqual({ repos: [] });
    });

    test('pages through the active ones by name', async () => {
      for (const name of ['d', 'a', 'c', 'b']) await repos.put(named(name));
      await repos.put(named('bb', { status: 'removed' }));

      const first = await repos.list({ limit: 2 });
      const second = await repos.list({ limit: 2, nextToken: first.nextToken! });

      expect(first.repos).toStrictEqual([named('a'), named('b')]);
      expect(second).toStrictEqual({ repos: [named('c'), named('d')] });
    });

    test('refuses a token it did not give', async () => {
      expect(await codeOf(repos.list({ limit: 2, nextToken: 'x' }))).toBe('VALIDATION_ERROR');
    });

    test('every call ends with the reason of an aborted signal', async () => {
      const { reason, rejections } = await rejectionsOf([
        (options) => repos.put(named('shop'), options),
        (options) => repos.find('acme/shop' as RepoId, options),
        (options) => repos.list({ limit: 2 }, options),
      ]);

      expect(rejections).toStrictEqual([reason, reason, reason]);
      expect(await repos.find('acme/shop' as RepoId)).toBeUndefined();
    });
  });
}
