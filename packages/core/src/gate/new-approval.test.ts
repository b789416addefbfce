import { describe, expect, test } from '@jest/globals';
import { approvalSchema, type Approval } from '../approval/approval.ts';
import { limits } from '../limits.ts';
import type { JudgedCall, MatchSubject } from '../policy/policy-types.ts';
import { aRequestId, testEpochMs } from '../testing/builders.ts';
import { aSoftMatch, someFindings } from '../testing/fake-policies.ts';
import { formatIso } from '../time/iso-time.ts';
import { forcePush, runningTask, scopeOf, secret } from './gate-world.test-kit.ts';
import { newApproval, type ApprovalParts } from './new-approval.ts';

interface Given {
  readonly parts?: Partial<ApprovalParts>;
  readonly judged?: Partial<JudgedCall>;
  readonly subjects?: readonly MatchSubject[];
  readonly reason?: string;
}

function approvalOf({ parts, judged, subjects, reason = 'asked' }: Given = {}): Approval {
  const asking = [aSoftMatch({ ruleId: 'r1' }, subjects)];
  return newApproval(scopeOf(runningTask), {
    requestId: aRequestId(),
    call: forcePush,
    inputSha256: 'a'.repeat(64),
    decision: {
      outcome: 'ask',
      decidedBy: 'soft_rule',
      reason,
      severity: 'high',
      ruleTimeoutsS: [],
      asking,
      matchingRuleIds: ['r1'],
    },
    judged: someFindings(asking, judged).call,
    timeoutS: 90,
    nowMs: testEpochMs + 1,
    ...parts,
  });
}

describe('newApproval()', () => {
  test('is a request as it is stored, with its end and the time after which it may be forgotten', () => {
    const approval = approvalOf({ judged: { toolGroup: 'file_write' } });

    expect(approval).toStrictEqual({
      taskId: runningTask.taskId,
      userId: runningTask.userId,
      repo: runningTask.repo,
      requestId: aRequestId(),
      status: 'PENDING',
      toolName: 'Bash',
      inputSha256: 'a'.repeat(64),
      input: 'git push --force',
      inputPreview: 'git push --force',
      reason: 'asked',
      severity: 'high',
      matchingRuleIds: ['r1'],
      timeoutS: 90,
      suggestedScopes: ['this_call', 'bash_pattern:npm test', 'rule:r1', 'tool_type:Bash', 'tool_group:file_write'],
      judged: {
        toolGroup: 'file_write',
        resolved: true,
        commands: ['npm test'],
        matches: [{ ruleId: 'r1', subjects: [{ kind: 'command' }] }],
      },
      createdAt: formatIso(testEpochMs + 1),
      expiresAt: formatIso(testEpochMs + 90_001),
      ttl: testEpochMs / 1000 + 91 + limits.approvalTtlS,
    });
    expect(approvalSchema.parse(approval)).toStrictEqual(approval);
  });

  test('names no group where there is none', () => {
    expect(approvalOf().judged).not.toHaveProperty('toolGroup');
  });

  test('has no secret in it', () => {
    const approval = approvalOf({
      parts: { call: { ...forcePush, toolName: `mcp__${secret}`, input: { command: secret } } },
      judged: { commands: [`curl ${secret}`] },
      subjects: [{ kind: 'write', path: `out/${secret}` }],
      reason: `because ${secret}`,
    });

    expect(JSON.stringify(approval)).not.toContain(secret);
    expect(approval.judged).toStrictEqual({
      resolved: true,
      commands: ['curl [REDACTED-GITHUB_TOKEN]'],
      matches: [{ ruleId: 'r1', subjects: [{ kind: 'write', path: 'out/[REDACTED-GITHUB_TOKEN]' }] }],
    });
  });

  test('cuts what people read', () => {
    const approval = approvalOf({
      parts: { call: { ...forcePush, toolName: 'T'.repeat(999), input: { command: 'x'.repeat(99_999) } } },
      reason: 'y'.repeat(9_999),
    });

    expect(approval.toolName).toHaveLength(limits.previewChars);
    expect(approval.input).toHaveLength(limits.approvalInputChars);
    expect(approval.inputPreview).toHaveLength(limits.previewChars);
    expect(approval.reason).toHaveLength(limits.denyReasonChars.stored);
  });

  test.each([
    ['100 commands of 1,000 characters', Array.from({ length: 100 }, () => 'c'.repeat(1_000)), true],
    ['101 commands', Array.from({ length: 101 }, () => 'c'), false],
    ['a command of 1,001 characters', ['c', 'c'.repeat(1_001)], false],
  ])('of %s it keeps all or none, and none counts as not resolved', (_what, commands, isKept) => {
    expect(approvalOf({ judged: { commands } }).judged).toMatchObject({
      resolved: isKept,
      commands: isKept ? commands : [],
    });
  });

  test('what was not resolved stays so', () => {
    expect(approvalOf({ judged: { resolved: false } }).judged).toMatchObject({
      resolved: false,
      commands: ['npm test'],
    });
  });

  test('keeps 100 subjects of a match, and no path of more than 1,000 characters', () => {
    const paths = ['p'.repeat(1_000), 'q'.repeat(1_001), ...Array.from({ length: 99 }, (_, n) => String(n))];
    const subjects = paths.map((path): MatchSubject => ({ kind: 'write', path }));

    const [match] = approvalOf({ subjects }).judged.matches;

    expect(match?.subjects).toStrictEqual([subjects[0], { kind: 'write', path: '' }, ...subjects.slice(2, 100)]);
  });

  test('fits an item of a store, whatever the call', () => {
    const long = 'x'.repeat(1_000_000);
    const subjects = Array.from({ length: 500 }, (): MatchSubject => ({ kind: 'write', path: long }));
    const commands = Array.from({ length: 500 }, () => long);

    const approval = approvalOf({
      parts: { call: { ...forcePush, input: { [long]: long } } },
      judged: { commands },
      subjects,
      reason: long,
    });

    expect(JSON.stringify(approval).length).toBeLessThan(50_000);
  });
});
