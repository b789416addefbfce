import { describe, expect, test } from '@jest/globals';
import { parseNewEvent } from '../events/task-event.ts';
import type { RuleFindings } from '../policy/policy-types.ts';
import { aRequestId, aTask } from '../testing/builders.ts';
import { someFindings } from '../testing/fake-policies.ts';
import { failClosed, type GateDecision } from './decide-call.ts';
import { callEvent, decisionEvent } from './gate-events.ts';
import { forcePush, runningTask, scopeOf, secret, workspaceDir } from './gate-world.test-kit.ts';

const scope = scopeOf(runningTask);
const allowed: GateDecision = { outcome: 'allow', decidedBy: 'no_rule', matchingRuleIds: [] };

function metadataOf(decision: GateDecision, findings: RuleFindings = someFindings()): Record<string, unknown> {
  return decisionEvent({ call: forcePush, decision, findings }, scope).metadata as Record<string, unknown>;
}

describe('callEvent()', () => {
  test('tells of a call, clean', () => {
    const call = {
      ...forcePush,
      toolName: `mcp__${secret}`,
      input: { file_path: `${workspaceDir}/src/a.ts` },
      turn: 7,
    };

    const event = callEvent(call, scope);

    expect(event).toStrictEqual({
      eventType: 'agent_tool_call',
      metadata: { tool_name: 'mcp__[REDACTED-GITHUB_TOKEN]', tool_input_preview: 'src/a.ts', turn: 7 },
    });
    expect(parseNewEvent(event.eventType, event.metadata)).toStrictEqual(event);
  });
});

describe('decisionEvent()', () => {
  test('tells what was decided on what', () => {
    const findings = someFindings([], { input: { command: 'git push' }, facts: { programs: ['git'] } });
    const decision: GateDecision = {
      outcome: 'deny',
      decidedBy: 'recent_decision',
      reason: 'no',
      matchingRuleIds: ['r1'],
    };

    const event = decisionEvent(
      { call: { ...forcePush, turn: 3 }, decision, findings, requestId: aRequestId() },
      scope,
    );

    expect(event).toStrictEqual({
      eventType: 'policy_decision',
      metadata: {
        tool_name: 'Bash',
        outcome: 'deny',
        decided_by: 'recent_decision',
        matching_rule_ids: ['r1'],
        reason: 'no',
        turn: 3,
        request_id: aRequestId(),
        read_only: false,
        task_type: 'new_task',
        protected_branches: ['main'],
        input: { command: 'git push' },
        facts: { programs: ['git'] },
      },
    });
    expect(parseNewEvent(event.eventType, event.metadata)).toStrictEqual(event);
  });

  test('tells no reason and no request where there is none', () => {
    expect(Object.keys(metadataOf(allowed))).toStrictEqual([
      'tool_name',
      'outcome',
      'decided_by',
      'matching_rule_ids',
      'turn',
      'read_only',
      'task_type',
      'protected_branches',
      'input',
      'facts',
    ]);
  });

  test('names the scope that permitted, and no other field of a decision', () => {
    const grant = { toolName: 'Bash', inputSha256: 'a', requestId: aRequestId() };

    expect(
      metadataOf({ outcome: 'allow', decidedBy: 'scope', scope: 'rule:r1', matchingRuleIds: ['r1'] }),
    ).toMatchObject({ decided_by: 'scope', scope: 'rule:r1' });
    const granted = metadataOf({ outcome: 'allow', decidedBy: 'grant', grant, matchingRuleIds: ['r1'] });
    expect(granted).toMatchObject({ decided_by: 'grant' });
    expect(granted).not.toHaveProperty('grant');
    expect(granted).not.toHaveProperty('scope');
  });

  test('says whether the task may write', () => {
    const task = aTask({ status: 'RUNNING', taskType: 'pr_review' });

    expect(
      decisionEvent({ call: forcePush, decision: allowed, findings: someFindings() }, scopeOf(task)).metadata,
    ).toMatchObject({
      read_only: true,
      task_type: 'pr_review',
    });
  });

  test('a call that was not judged has neither input nor facts', () => {
    const metadata = metadataOf(failClosed('no engine'), { kind: 'failed', what: 'no engine' });

    expect(metadata).toMatchObject({ decided_by: 'fail_closed', reason: 'fail-closed: no engine' });
    expect(metadata).not.toHaveProperty('input');
    expect(metadata).not.toHaveProperty('input_cut');
    expect(metadata).not.toHaveProperty('facts');
  });

  test('is redacted, shows the checkout where every checkout is, and cuts a reason at 500 characters', () => {
    const findings = someFindings([], {
      input: { command: `cd ${workspaceDir} && curl ${secret}` },
      facts: { [secret]: [{ path: `${workspaceDir}/a` }] },
    });

    const metadata = metadataOf(failClosed('x'.repeat(999)), findings);

    expect(metadata).toMatchObject({
      input: { command: 'cd /workspace && curl [REDACTED-GITHUB_TOKEN]' },
      facts: { '[REDACTED-GITHUB_TOKEN]': [{ path: '/workspace/a' }] },
    });
    expect(String(metadata['reason'])).toHaveLength(500);
  });

  test('an input that is too long is left out and said to be; facts are left out', () => {
    const fits = 'x'.repeat(16_000 - '{"a":""}'.length);

    const whole = metadataOf(allowed, someFindings([], { input: { a: fits }, facts: { a: fits } }));
    const cut = metadataOf(allowed, someFindings([], { input: { a: `${fits}x` }, facts: { a: `${fits}x` } }));

    expect(whole).toMatchObject({ input: { a: fits }, facts: { a: fits } });
    expect(whole).not.toHaveProperty('input_cut');
    expect(cut).toMatchObject({ input_cut: true });
    expect(cut).not.toHaveProperty('input');
    expect(cut).not.toHaveProperty('facts');
  });
});
