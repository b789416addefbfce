import type { PullRequestInput } from '@abca/core';
import { aTaskId } from '@abca/core/testing';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  asPerson,
  createGitHubWorld,
  endWorlds,
  quick,
  violations,
  type GitHubWorld,
} from '../github-world.test-kit.ts';
import { createGitHubClient } from '../client/github-client.ts';
import { GitHubForge } from './github-forge.ts';
import { markerOf } from './markers.ts';

let world: GitHubWorld;
let headSha: string;

beforeEach(async () => {
  world = await createGitHubWorld();
  headSha = await world.git.commit('refs/heads/abca/fix', { 'b.txt': 'b\n' });
});
afterEach(() => {
  expect(violations()).toStrictEqual([]);
});
afterAll(endWorlds);

const input = (fields: Partial<PullRequestInput> = {}): PullRequestInput => ({
  ...world.repo,
  taskId: aTaskId(),
  branch: 'abca/fix',
  baseBranch: 'main',
  headSha,
  title: 'Fix the sum',
  body: 'All of it.',
  ...fields,
});
const pulls = (): readonly object[] => [...world.shop.repository.pulls.values()];

describe('GitHubForge', () => {
  describe('ensurePullRequest()', () => {
    test('opens it with its text below a mark that nobody sees', async () => {
      expect(await world.forge.ensurePullRequest(input())).toStrictEqual({
        number: 1,
        url: `${world.github.url}/acme/shop/pull/1`,
      });
      expect(pulls()).toMatchObject([
        {
          base: 'main',
          headBranch: 'abca/fix',
          headSha,
          draft: false,
          issue: {
            title: 'Fix the sum',
            body: `${markerOf('pull', aTaskId())}\nAll of it.`,
            author: { login: 'abca[bot]' },
          },
        },
      ]);
    });

    test('opens a draft where it is asked to', async () => {
      await world.forge.ensurePullRequest(input({ draft: true }));

      expect(pulls()).toMatchObject([{ draft: true }]);
    });

    test.each([{ reset: true }, { status: 500 }, { status: 502 }, { status: 503 }])(
      'opens one when the answer is lost: %j',
      async (failure) => {
        world.github.failNext({ match: 'pulls/create', accepted: true, ...failure });

        expect(await world.forge.ensurePullRequest(input())).toMatchObject({ number: 1 });
        expect(pulls()).toHaveLength(1);
        expect(world.github.count('pulls/create')).toBe(1);
      },
    );

    test.each([{ reset: true }, { status: 500 }])('is to be repeated when it was not opened: %j', async (failure) => {
      world.github.failNext({ match: 'pulls/create', ...failure });

      await expect(world.forge.ensurePullRequest(input())).rejects.toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        retryable: true,
      });
      expect(await world.forge.ensurePullRequest(input())).toMatchObject({ number: 1 });
    });

    test('opens one when two sessions race, each with a client of its own', async () => {
      const other = anotherProcess();

      const opened = await Promise.all([
        world.forge.ensurePullRequest(input()),
        other.ensurePullRequest(input()),
        world.forge.ensurePullRequest(input()),
      ]);

      expect(new Set(opened.map(({ number }) => number))).toStrictEqual(new Set([1]));
      expect(pulls()).toHaveLength(1);
    });

    test('keeps to its own one when somebody has closed it', async () => {
      await world.forge.ensurePullRequest(input());
      world.shop.closePull(1);

      expect(await world.forge.ensurePullRequest(input())).toMatchObject({ number: 1 });
      expect(pulls()).toHaveLength(1);
    });

    test("takes no fork's for its own, whatever its branch and its text", async () => {
      await world.shop.openPull({
        title: 'Fix',
        head: 'abca/fix',
        headRepo: 'acme/fork',
        headSha,
        author: 'mallory',
        body: markerOf('pull', aTaskId()),
      });

      expect(await world.forge.ensurePullRequest(input())).toMatchObject({ number: 2 });
    });

    test('hides secrets and cuts what is too long', async () => {
      const secret = `ghp_${'a1B2'.repeat(9)}`;

      await world.forge.ensurePullRequest(input({ title: 'T'.repeat(400), body: `${secret} ${'b'.repeat(70_000)}` }));

      const { title, body } = world.shop.issue(1);
      expect(title).toHaveLength(250);
      expect(body?.length).toBeLessThanOrEqual(65_536);
      expect(body).not.toContain(secret);
    });

    test('says what to do when the branch is not where it should be', async () => {
      await expect(world.forge.ensurePullRequest(input({ headSha: '1'.repeat(40) }))).rejects.toMatchObject({
        code: 'NOT_DELIVERED',
        message: `pull request was not opened: abca/fix is at ${headSha}, not at ${'1'.repeat(40)}; push the branch first`,
      });
      expect(pulls()).toStrictEqual([]);
    });

    test('is refused for good when GitHub does not take it', async () => {
      const mainSha = (await world.git.sha('refs/heads/main')) ?? '';
      await world.git.git('update-ref', 'refs/heads/abca/same', mainSha);

      await expect(
        world.forge.ensurePullRequest(input({ branch: 'abca/same', headSha: mainSha })),
      ).rejects.toMatchObject({ code: 'VALIDATION_ERROR', retryable: false });
    });
  });

  describe('gatherEvidence()', () => {
    const evidence = () => {
      const { repo, cloneUrl, taskId, branch, baseBranch } = input();
      return world.forge.gatherEvidence({ repo, cloneUrl, taskId, branch, baseBranch, wipRef: 'refs/abca/wip/1' });
    };

    test('shows what GitHub has of the task', async () => {
      await world.forge.ensurePullRequest(input());

      expect(await evidence()).toStrictEqual({
        branchSha: headSha,
        baseSha: await world.git.sha('refs/heads/main'),
        pullRequest: { number: 1, url: `${world.github.url}/acme/shop/pull/1`, state: 'open', headSha },
        diff: { commits: 1, filesChanged: 1, insertions: 1, deletions: 0 },
      });
    });

    test('shows a merged pull request as that', async () => {
      await world.forge.ensurePullRequest(input());
      world.shop.closePull(1, 'merged');

      expect(await evidence()).toMatchObject({ pullRequest: { number: 1, state: 'merged' } });
    });

    test('measures more files than a comparison names', async () => {
      const files = Array.from({ length: 301 }, (_, at) => [`many/${String(at)}.txt`, 'x\n'] as const);
      headSha = await world.git.commit('refs/heads/abca/fix', Object.fromEntries(files));
      await world.forge.ensurePullRequest(input());

      expect(await evidence()).toMatchObject({
        diff: { commits: 2, filesChanged: 302, insertions: 302, deletions: 0 },
      });
    });

    test.each(['git/get-ref', 'pulls/list', 'repos/compare-commits-with-basehead'])(
      'is an error to be repeated, and not less evidence, while %s fails',
      async (match) => {
        world.github.failNext({ match, status: 502, times: Infinity });

        await expect(evidence()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
      },
    );
  });

  describe('submitReview()', () => {
    const review = (body = 'Looks right.') => {
      const { repo, cloneUrl, taskId } = input();
      return { repo, cloneUrl, taskId, prNumber: 1, headSha, body };
    };
    const reviews = () => world.shop.pull(1).reviews;

    beforeEach(() => world.shop.openPull({ title: 'Fix', head: 'abca/fix' }));

    test('leaves one as a comment, on what was read', async () => {
      const { url } = await world.forge.submitReview(review());

      expect(url).toBe(`${world.github.url}/acme/shop/pull/1#pullrequestreview-${String(reviews()[0]?.id)}`);
      expect(reviews()).toMatchObject([
        { state: 'COMMENTED', commitId: headSha, body: `${markerOf('review', aTaskId())}\nLooks right.` },
      ]);
    });

    test.each([{ reset: true }, { status: 500 }])('leaves one when the answer is lost: %j', async (failure) => {
      world.github.failNext({ match: 'pulls/create-review', accepted: true, ...failure });

      const { url } = await world.forge.submitReview(review());

      expect(url).toBe((await world.forge.submitReview(review())).url);
      expect(reviews()).toHaveLength(1);
    });

    test('leaves its own although somebody imitates it', async () => {
      world.shop.review(1, { author: 'mallory', body: `${markerOf('review', aTaskId())}\nShip it.` });

      await world.forge.submitReview(review());

      expect(reviews().map(({ author }) => author.login)).toStrictEqual(['mallory', 'abca[bot]']);
    });

    test('finds it behind hundreds of others', async () => {
      for (let count = 0; count < 120; count += 1) world.shop.review(1, { body: `me too ${String(count)}` });
      await world.forge.submitReview(review());

      await world.forge.submitReview(review());

      expect(reviews()).toHaveLength(121);
    });

    test('calls nobody, hides secrets and shows what would be hidden', async () => {
      const secret = `ghp_${'a1B2'.repeat(9)}`;
      const text = `@ann and @acme/team, see <!-- abca:status --> ${secret}\n\`\`\`suggestion\n@Decorator()\n\`\`\``;

      await world.forge.submitReview(review(text));

      const body = reviews()[0]?.body;
      expect(body).not.toMatch(/@ann|@acme/);
      expect(body).toContain('\n@Decorator()\n');
      expect(body).toContain('&lt;!-- abca:status');
      expect(body).not.toContain(secret);
    });

    test('is found again by who is not told whether it speaks for a person or an app', async () => {
      world.github.people.set('ann', 'acme/shop', 'write');
      const { token } = world.github.addPersonalToken({ login: 'ann' });
      const handedOut = [{ get: () => Promise.resolve({ token }) }, world.tokens];
      const { clock, github } = world;

      for (const tokens of handedOut) {
        const forge = new GitHubForge(createGitHubClient({ tokens, clock, apiUrl: github.apiUrl, retry: quick }));
        await forge.submitReview(review());
        await forge.submitReview(review());
      }

      expect(reviews().map(({ author }) => author.login)).toStrictEqual(['ann', 'abca[bot]']);
      expect(world.github.count('users/get-authenticated')).toBe(2);
    });

    test('is left by a person whose token is used, and found again', async () => {
      world.github.people.set('ann', 'acme/shop', 'write');
      const forge = new GitHubForge(asPerson(world, world.github.addPersonalToken({ login: 'ann' }).token));

      await forge.submitReview(review());
      await forge.submitReview(review());

      expect(reviews().map(({ author }) => author.login)).toStrictEqual(['ann']);
    });
  });
});

/** Another process on the same GitHub: nothing is shared but what GitHub has. */
function anotherProcess(): GitHubForge {
  world.github.people.set('ann', 'acme/shop', 'write');
  return new GitHubForge(asPerson(world, world.github.addPersonalToken({ login: 'ann' }).token));
}
