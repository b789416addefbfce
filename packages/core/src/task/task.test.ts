import { describe, expect, test } from '@jest/globals';
import { aTask, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import { isReadOnly, taskSchema, taskTypes, type Task } from './task.ts';

const at = formatIso(testEpochMs);
const usage = { turns: 0, costUsd: 0, inputTokens: 0, outputTokens: 0 };
const diff = { commits: 0, filesChanged: 0, insertions: 0, deletions: 0 };
const full: Task = {
  ...aTask({ status: 'AWAITING_APPROVAL' }),
  baseBranch: 'main',
  issueNumber: 1,
  prNumber: 2,
  maxTurns: 3,
  maxBudgetUsd: 0.5,
  approvalTimeoutS: 60,
  approvalGateCap: 5,
  initialApprovals: ['this_call'],
  startedAt: at,
  endedAt: at,
  ttl: 9,
  computeType: 'local',
  sessionHandle: { strategyType: 'local', sessionId: 's', pid: 7 },
  leaseExpiresAt: at,
  sessionCallbackId: 'c',
  admissionCallbackId: 'd',
  settings: {
    computeType: 'local',
    compute: { cpu: 2 },
    cloneUrl: '/r.git',
    forge: 'git',
    baseBranch: 'main',
    protectedBranches: [],
    maxTurns: 3,
    maxBudgetUsd: 0.5,
    approvalGateCap: 5,
    approvalTimeoutS: 60,
    pullRequest: { draft: true },
  },
  branch: 'abca/x/y',
  pullRequest: { number: 2, url: 'u', headBranch: 'b', headSha: 'h', headRef: 'refs/pull/2/head' },
  startSha: 'h',
  result: {
    outcome: 'failed',
    failure: { code: 'AGENT_FAILED', message: 'x' },
    headSha: 'h',
    wipSha: 'w',
    prNumber: 2,
    prUrl: 'u',
    summary: 's',
    ...usage,
    model: 'm',
  },
  receipt: {
    outcome: 'work_saved',
    why: 'x',
    branch: 'b',
    baseBranch: 'main',
    baseSha: 'b',
    headSha: 'h',
    wipRef: 'r',
    wipSha: 'w',
    prUrl: 'u',
    prNumber: 2,
    ...diff,
    model: 'm',
    verifiedAt: at,
  },
  failure: { code: 'AGENT_FAILED', message: 'x' },
};

describe('taskSchema', () => {
  test('reads the least and the most that a task may hold, and keeps what only a strategy knows', () => {
    expect(taskSchema.parse(aTask())).toStrictEqual(aTask());
    expect(taskSchema.parse(full)).toStrictEqual(full);
  });

  test('reads every way that a session or a delivery ends, and every forge', () => {
    const read = (fields: object): boolean => taskSchema.safeParse({ ...full, ...fields }).success;

    for (const outcome of ['finished', 'capped', 'cancelled', 'failed']) {
      expect(read({ result: { ...full.result, outcome } })).toBe(true);
    }
    for (const outcome of ['delivered', 'no_changes', 'work_saved', 'not_delivered']) {
      expect(read({ receipt: { ...full.receipt, outcome } })).toBe(true);
    }
    for (const forge of ['git', 'github']) expect(read({ settings: { ...full.settings, forge } })).toBe(true);
  });

  test.each<Record<string, unknown>>([
    { taskId: '' },
    { userId: undefined },
    { repo: '' },
    { taskType: 'other' },
    { taskDescription: 'x'.repeat(10_001) },
    { status: 'SLEEPING' },
    { statusCreatedAt: 'now' },
    { createdAt: undefined },
    { deadlineAt: '2026-01-01' },
    { generation: -1 },
    { generation: 1.5 },
    { issueNumber: 0 },
    { prNumber: 0 },
    { ttl: 1.5 },
    { sessionId: '' },
    { sessionHandle: { strategyType: 'local' } },
    { sessionHandle: { sessionId: 's' } },
    { failure: { code: 'NO_SUCH_CODE', message: 'x' } },
    { failure: { code: 'AGENT_FAILED' } },
    { result: { ...full.result, outcome: 'great' } },
    { result: { ...full.result, turns: -1 } },
    { result: { ...full.result, costUsd: -1 } },
    { result: { ...full.result, inputTokens: 0.5 } },
    { result: { ...full.result, outputTokens: -1 } },
    { receipt: { ...full.receipt, outcome: 'great' } },
    { receipt: { ...full.receipt, commits: -1 } },
    { receipt: { ...full.receipt, filesChanged: -1 } },
    { receipt: { ...full.receipt, insertions: -1 } },
    { receipt: { ...full.receipt, deletions: -1 } },
    { receipt: { ...full.receipt, verifiedAt: 'now' } },
    { settings: { ...full.settings, forge: 'svn' } },
    { settings: { ...full.settings, compute: 'much' } },
    { settings: { ...full.settings, protectedBranches: [7] } },
    { settings: { ...full.settings, maxTurns: 1.5 } },
  ])('refuses %j', (fields) => {
    expect(taskSchema.safeParse({ ...full, ...fields }).success).toBe(false);
  });
});

describe('isReadOnly()', () => {
  test('only a review changes nothing', () => {
    expect(taskTypes.filter(isReadOnly)).toStrictEqual(['pr_review']);
  });
});
