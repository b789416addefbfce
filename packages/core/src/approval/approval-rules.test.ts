import { describe, expect, test } from '@jest/globals';
import type { UserId } from '../ids/ids.ts';
import type { ApprovalDecision } from '../ports/approval-repository.ts';
import { anApproval, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import { closingBy, closingByDecision, isClosedBy, judgeDecision } from './approval-rules.ts';

const atMs = testEpochMs + 5_000;
const decidedAt = formatIso(atMs);
const open = anApproval();

function aDecision(fields: Partial<ApprovalDecision> = {}): ApprovalDecision {
  const { taskId, requestId, userId } = open;
  return { taskId, requestId, userId, decision: { kind: 'approve', scope: 'this_call' }, atMs, events: [], ...fields };
}

const approved = { status: 'APPROVED', decidedAt, scope: 'this_call' } as const;

describe('closingBy(), closingByDecision()', () => {
  test('say how a request ends', () => {
    expect([
      closingBy('TIMED_OUT', atMs),
      closingBy('STRANDED', atMs),
      closingByDecision(aDecision()),
      closingByDecision({ decision: { kind: 'deny' }, atMs }),
      closingByDecision({ decision: { kind: 'deny', reason: 'no' }, atMs }),
    ]).toStrictEqual([
      { status: 'TIMED_OUT', decidedAt },
      { status: 'STRANDED', decidedAt },
      approved,
      { status: 'DENIED', decidedAt },
      { status: 'DENIED', decidedAt, denyReason: 'no' },
    ]);
  });
});

describe('isClosedBy()', () => {
  const stored = anApproval(approved);

  test('knows the write that closed it', () => {
    expect(isClosedBy(stored, approved)).toBe(true);
    expect(isClosedBy(anApproval({ ...approved, inputPreview: 'other' }), approved)).toBe(true);
  });

  test.each([
    { status: 'DENIED' },
    { decidedAt: formatIso(atMs + 1) },
    { scope: 'all_session' },
    { denyReason: 'no' },
  ] as const)('%j is another write', (change) => {
    expect(isClosedBy(stored, { ...approved, ...change })).toBe(false);
  });
});

describe('judgeDecision()', () => {
  test('lets an open request be decided', () => {
    expect(judgeDecision(open, aDecision())).toStrictEqual({ kind: 'open', approval: open, closing: approved });
  });

  test('a request that is not there, and one of somebody else, are not found', () => {
    const notFound = { kind: 'closed', result: { kind: 'not_found' } };

    expect(judgeDecision(undefined, aDecision())).toStrictEqual(notFound);
    expect(judgeDecision(open, aDecision({ userId: 'bob' as UserId }))).toStrictEqual(notFound);
    expect(judgeDecision(anApproval(approved), aDecision({ userId: 'bob' as UserId }))).toStrictEqual(notFound);
  });

  test('one that is closed says how, and a repeat is answered as the first time', () => {
    const approval = anApproval(approved);

    expect(judgeDecision(approval, aDecision())).toStrictEqual({
      kind: 'closed',
      result: { kind: 'decided', approval },
    });
    expect(judgeDecision(approval, aDecision({ decision: { kind: 'deny' } }))).toStrictEqual({
      kind: 'closed',
      result: { kind: 'already_decided', status: 'APPROVED' },
    });
  });

  test('one whose time is over is decided until its last millisecond', () => {
    const endMs = testEpochMs + open.timeoutS * 1000;

    expect(judgeDecision(open, aDecision({ atMs: endMs - 1 })).kind).toBe('open');
    expect(judgeDecision(open, aDecision({ atMs: endMs }))).toStrictEqual({
      kind: 'closed',
      result: { kind: 'already_decided', status: 'TIMED_OUT' },
    });
  });
});
