import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EvidenceQuery, PreflightQuery, PullRequestInput, TaskId } from '@abca/core';
import { afterAll, describe, expect, test } from '@jest/globals';
import { GitForge } from './forge/git-forge.ts';
import { createGitWorld, createSshWorld, removeWorlds, type GitWorld } from './git-world.test-kit.ts';

afterAll(removeWorlds);

const taskId = '01J00000000000000000000001' as TaskId;
const branch = 'abca/task/fix';

function aPull(world: GitWorld, headSha: string): PullRequestInput {
  const text = { title: 'Fix "it" 🧮', body: 'why\nand how' };
  return { ...world.remote.repo, taskId, branch, baseBranch: 'main', headSha, ...text };
}

function evidenceOf(world: GitWorld): EvidenceQuery {
  return { ...world.remote.repo, taskId, branch, baseBranch: 'main', wipRef: `refs/abca/${taskId}/wip` };
}

function before(world: GitWorld, more: Partial<PreflightQuery> = {}): PreflightQuery {
  return { ...world.remote.repo, taskType: 'new_task', protectedBranches: [], ...more };
}

async function withPull(): Promise<{ world: GitWorld; headSha: string }> {
  const world = await createGitWorld({ 'a.txt': 'one\n' });
  const headSha = await world.remote.commit(branch, { 'b.txt': 'b\n' });
  await world.forge.ensurePullRequest(aPull(world, headSha));
  return { world, headSha };
}

describe('GitForge', () => {
  describe('preflight()', () => {
    test.each<[string, (world: GitWorld, headSha: string) => Promise<unknown>, RegExp]>([
      [
        'is merged',
        (world, sha) => world.git(world.bare, 'update-ref', 'refs/heads/main', sha),
        /#1.*merged.*new task/,
      ],
      [
        'lost its branch',
        (world) => world.git(world.bare, 'update-ref', '-d', `refs/heads/${branch}`),
        /#1.*branch is gone/,
      ],
      ['was left behind', (world) => world.remote.commit(branch, { 'c.txt': 'c\n' }), /#1.*went on without it/],
      [
        'lost its note',
        (world) => world.git(world.bare, 'update-ref', 'refs/abca/pulls/1/note', 'main:a.txt'),
        /#1.*note/,
      ],
    ])('fails for a pull request that %s, with what to do instead', async (_what, act, message) => {
      const { world, headSha } = await withPull();
      await act(world, headSha);

      const result = await world.forge.preflight(before(world, { taskType: 'pr_iteration', prNumber: 1 }));

      expect(result).toStrictEqual({
        kind: 'failed',
        code: 'PREFLIGHT_FAILED',
        message: expect.stringMatching(message),
      });
    });

    test('lets a new task read a pull request that is open, and keeps its own base', async () => {
      const { world, headSha } = await withPull();
      await world.remote.commit('release', { 'r.txt': 'r\n' });

      expect(await world.forge.preflight(before(world, { prNumber: 1, baseBranch: 'release' }))).toMatchObject({
        kind: 'passed',
        baseBranch: 'release',
        pullRequest: { number: 1, headSha },
      });
    });

    test.each(['ext::sh -c true', '--upload-pack=true', '/nowhere/at/all.git'])('fails for %s', async (cloneUrl) => {
      const world = await createGitWorld({ 'a.txt': 'a\n' });

      expect(await world.forge.preflight(before(world, { cloneUrl }))).toMatchObject({ code: 'NOT_A_REPOSITORY' });
    });

    test('is an error to repeat when the remote does not answer', async () => {
      const world = await createGitWorld({ 'a.txt': 'a\n' }, { protocols: ['file', 'http'] });
      // Port 9 of loopback: nothing listens there.
      const call = world.forge.preflight(before(world, { cloneUrl: 'http://127.0.0.1:9/shop.git' }));

      await expect(call).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    });
  });

  describe('ensurePullRequest()', () => {
    test('keeps it in refs that a person can fetch and read', async () => {
      const { world, headSha } = await withPull();

      const note = JSON.parse(await world.git(world.bare, 'show', 'refs/abca/pulls/1/note')) as unknown;

      expect(await world.remote.sha('refs/abca/pulls/1/head')).toBe(headSha);
      expect(note).toStrictEqual({
        number: 1,
        task_id: taskId,
        repo: 'acme/shop',
        branch,
        base_branch: 'main',
        title: 'Fix "it" 🧮',
        body: 'why\nand how',
      });
      expect(await world.forge.listPullRequests(world.bare)).toStrictEqual([
        {
          number: 1,
          taskId,
          repo: 'acme/shop',
          branch,
          baseBranch: 'main',
          title: 'Fix "it" 🧮',
          body: 'why\nand how',
          url: `${world.bare}#refs/abca/pulls/1/head`,
          headSha,
        },
      ]);
    });

    test('lists what it fetched from another machine, and what is no note of ours not', async () => {
      const world = await createSshWorld({ 'a.txt': 'one\n' });
      const headSha = await world.remote.commit(branch, { 'b.txt': 'b\n' });
      await world.forge.ensurePullRequest(aPull(world, headSha));
      const blob = (await world.git(world.bare, 'rev-parse', 'main:a.txt')).trim();
      await world.git(world.bare, 'update-ref', 'refs/abca/pulls/2/note', blob);
      await world.git(world.bare, 'update-ref', 'refs/abca/pulls/2/head', headSha);

      const listed = await world.forge.listPullRequests(world.remote.repo.cloneUrl);

      expect(listed.map(({ number, title }) => ({ number, title }))).toStrictEqual([
        { number: 1, title: 'Fix "it" 🧮' },
      ]);
    });

    test('keeps a review in a ref that a person can read', async () => {
      const { world, headSha } = await withPull();
      const reviewer = '01J00000000000000000000007' as TaskId;

      const { url } = await world.forge.submitReview({
        ...world.remote.repo,
        taskId: reviewer,
        prNumber: 1,
        headSha,
        body: 'why "it" 🧮',
      });

      const ref = `refs/abca/pulls/1/reviews/${reviewer}`;
      expect(url).toBe(`${world.bare}#${ref}`);
      expect(JSON.parse(await world.git(world.bare, 'show', ref))).toStrictEqual({
        number: 1,
        task_id: reviewer,
        repo: 'acme/shop',
        head_sha: headSha,
        body: 'why "it" 🧮',
      });
    });

    test('is fetched by the two halves of its URL', async () => {
      const { world, headSha } = await withPull();
      const clone = join(world.root, 'clone');
      await world.git(world.root, 'clone', '--quiet', world.bare, clone);

      await world.git(clone, 'fetch', '--quiet', world.bare, 'refs/abca/pulls/1/head');
      const head = await world.git(clone, 'rev-parse', 'FETCH_HEAD');
      await world.git(clone, 'fetch', '--quiet', world.bare, 'refs/abca/pulls/1/note');

      expect(head).toBe(`${headSha}\n`);
      expect(await world.git(clone, 'cat-file', '-p', 'FETCH_HEAD')).toContain('"number": 1');
    });

    test('works in a SHA-256 repository, by a file URL', async () => {
      const world = await createGitWorld(
        { 'a.txt': 'one\n' },
        { initArgs: ['--object-format=sha256'], cloneUrl: (bare) => pathToFileURL(bare).href },
      );
      const headSha = await world.remote.commit(branch, { 'b.txt': 'b\n' });
      const opened = await world.forge.ensurePullRequest(aPull(world, headSha));

      const { pullRequest, diff } = await world.forge.gatherEvidence(evidenceOf(world));

      expect(headSha).toHaveLength(64);
      expect(pullRequest).toStrictEqual({ ...opened, state: 'open', headSha });
      expect(diff).toStrictEqual({ commits: 1, filesChanged: 1, insertions: 1, deletions: 0 });
    });

    test('refuses a head that the remote does not show', async () => {
      const { world } = await withPull();

      const call = world.forge.ensurePullRequest(aPull(world, 'f'.repeat(40)));

      await expect(call).rejects.toMatchObject({ code: 'NOT_DELIVERED', message: expect.stringContaining('push') });
    });

    test('opens one for callers in different processes, which know nothing of each other', async () => {
      const world = await createGitWorld({ 'a.txt': 'one\n' });
      const headSha = await world.remote.commit(branch, { 'b.txt': 'b\n' });
      const forges = [1, 2, 3, 4, 5, 6].map(() => new GitForge(world.options));

      const opened = await Promise.all(forges.map((forge) => forge.ensurePullRequest(aPull(world, headSha))));

      expect(new Set(opened.map(({ number }) => number))).toStrictEqual(new Set([1]));
      expect(await world.forge.listPullRequests(world.bare)).toHaveLength(1);
    });
  });

  describe('gatherEvidence()', () => {
    test('shows a pull request as merged when the base holds its head', async () => {
      const { world, headSha } = await withPull();
      await world.git(world.bare, 'update-ref', 'refs/heads/main', headSha);

      expect((await world.forge.gatherEvidence(evidenceOf(world))).pullRequest?.state).toBe('merged');
    });

    test('shows a pull request as closed when the branch went on without it', async () => {
      const { world, headSha } = await withPull();
      await world.remote.commit(branch, { 'c.txt': 'c\n' });

      expect((await world.forge.gatherEvidence(evidenceOf(world))).pullRequest).toMatchObject({
        state: 'closed',
        headSha,
      });
    });

    test('shows a pull request as closed when the branch is gone', async () => {
      const { world } = await withPull();
      await world.git(world.bare, 'update-ref', '-d', `refs/heads/${branch}`);

      const { pullRequest, branchSha } = await world.forge.gatherEvidence(evidenceOf(world));

      expect({ state: pullRequest?.state, branchSha }).toStrictEqual({ state: 'closed', branchSha: undefined });
    });

    test('measures a branch that shares nothing with the base', async () => {
      const world = await createGitWorld({ 'a.txt': 'one\n' });
      const tree = (await world.git(world.bare, 'rev-parse', 'main^{tree}')).trim();
      const sha = (await world.git(world.bare, 'commit-tree', tree, '-m', 'orphan')).trim();
      await world.git(world.bare, 'update-ref', `refs/heads/${branch}`, sha);

      expect((await world.forge.gatherEvidence(evidenceOf(world))).diff).toStrictEqual({
        commits: 1,
        filesChanged: 1,
        insertions: 1,
        deletions: 0,
      });
    });

    test('works without the base branch', async () => {
      const world = await createGitWorld({ 'a.txt': 'one\n' });
      const branchSha = await world.remote.commit(branch, { 'b.txt': 'b\n' });

      const evidence = await world.forge.gatherEvidence({ ...evidenceOf(world), baseBranch: 'gone' });

      expect(evidence).toStrictEqual({
        branchSha,
        diff: { commits: 0, filesChanged: 0, insertions: 0, deletions: 0 },
      });
    });

    test('leaves nothing behind', async () => {
      const { world } = await withPull();
      await world.forge.gatherEvidence(evidenceOf(world));

      expect(await readdir(join(world.root, 'platform', 'forge'))).toStrictEqual([]);
    });
  });
});
