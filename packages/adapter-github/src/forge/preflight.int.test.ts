import type { PreflightQuery, RepoId } from '@abca/core';
import { appPermissions } from '@abca/wire-fakes/github';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asPerson, createGitHubWorld, endWorlds, violations, type GitHubWorld } from '../github-world.test-kit.ts';
import { GitHubForge } from './github-forge.ts';

let world: GitHubWorld;

beforeEach(async () => {
  world = await createGitHubWorld();
});
afterEach(() => {
  expect(violations()).toStrictEqual([]);
});
afterAll(endWorlds);

const query = (fields: Partial<PreflightQuery> = {}): PreflightQuery => ({
  ...world.repo,
  taskType: 'new_task',
  protectedBranches: [],
  ...fields,
});

describe('GitHubForge', () => {
  describe('preflight()', () => {
    test.each([
      [{ contents: 'read' }, "the app may not write contents in acme/shop: grant 'Contents: Read and write' to it"],
      [{ issues: 'read' }, "the app may not write issues in acme/shop: grant 'Issues: Read and write' to it"],
      [
        { pull_requests: 'read' },
        "the app may not write pull requests in acme/shop: grant 'Pull requests: Read and write' to it",
      ],
    ] as const)('names the permission that the app lacks: %j', async (changed, message) => {
      world.github.app.installations[0]!.permissions = { ...appPermissions, ...changed };

      expect(await world.forge.preflight(query())).toStrictEqual({
        kind: 'failed',
        code: 'FORGE_ACCESS_DENIED',
        message,
      });
    });

    test('passes without the permission to see checks', async () => {
      const { checks: _, ...permissions } = appPermissions;
      world.github.app.installations[0]!.permissions = permissions;

      expect(await world.forge.preflight(query())).toStrictEqual({ kind: 'passed', baseBranch: 'main' });
    });

    test('says that the app is not installed there', async () => {
      world.github.app.installations.splice(0);

      expect(await world.forge.preflight(query())).toStrictEqual({
        kind: 'failed',
        code: 'FORGE_ACCESS_DENIED',
        message:
          'the app is not installed on acme/shop, or there is no such repository; install it there, and check the name',
      });
    });

    test('names the permission that a personal token lacks', async () => {
      world.github.people.set('ann', 'acme/shop', 'write');
      const { token } = world.github.addPersonalToken({ login: 'ann', permissions: { metadata: 'read' } });

      expect(await new GitHubForge(asPerson(world, token)).preflight(query())).toMatchObject({
        kind: 'failed',
        code: 'FORGE_ACCESS_DENIED',
        message: expect.stringContaining("grant 'Contents: Read-only'"),
      });
    });

    test('says that the owner of a personal token may not write', async () => {
      world.github.people.set('ann', 'acme/shop', 'read');
      const { token } = world.github.addPersonalToken({ login: 'ann' });

      expect(await new GitHubForge(asPerson(world, token)).preflight(query())).toStrictEqual({
        kind: 'failed',
        code: 'FORGE_ACCESS_DENIED',
        message: 'the token may not write acme/shop: grant its owner write access there',
      });
    });

    test('says that a personal token is refused, and does not say which', async () => {
      const forge = new GitHubForge(asPerson(world, 'ghp_0123456789abcdef0123456789abcdef0123'));

      const result = await forge.preflight(query());

      expect(result).toMatchObject({
        code: 'FORGE_ACCESS_DENIED',
        message: expect.stringContaining('make a new one'),
      });
      expect(JSON.stringify(result)).not.toContain('ghp_');
    });

    test('fails for an archived repository', async () => {
      world.shop.repository.archived = true;

      expect(await world.forge.preflight(query())).toMatchObject({
        code: 'PREFLIGHT_FAILED',
        message: 'acme/shop is archived: nothing can be written there; unarchive it',
      });
    });

    test.each(['closed', 'merged'] as const)('fails for a %s pull request', async (how) => {
      await world.git.commit('refs/heads/fix', { 'b.txt': 'b\n' });
      const pull = await world.shop.openPull({ title: 'Fix', head: 'fix' });
      world.shop.closePull(pull.issue.number, how);

      expect(await world.forge.preflight(query({ taskType: 'pr_iteration', prNumber: 1 }))).toStrictEqual({
        kind: 'failed',
        code: 'PREFLIGHT_FAILED',
        message: `pull request #1 of acme/shop is ${how}; reopen it, or submit a new task`,
      });
    });

    test('names no branch of a pull request from a fork, also where its name is one here', async () => {
      const headSha = await world.git.commit('refs/heads/fix', { 'b.txt': 'b\n' });
      await world.shop.openPull({ title: 'Fix', head: 'fix', headRepo: 'mallory/shop', headSha });

      expect(await world.forge.preflight(query({ taskType: 'pr_iteration', prNumber: 1 }))).toStrictEqual({
        kind: 'passed',
        baseBranch: 'main',
        pullRequest: {
          number: 1,
          url: `${world.github.url}/acme/shop/pull/1`,
          headSha,
          headRef: 'refs/pull/1/head',
        },
      });
    });

    test('fails for an issue that is taken for a pull request', async () => {
      world.shop.openIssue({ title: 'Bug' });

      expect(await world.forge.preflight(query({ taskType: 'pr_review', prNumber: 1 }))).toMatchObject({
        code: 'PREFLIGHT_FAILED',
        message: 'acme/shop has no pull request #1; check its number',
      });
    });

    test.each([
      'https://github.example/acme/shop.git',
      'https://user@127.0.0.1/acme/shop.git',
      'git@github.com:acme/shop.git',
      'file:///acme/shop',
    ])('makes no token for a clone URL that is not the repository: %s', async (cloneUrl) => {
      expect(await world.forge.preflight(query({ cloneUrl }))).toMatchObject({ code: 'NOT_A_REPOSITORY' });
      expect(world.github.requests).toStrictEqual([]);
    });

    test('takes the name and the clone URL in any case, with or without .git', async () => {
      const repo = 'Acme/Shop' as RepoId;
      const cloneUrl = `${world.github.url}/acme/SHOP/`;

      expect(await world.forge.preflight(query({ repo, cloneUrl }))).toMatchObject({ kind: 'passed' });
    });

    test.each([
      { match: 'repos/get', status: 503 },
      { match: 'repos/get', reset: true },
      { match: 'git/get-ref', status: 500 },
      { match: 'git/get-ref', limit: 'secondary', retryAfterS: 1 },
    ] as const)('passes when a call fails once: %j', async (failure) => {
      world.github.failNext(failure);

      expect(await world.forge.preflight(query())).toStrictEqual({ kind: 'passed', baseBranch: 'main' });
    });

    test.each(['apps/get-repo-installation', 'repos/get', 'git/get-ref'])(
      'is an error to be repeated, and no failure of the task, while %s fails',
      async (match) => {
        world.github.failNext({ match, status: 503, times: Infinity });

        await expect(world.forge.preflight(query())).rejects.toMatchObject({
          code: 'SERVICE_UNAVAILABLE',
          retryable: true,
        });
      },
    );

    test('tells when a limit ends that is not worth waiting for', async () => {
      world.github.failNext({ match: 'repos/get', limit: 'secondary', retryAfterS: 600 });

      await expect(world.forge.preflight(query())).rejects.toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        retryable: true,
        details: { status: 403, retryAfterMs: 600_000 },
      });
      expect(world.github.count('repos/get')).toBe(1);
    });

    test('goes on with a fresh token in the middle of an hour that ended early', async () => {
      await world.forge.preflight(query());
      for (const token of world.github.tokens) token.revoked = true;

      expect(await world.forge.preflight(query())).toMatchObject({ kind: 'passed' });
      expect(world.github.tokens).toHaveLength(2);
    });
  });
});
