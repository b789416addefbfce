import {
  emptyContext,
  type EvidenceQuery,
  type Forge,
  type PreflightQuery,
  type PullRequestInput,
  type ReviewInput,
  type TaskId,
} from '@abca/core';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RemoteControl } from './remote-control.ts';

/** A forge under test and the repository it looks at. */
export interface ForgeHarness {
  readonly forge: Forge;
  readonly remote: RemoteControl;
  /** Put a commit with these files, which stands on `main`, on a ref that is no branch. */
  save(ref: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** An address that is no repository. */
  readonly notARepository: string;
}

/** What every {@link Forge} must do. Run from each implementation's own test file. */
export function forgeContract(setup: {
  /** `files` are the first commit on `main`; without them the repository is empty. */
  create(files?: Readonly<Record<string, string>>): Promise<ForgeHarness>;
}): void {
  describe('Forge contract', () => {
    const taskId = '01J00000000000000000000001' as TaskId;
    const branch = 'abca/task/fix';
    const wipRef = `refs/abca/${taskId}/wip`;
    const noDiff = { commits: 0, filesChanged: 0, insertions: 0, deletions: 0 };
    let harness: ForgeHarness;
    let forge: Forge;
    let remote: RemoteControl;

    beforeEach(async () => {
      harness = await setup.create({ 'a.txt': 'one\ntwo\nthree\n' });
      ({ forge, remote } = harness);
    });

    const before = (more: Partial<PreflightQuery> = {}): PreflightQuery => ({
      ...remote.repo,
      taskType: 'new_task',
      protectedBranches: [],
      ...more,
    });
    const evidence = (): EvidenceQuery => ({ ...remote.repo, taskId, branch, baseBranch: 'main', wipRef });
    const pull = (headSha: string, more: Partial<PullRequestInput> = {}): PullRequestInput => ({
      ...remote.repo,
      taskId,
      branch,
      baseBranch: 'main',
      headSha,
      title: 'Fix the "sum" 🧮',
      body: 'first line\nsecond line',
      ...more,
    });

    describe('preflight()', () => {
      test('passes and answers the default branch', async () => {
        expect(await forge.preflight(before())).toStrictEqual({ kind: 'passed', baseBranch: 'main' });
      });

      test('passes with a base branch that exists', async () => {
        await remote.commit('release', { 'b.txt': 'b\n' });

        expect(await forge.preflight(before({ baseBranch: 'release' }))).toStrictEqual({
          kind: 'passed',
          baseBranch: 'release',
        });
      });

      test('fails for a base branch that is missing and names those that exist', async () => {
        expect(await forge.preflight(before({ baseBranch: 'nope' }))).toStrictEqual({
          kind: 'failed',
          code: 'BRANCH_NOT_FOUND',
          message: expect.stringMatching(/nope.*main/),
        });
      });

      test('fails for a protected base branch, the default one too', async () => {
        expect(await forge.preflight(before({ protectedBranches: ['main'] }))).toStrictEqual({
          kind: 'failed',
          code: 'BRANCH_PROTECTED',
          message: expect.stringContaining('main'),
        });
      });

      test('fails for what is no repository', async () => {
        expect(await forge.preflight(before({ cloneUrl: harness.notARepository }))).toMatchObject({
          kind: 'failed',
          code: 'NOT_A_REPOSITORY',
        });
      });

      test('fails for an empty repository', async () => {
        const empty = await setup.create();

        expect(await empty.forge.preflight({ ...before(), ...empty.remote.repo })).toMatchObject({
          kind: 'failed',
          code: 'EMPTY_REPOSITORY',
        });
      });
    });

    describe('preflight() of a pull request', () => {
      const opened = async () => {
        const headSha = await remote.commit(branch, { 'b.txt': 'b\n' });
        return { headSha, ...(await forge.ensurePullRequest(pull(headSha))) };
      };

      test.each(['pr_iteration', 'pr_review'] as const)(
        'passes for a %s of an open one, and says where it stands',
        async (taskType) => {
          const { headSha, number, url } = await opened();

          const result = await forge.preflight(before({ taskType, prNumber: number, baseBranch: 'not-asked-for' }));

          expect(result).toStrictEqual({
            kind: 'passed',
            baseBranch: 'main',
            pullRequest: { number, url, headBranch: branch, headSha, headRef: expect.stringMatching(/^refs\//) },
          });
        },
      );

      test('names a ref that the remote shows', async () => {
        const { headSha, number } = await opened();

        const result = await forge.preflight(before({ taskType: 'pr_review', prNumber: number }));

        const headRef = result.kind === 'passed' ? (result.pullRequest?.headRef ?? '') : '';
        expect(await remote.sha(headRef)).toBe(headSha);
      });

      test('fails for one that is not there', async () => {
        await opened();

        expect(await forge.preflight(before({ taskType: 'pr_iteration', prNumber: 99 }))).toStrictEqual({
          kind: 'failed',
          code: 'PREFLIGHT_FAILED',
          message: expect.stringContaining('#99'),
        });
      });

      test('lets a protected base be reviewed and worked towards, and refuses to work on a protected branch', async () => {
        const { number } = await opened();
        const asked = (taskType: PreflightQuery['taskType'], branches: readonly string[]) =>
          forge.preflight(before({ taskType, prNumber: number, protectedBranches: branches }));

        expect(await asked('pr_iteration', ['main'])).toMatchObject({ kind: 'passed' });
        expect(await asked('pr_review', ['main', branch])).toMatchObject({ kind: 'passed' });
        expect(await asked('pr_iteration', [branch])).toMatchObject({ kind: 'failed', code: 'BRANCH_PROTECTED' });
      });
    });

    test('fetchContext() is empty for a task that names nothing', async () => {
      expect(await forge.fetchContext({ ...remote.repo, maxTokens: 1000 })).toStrictEqual(emptyContext);
    });

    describe('ensurePullRequest()', () => {
      test('opens one that the evidence shows', async () => {
        const headSha = await remote.commit(branch, { 'b.txt': 'b\n' });

        const opened = await forge.ensurePullRequest(pull(headSha));

        const { pullRequest } = await forge.gatherEvidence(evidence());
        expect(pullRequest).toStrictEqual({ ...opened, state: 'open', headSha });
      });

      test('answers the same one when repeated', async () => {
        const headSha = await remote.commit(branch, { 'b.txt': 'b\n' });
        const opened = await forge.ensurePullRequest(pull(headSha));

        expect(await forge.ensurePullRequest(pull(headSha, { title: 'another title' }))).toStrictEqual(opened);
      });

      test('brings the head up to date', async () => {
        const opened = await forge.ensurePullRequest(pull(await remote.commit(branch, { 'b.txt': 'b\n' })));
        const headSha = await remote.commit(branch, { 'b.txt': 'better\n' });

        await forge.ensurePullRequest(pull(headSha));

        const { pullRequest } = await forge.gatherEvidence(evidence());
        expect(pullRequest).toStrictEqual({ ...opened, state: 'open', headSha });
      });

      test('finds the one of the branch for another task that goes on with it, and opens no second one', async () => {
        const opened = await forge.ensurePullRequest(pull(await remote.commit(branch, { 'b.txt': 'b\n' })));
        const headSha = await remote.commit(branch, { 'b.txt': 'better\n' });
        const next = '01J00000000000000000000008' as TaskId;

        const found = await forge.ensurePullRequest(pull(headSha, { taskId: next, title: 'another title' }));
        const again = await forge.ensurePullRequest(pull(headSha, { taskId: next }));

        const { pullRequest } = await forge.gatherEvidence({ ...evidence(), taskId: next });
        expect([found, again]).toStrictEqual([opened, opened]);
        expect(pullRequest).toStrictEqual({ ...opened, state: 'open', headSha });
      });

      test('opens one for concurrent callers of the same task', async () => {
        const headSha = await remote.commit(branch, { 'b.txt': 'b\n' });

        const opened = await Promise.all([1, 2, 3, 4].map(() => forge.ensurePullRequest(pull(headSha))));

        expect(new Set(opened.map(({ number }) => number)).size).toBe(1);
      });

      test('gives concurrent tasks a number each', async () => {
        const tasks = await Promise.all(
          [2, 3, 4].map(async (digit) => {
            const name = `abca/task/${String(digit)}`;
            return { name, id: `01J0000000000000000000000${String(digit)}` as TaskId };
          }),
        );
        const inputs: PullRequestInput[] = [];
        for (const { name, id } of tasks) {
          inputs.push(pull(await remote.commit(name, { [`${id}.txt`]: 'x\n' }), { taskId: id, branch: name }));
        }

        const opened = await Promise.all(inputs.map((input) => forge.ensurePullRequest(input)));

        expect(new Set(opened.map(({ number }) => number)).size).toBe(3);
      });
    });

    describe('submitReview()', () => {
      const reviewer = '01J00000000000000000000007' as TaskId;
      const review = (prNumber: number, headSha: string): ReviewInput => ({
        ...remote.repo,
        taskId: reviewer,
        prNumber,
        headSha,
        body: 'first line\n\nthe "sum" 🧮 is wrong',
      });
      const evidenceOfReview = (prNumber: number): EvidenceQuery => ({
        ...evidence(),
        taskId: reviewer,
        branch: 'abca/reviewer/none',
        wipRef: `refs/abca/${reviewer}/wip`,
        reviewOf: prNumber,
      });
      const open = async () => {
        const headSha = await remote.commit(branch, { 'b.txt': 'b\n' });
        const { number } = await forge.ensurePullRequest(pull(headSha));
        return { headSha, number };
      };

      test('leaves a review that the evidence shows', async () => {
        const { headSha, number } = await open();

        const left = await forge.submitReview(review(number, headSha));

        expect(await forge.gatherEvidence(evidenceOfReview(number))).toStrictEqual({
          baseSha: await remote.sha('refs/heads/main'),
          review: { url: left.url },
          diff: noDiff,
        });
      });

      test('is not in the evidence before, nor in that of another task or of a task that does not review', async () => {
        const { headSha, number } = await open();
        const before = await forge.gatherEvidence(evidenceOfReview(number));
        await forge.submitReview(review(number, headSha));
        const { reviewOf: _reviewOf, ...notAsked } = evidenceOfReview(number);

        const others = await Promise.all([
          forge.gatherEvidence({ ...evidenceOfReview(number), taskId: '01J00000000000000000000009' as TaskId }),
          forge.gatherEvidence(notAsked),
        ]);

        expect([before, ...others].map((shown) => shown.review)).toStrictEqual([undefined, undefined, undefined]);
      });

      test('leaves no second one when repeated, whatever it says', async () => {
        const { headSha, number } = await open();
        const left = await forge.submitReview(review(number, headSha));

        expect(await forge.submitReview({ ...review(number, headSha), body: 'another text' })).toStrictEqual(left);
      });

      test('changes no branch', async () => {
        const { headSha, number } = await open();

        await forge.submitReview(review(number, headSha));

        expect(await remote.sha(`refs/heads/${branch}`)).toBe(headSha);
      });

      test('fails for a pull request that is not there', async () => {
        const { headSha } = await open();

        await expect(forge.submitReview(review(99, headSha))).rejects.toMatchObject({ code: 'NOT_DELIVERED' });
      });
    });

    describe('gatherEvidence()', () => {
      test('shows only the base when there is no work', async () => {
        expect(await forge.gatherEvidence(evidence())).toStrictEqual({
          baseSha: await remote.sha('refs/heads/main'),
          diff: noDiff,
        });
      });

      test('measures the branch', async () => {
        await remote.commit(branch, { 'a.txt': 'one\n2\nthree\nfour\n' });
        const branchSha = await remote.commit(branch, { 'b.txt': 'b\n' });

        expect(await forge.gatherEvidence(evidence())).toStrictEqual({
          branchSha,
          baseSha: await remote.sha('refs/heads/main'),
          diff: { commits: 2, filesChanged: 2, insertions: 3, deletions: 1 },
        });
      });

      test('measures the saved work when there is no branch', async () => {
        const wipSha = await harness.save(wipRef, { 'b.txt': 'b\n' });

        expect(await forge.gatherEvidence(evidence())).toStrictEqual({
          wipSha,
          baseSha: await remote.sha('refs/heads/main'),
          diff: { commits: 1, filesChanged: 1, insertions: 1, deletions: 0 },
        });
      });

      test('measures from where the branch left the base, wherever the base is now', async () => {
        const branchSha = await remote.commit(branch, { 'b.txt': 'b\n' });
        const baseSha = await remote.commit('main', { 'c.txt': 'c\n' });

        expect(await forge.gatherEvidence(evidence())).toStrictEqual({
          branchSha,
          baseSha,
          diff: { commits: 1, filesChanged: 1, insertions: 1, deletions: 0 },
        });
      });

      test('keeps tasks apart', async () => {
        const headSha = await remote.commit(branch, { 'b.txt': 'b\n' });
        await forge.ensurePullRequest(pull(headSha));

        const another = { taskId: '01J00000000000000000000009' as TaskId, branch: 'abca/another/fix' };
        const other = await forge.gatherEvidence({ ...evidence(), ...another });

        expect(other.pullRequest).toBeUndefined();
      });
    });

    test('every verb ends with the reason of its signal', async () => {
      const reason = new Error('enough');
      const options = { signal: AbortSignal.abort(reason) };
      const headSha = await remote.commit(branch, { 'b.txt': 'b\n' });

      await expect(forge.preflight(before(), options)).rejects.toBe(reason);
      await expect(forge.fetchContext({ ...remote.repo, maxTokens: 1 }, options)).rejects.toBe(reason);
      await expect(forge.ensurePullRequest(pull(headSha), options)).rejects.toBe(reason);
      await expect(forge.gatherEvidence(evidence(), options)).rejects.toBe(reason);
      const review = { ...remote.repo, taskId, prNumber: 1, headSha, body: 'b' };
      await expect(forge.submitReview(review, options)).rejects.toBe(reason);
    });
  });
}
