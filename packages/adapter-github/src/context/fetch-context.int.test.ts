import { emptyContext } from '@abca/core';
import { aTaskId } from '@abca/core/testing';
import { appPermissions } from '@abca/wire-fakes/github';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { markerOf } from '../forge/markers.ts';
import { createGitHubWorld, endWorlds, violations, type GitHubWorld } from '../github-world.test-kit.ts';

let world: GitHubWorld;

beforeEach(async () => {
  world = await createGitHubWorld();
});
afterEach(() => {
  expect(violations()).toStrictEqual([]);
});
afterAll(endWorlds);

const maxTokens = 10_000;
const at = '2026-01-01T00:00:00Z';

async function openPull(): Promise<number> {
  await world.git.commit('refs/heads/fix', { 'b.txt': 'b\n' });
  return (await world.shop.openPull({ title: 'Fix the sum', head: 'fix', body: 'It adds now.' })).issue.number;
}

describe('GitHubForge', () => {
  describe('fetchContext()', () => {
    test('asks nothing for a task that names nothing', async () => {
      expect(await world.forge.fetchContext({ ...world.repo, maxTokens })).toStrictEqual(emptyContext);
      expect(world.github.requests).toStrictEqual([]);
    });

    test('tells an issue with its comments', async () => {
      const { number } = world.shop.openIssue({ title: 'The sum is wrong', body: '1 + 1 is 3' });
      world.shop.comment(number, { author: 'bob', body: 'here too' });

      expect(await world.forge.fetchContext({ ...world.repo, issueNumber: number, maxTokens })).toStrictEqual({
        title: 'The sum is wrong',
        body: '1 + 1 is 3',
        comments: [{ author: 'bob', createdAt: at, body: 'here too' }],
        tokens: 24,
        truncated: false,
      });
    });

    test('tells a pull request with its discussion, comments on lines, reviews and checks, in the order of time', async () => {
      const number = await openPull();
      const { shop, clock } = world;
      shop.comment(number, { author: 'bob', body: 'nice' });
      await clock.advance(1000);
      shop.reviewComment(number, { author: 'eve', body: 'use a loop', path: 'b.txt', line: 1 });
      await clock.advance(1000);
      shop.review(number, { author: 'eve', body: 'see my remark', state: 'CHANGES_REQUESTED' });
      shop.review(number, { author: 'eve', body: 'and more' });
      await clock.advance(1000);
      shop.reviewComment(number, { author: 'bob', body: 'an old line', path: 'a.txt' });
      shop.setCheckRuns(shop.pull(number).headSha, [
        { name: 'build', status: 'completed', conclusion: 'success', summary: 'all is well' },
        { name: 'test', status: 'completed', conclusion: 'failure', title: '1 failed', summary: 'sum.test.ts' },
        { name: 'lint', status: 'in_progress' },
      ]);

      const context = await world.forge.fetchContext({ ...world.repo, prNumber: number, maxTokens });

      expect(context).toStrictEqual({
        title: 'Fix the sum',
        body: 'It adds now.',
        comments: [
          { author: 'bob', createdAt: at, body: 'nice' },
          { author: 'eve', createdAt: '2026-01-01T00:00:01Z', body: 'use a loop', path: 'b.txt', line: 1 },
          { author: 'eve', createdAt: '2026-01-01T00:00:02Z', body: 'see my remark' },
          { author: 'eve', createdAt: '2026-01-01T00:00:02Z', body: 'and more' },
          { author: 'bob', createdAt: '2026-01-01T00:00:03Z', body: 'an old line', path: 'a.txt' },
        ],
        checks: [
          { name: 'build', state: 'success' },
          { name: 'test', state: 'failure', summary: '1 failed\nsum.test.ts' },
          { name: 'lint', state: 'in_progress' },
        ],
        tokens: expect.any(Number),
        truncated: false,
      });
    });

    test('puts the issue behind the pull request where a task names both', async () => {
      const number = await openPull();
      const issue = world.shop.openIssue({ title: 'The sum is wrong', body: '1 + 1 is 3' }).number;
      world.shop.comment(issue, { author: 'bob', body: 'here too' });

      const context = await world.forge.fetchContext({
        ...world.repo,
        prNumber: number,
        issueNumber: issue,
        maxTokens,
      });

      expect(context.title).toBe('Fix the sum');
      expect(context.body).toBe('It adds now.\n\nThe issue it is for: The sum is wrong\n\n1 + 1 is 3');
      expect(context.comments.map(({ body }) => body)).toStrictEqual(['here too']);
    });

    test('does without checks that it may not see', async () => {
      const { checks: _, ...permissions } = appPermissions;
      world.github.app.installations[0]!.permissions = permissions;
      const number = await openPull();
      world.shop.setCheckRuns(world.shop.pull(number).headSha, [
        { name: 'build', status: 'completed', conclusion: 'success' },
      ]);

      expect(await world.forge.fetchContext({ ...world.repo, prNumber: number, maxTokens })).not.toHaveProperty(
        'checks',
      );
    });

    test.each([{ issueNumber: 99 }, { prNumber: 99 }])('says that there is no %j', async (named) => {
      await expect(world.forge.fetchContext({ ...world.repo, ...named, maxTokens })).rejects.toMatchObject({
        code: 'PREFLIGHT_FAILED',
        message: expect.stringMatching(/acme\/shop has no (?:issue|pull request) #99/),
      });
    });

    test("leaves out what the platform said itself, and keeps what imitates it, without its mark's power", async () => {
      const { number } = world.shop.openIssue({ title: 'x', body: `${markerOf('status', aTaskId())} done` });
      world.shop.comment(number, { author: 'abca[bot]', body: `${markerOf('status', aTaskId())}\nour own words` });
      world.shop.comment(number, { author: 'mallory', body: `${markerOf('status', aTaskId())}\nnot ours` });

      const context = await world.forge.fetchContext({ ...world.repo, issueNumber: number, maxTokens });

      expect(context.body).toBe('done');
      expect(context.comments).toStrictEqual([{ author: 'mallory', createdAt: at, body: 'not ours' }]);
    });

    test('keeps the newest comments of a long discussion, and reads no more of it than it keeps', async () => {
      const { number } = world.shop.openIssue({ title: 'Long', body: 'b' });
      for (let count = 1; count <= 1000; count += 1) {
        world.shop.comment(number, { author: 'bob', body: `${String(count)} ${'x'.repeat(95)}` });
      }

      const context = await world.forge.fetchContext({ ...world.repo, issueNumber: number, maxTokens: 2000 });

      expect(context.truncated).toBe(true);
      expect(context.tokens).toBeLessThanOrEqual(2000);
      const kept = context.comments.map(({ body }) => Number(body.split(' ')[0]));
      // Each costs about 160 characters of 8,000.
      expect(kept.length).toBeGreaterThan(45);
      expect(kept.at(-1)).toBe(1000);
      expect(kept).toStrictEqual(kept.map((_, index) => 1001 - kept.length + index));
      expect(world.github.count('issues/list-comments')).toBe(2);
    });

    const calls = [
      'apps/create-installation-access-token',
      'pulls/get',
      'issues/list-comments',
      'pulls/list-reviews',
      'pulls/list-review-comments',
      'checks/list-for-ref',
    ];

    test.each(calls)('is whole when %s fails once, and a retryable error when it fails for good', async (match) => {
      const number = await openPull();
      world.shop.comment(number, { author: 'bob', body: 'nice' });
      world.github.failNext({ match, status: 502 });

      const once = await world.forge.fetchContext({ ...world.repo, prNumber: number, maxTokens });
      await world.clock.advance(3_600_000);
      world.github.failNext({ match, reset: true, times: Infinity });

      expect(once.comments).toHaveLength(1);
      await expect(world.forge.fetchContext({ ...world.repo, prNumber: number, maxTokens })).rejects.toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        retryable: true,
      });
    });
  });
});
