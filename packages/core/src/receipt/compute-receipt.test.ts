import { describe, expect, test } from '@jest/globals';
import type { DeliveryEvidence } from '../ports/forge.ts';
import type { SessionResult, Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';
import { aTask } from '../testing/builders.ts';
import { computeReceipt, decideEnd, unverifiedReceipt, wipRefOf } from './compute-receipt.ts';

const base = 'base0';
const head = 'head1';
const diff = { commits: 1, filesChanged: 2, insertions: 3, deletions: 4 };
const noDiff = { commits: 0, filesChanged: 0, insertions: 0, deletions: 0 };
const usage = { turns: 4, costUsd: 0.5, inputTokens: 10, outputTokens: 5, model: 'scripted' };

const finished: SessionResult = { outcome: 'finished', headSha: head, ...usage };
const open = { number: 7, url: 'pr:7', state: 'open', headSha: head } as const;
const complete: DeliveryEvidence = { baseSha: base, branchSha: head, pullRequest: open, diff };

const standing = {
  number: 7,
  url: 'pr:7',
  headBranch: 'theirs',
  headSha: 'start0',
  headRef: 'refs/pull/7/head',
} as const;

function worked(result: SessionResult | undefined, fields: Partial<Task> = {}): Task {
  return aTask({ status: 'FINALIZING', branch: 'abca/x/y', ...(result && { result }), ...fields });
}

function judge(task: Task, evidence: DeliveryEvidence) {
  const receipt = computeReceipt(task, 'main', evidence, 1_000);
  return { outcome: receipt.outcome, why: receipt.why, end: decideEnd(task, receipt, task.failure) };
}

describe('computeReceipt()', () => {
  test('tells everything that the remote shows', () => {
    const task = worked(finished);

    const receipt = computeReceipt(task, 'main', { ...complete, wipSha: head }, 1_000);

    expect(receipt).toStrictEqual({
      outcome: 'delivered',
      branch: 'abca/x/y',
      baseBranch: 'main',
      baseSha: base,
      headSha: head,
      wipRef: wipRefOf(task.taskId),
      wipSha: head,
      prNumber: 7,
      prUrl: 'pr:7',
      ...diff,
      model: 'scripted',
      verifiedAt: formatIso(1_000),
    });
  });

  test('delivered is COMPLETED', () => {
    expect(judge(worked(finished), complete)).toStrictEqual({
      outcome: 'delivered',
      why: undefined,
      end: { status: 'COMPLETED' },
    });
  });

  test.each<[string, Partial<DeliveryEvidence>, string]>([
    ['no branch', { branchSha: undefined }, 'the remote has no branch abca/x/y'],
    [
      'another commit on the branch',
      { branchSha: 'other' },
      'the remote has other on abca/x/y, the session reported head1',
    ],
    ['no pull request', { pullRequest: undefined }, 'the remote shows no pull request'],
    ['a closed pull request', { pullRequest: { ...open, state: 'closed' } }, 'pull request 7 is closed'],
    ['a pull request of another commit', { pullRequest: { ...open, headSha: 'old' } }, 'pull request 7 is at old'],
  ] as [string, Partial<DeliveryEvidence>, string][])(
    'a session that says it is finished, but %s: not delivered (L20)',
    (_what, shown, why) => {
      const evidence = Object.fromEntries(
        Object.entries({ ...complete, ...shown }).filter(([, value]) => value !== undefined),
      );

      const judged = judge(worked(finished), evidence as unknown as DeliveryEvidence);

      expect(judged).toStrictEqual({
        outcome: 'not_delivered',
        why,
        end: { status: 'FAILED', failure: { code: 'NOT_DELIVERED', message: why } },
      });
    },
  );

  test('work that only the WIP ref holds is work_saved, with the reason of the session', () => {
    const failure = { code: 'PUSH_REJECTED', message: 'the hook says no' } as const;
    const result: SessionResult = { ...usage, outcome: 'failed', failure };

    expect(judge(worked(result), { baseSha: base, wipSha: 'wip', diff })).toStrictEqual({
      outcome: 'work_saved',
      why: 'the hook says no',
      end: { status: 'FAILED', failure },
    });
  });

  test('nothing changed is not COMPLETED where something was to be changed', () => {
    const unchanged: SessionResult = { ...usage, outcome: 'finished' };
    const evidence = { baseSha: base, diff: noDiff };

    expect(judge(worked(unchanged), evidence)).toMatchObject({
      outcome: 'no_changes',
      end: {
        status: 'FAILED',
        failure: { code: 'NOT_DELIVERED', message: 'the agent finished without changing anything' },
      },
    });
    expect(judge(worked({ ...unchanged, headSha: base }), evidence).outcome).toBe('no_changes');
  });

  test('a WIP ref at the base holds no work', () => {
    expect(
      judge(worked({ ...usage, outcome: 'finished' }), { baseSha: base, wipSha: base, diff: noDiff }).outcome,
    ).toBe('no_changes');
  });

  test('a session that left nothing at all is not delivered', () => {
    expect(judge(worked(undefined), { baseSha: base, diff: noDiff })).toMatchObject({
      outcome: 'not_delivered',
      why: 'the session reported no commit',
    });
  });

  test('a failure stands even when the branch is complete; out of time is TIMED_OUT', () => {
    const broken = { code: 'STORE_ERROR', message: 'broken' } as const;

    expect(judge(worked(finished, { failure: broken }), complete)).toMatchObject({
      outcome: 'delivered',
      end: { status: 'FAILED', failure: broken },
    });
    for (const code of ['DEADLINE_EXCEEDED', 'AGENT_LIFETIME_CAP'] as const) {
      const late = { code, message: 'late' };
      expect(judge(worked(finished, { failure: late }), complete).end).toStrictEqual({
        status: 'TIMED_OUT',
        failure: late,
      });
    }
  });

  test.each(['SESSION_LOST', 'SESSION_ENDED_WITHOUT_RESULT', 'SESSION_POLL_FAILED', 'SESSION_ACCESS_DENIED'] as const)(
    '%s gives way to a result that arrived meanwhile, and stands without one',
    (code) => {
      const failure = { code, message: 'silent' };

      expect(judge(worked(finished, { failure }), complete).end).toStrictEqual({ status: 'COMPLETED' });
      expect(judge(worked(undefined, { failure }), complete).end).toStrictEqual({ status: 'FAILED', failure });
    },
  );

  test('a remote that could not be read confirms nothing', () => {
    const receipt = unverifiedReceipt(worked(finished), 'main', 'no answer', 1_000);

    expect(receipt).toMatchObject({
      outcome: 'not_delivered',
      why: 'the remote could not be read: no answer',
      commits: 0,
    });
  });

  test('leaves out what the remote does not show and what the task does not have', () => {
    const { branch: _none, ...plain } = worked(undefined);

    const receipt = computeReceipt(plain, 'main', { diff: noDiff }, 1_000);

    expect(receipt).toStrictEqual({
      outcome: 'not_delivered',
      why: 'the session reported no commit',
      baseBranch: 'main',
      ...noDiff,
      verifiedAt: formatIso(1_000),
    });
    expect(Object.keys(receipt)).toHaveLength(8);
  });

  test.each<[string, Partial<Task>, DeliveryEvidence, string, string | undefined]>([
    [
      'a branch that stands at its base, which the session reported',
      { result: { ...usage, outcome: 'finished', headSha: base } },
      { baseSha: base, branchSha: base, diff: noDiff },
      'no_changes',
      undefined,
    ],
    [
      'a branch that stands at its base, and a session that reported a commit',
      { result: finished },
      { baseSha: base, branchSha: base, diff: noDiff },
      'not_delivered',
      'the branch abca/x/y holds nothing beyond its base',
    ],
    [
      'work on the branch that the session did not report',
      { result: { ...usage, outcome: 'finished' } },
      { baseSha: base, branchSha: head, diff },
      'not_delivered',
      'the session reported no commit',
    ],
    [
      'a pull request that the session did not report',
      { result: { ...usage, outcome: 'finished' } },
      { baseSha: base, pullRequest: open, diff: noDiff },
      'not_delivered',
      'the session reported no commit',
    ],
    [
      'work on the branch, and a session that reported the base',
      { result: { ...usage, outcome: 'finished', headSha: base } },
      { baseSha: base, branchSha: head, diff },
      'not_delivered',
      'the remote has head1 on abca/x/y, the session reported base0',
    ],
    [
      'a pull request and a session that left no result',
      {},
      { baseSha: base, branchSha: head, pullRequest: open, diff },
      'not_delivered',
      'the session reported no commit',
    ],
    [
      'a failed session that reported a commit and no branch',
      { result: { ...finished, outcome: 'failed', failure: { code: 'PUSH_REJECTED', message: 'hook' } } },
      { baseSha: base, diff: noDiff },
      'not_delivered',
      'hook',
    ],
    [
      'a task without a branch',
      { branch: undefined as never, result: finished },
      { baseSha: base, diff: noDiff },
      'not_delivered',
      'the remote has no branch the branch',
    ],
  ])('%s', (_what, fields, evidence, ...[outcome, why]) => {
    expect(judge(worked(undefined, fields), evidence)).toMatchObject({ outcome, why });
  });

  describe('of a review', () => {
    const { branch: _none, ...reviewing } = worked(
      { ...usage, outcome: 'finished' },
      { taskType: 'pr_review', prNumber: 7, pullRequest: { ...standing, url: 'pr:7' } },
    );
    const shown: DeliveryEvidence = { baseSha: base, review: { url: 'pr:7#review' }, diff: noDiff };

    test('that the remote shows is COMPLETED, and is named', () => {
      expect(computeReceipt(reviewing, 'main', shown, 1_000)).toStrictEqual({
        outcome: 'no_changes',
        baseBranch: 'main',
        ...noDiff,
        baseSha: base,
        prNumber: 7,
        prUrl: 'pr:7',
        reviewUrl: 'pr:7#review',
        model: 'scripted',
        verifiedAt: formatIso(1_000),
      });
      expect(judge(reviewing, shown).end).toStrictEqual({ status: 'COMPLETED' });
    });

    test.each<[string, Partial<Task>, string]>([
      ['that only the session tells of', {}, 'the remote shows no review of #7'],
      ['and a commit that are not there', { result: finished }, 'the remote shows no review of #7'],
      [
        'that failed',
        { result: { ...usage, outcome: 'failed', failure: { code: 'AGENT_FAILED', message: 'it fell' } } },
        'it fell',
      ],
    ])('%s is not COMPLETED', (_what, fields, why) => {
      const { review: _review, ...nothing } = shown;

      expect(judge({ ...reviewing, ...fields }, nothing)).toMatchObject({
        outcome: 'not_delivered',
        why,
        end: { status: 'FAILED' },
      });
    });
  });

  describe('of more work on a pull request', () => {
    const started = 'start0';
    const going = (result: SessionResult, fields: Partial<Task> = {}) =>
      worked(result, { taskType: 'pr_iteration', prNumber: 7, branch: 'theirs', pullRequest: standing, ...fields });
    const unchanged: SessionResult = { ...usage, outcome: 'finished' };
    const before: DeliveryEvidence = {
      baseSha: base,
      branchSha: started,
      pullRequest: { ...open, headSha: started },
      diff,
    };

    test('is delivered when the head of the pull request is the commit of the agent', () => {
      expect(judge(going(finished), complete)).toMatchObject({ outcome: 'delivered', end: { status: 'COMPLETED' } });
    });

    test('is no change when the pull request stands where it stood', () => {
      for (const result of [unchanged, { ...finished, headSha: started }]) {
        expect(judge(going(result), before)).toMatchObject({ outcome: 'no_changes', end: { status: 'FAILED' } });
      }
    });

    test('begins where its first session began, not where pre-flight saw the pull request', () => {
      const moved = { ...before, branchSha: 'moved', pullRequest: { ...open, headSha: 'moved' } };

      expect(judge(going({ ...finished, headSha: 'moved' }, { startSha: 'moved' }), moved).outcome).toBe('no_changes');
    });

    test('is not delivered when the pull request was closed meanwhile, or somebody pushed over it', () => {
      expect(judge(going(finished), { ...complete, pullRequest: { ...open, state: 'closed' } }).why).toBe(
        'pull request 7 is closed',
      );
      expect(judge(going(finished), { ...complete, branchSha: 'theirs1' })).toMatchObject({
        outcome: 'not_delivered',
        why: 'the remote has theirs1 on theirs, the session reported head1',
      });
    });

    test('that was only saved is work_saved', () => {
      expect(judge(going(unchanged), { ...before, wipSha: 'wip' }).outcome).toBe('work_saved');
      expect(judge(going(unchanged), { ...before, wipSha: started }).outcome).toBe('no_changes');
    });
  });
});

describe('wipRefOf()', () => {
  test('is a ref of the task, in lower case: refs are files on some systems', () => {
    expect(wipRefOf('01KAXYZ')).toBe('refs/abca/01kaxyz/wip');
  });
});
