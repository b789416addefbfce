import { describe, expect, test } from '@jest/globals';
import type { PolicyEngine, RuleFindings } from '@abca/core';
import { anEvent } from '../fake-api.test-kit.ts';
import { recordedTasks, type Decision } from './recorded-calls.ts';
import { outcomeByRules, replay } from './replay.ts';

const aDecision = (fields: Partial<Decision> = {}): Decision => ({
  tool_name: 'Bash',
  outcome: 'allow',
  decided_by: 'no_rule',
  matching_rule_ids: [],
  read_only: false,
  task_type: 'new_task',
  protected_branches: ['main'],
  input: { command: 'npm test' },
  ...fields,
});
const engineOf = (judge: () => RuleFindings): PolicyEngine => ({
  rules: [],
  warnings: [],
  judge: () => Promise.resolve(judge()),
});

describe('outcomeByRules()', () => {
  test.each<[Partial<Decision>, Decision['outcome']]>([
    [{}, 'allow'],
    [{ decided_by: undefined, outcome: 'deny' }, 'deny'],
    [{ decided_by: 'hard_rule', outcome: 'deny' }, 'deny'],
    [{ decided_by: 'soft_rule', outcome: 'ask' }, 'ask'],
    [{ decided_by: 'soft_rule', outcome: 'deny' }, 'ask'],
    [{ decided_by: 'recent_decision', outcome: 'deny' }, 'ask'],
    [{ decided_by: 'grant' }, 'ask'],
    [{ decided_by: 'scope', scope: 'rule:a' }, 'allow'],
    [{ decided_by: 'scope', scope: 'rule:b' }, 'ask'],
  ])('%j is %s', (fields, outcome) => {
    expect(outcomeByRules(aDecision(fields), ['rule:a'])).toBe(outcome);
  });
});

describe('recordedTasks()', () => {
  test('keeps tasks apart, and says what cannot be judged again', () => {
    const events = [
      anEvent(1, 'policy_decision', aDecision()),
      anEvent(2, 'policy_decision', aDecision({ input_cut: true })),
      anEvent(3, 'policy_decision', aDecision({ read_only: undefined })),
      anEvent(4, 'policy_decision', aDecision({ task_type: 'chore' })),
      anEvent(5, 'policy_decision', aDecision({ decided_by: 'fail_closed', reason: 'fail-closed: x' })),
      anEvent(6, 'policy_decision', { odd: true }),
      { ...anEvent(1, 'policy_decision', aDecision()), task_id: 'other' as never },
    ];

    const [first, other] = recordedTasks(events);

    expect(first?.calls.map(({ seq }) => seq)).toStrictEqual([1]);
    expect(first?.calls[0]?.request).toMatchObject({
      workspaceDir: '/workspace',
      taskType: 'new_task',
      readOnly: false,
    });
    expect(first?.unusable).toStrictEqual([
      { seq: 2, toolName: 'Bash', why: 'the call was too long to be recorded whole' },
      { seq: 3, toolName: 'Bash', why: 'it was recorded without what judging it again needs' },
      { seq: 4, toolName: 'Bash', why: 'it was recorded without what judging it again needs' },
      { seq: 5, toolName: 'Bash', why: 'it was not judged: fail-closed: x' },
      { seq: 6, toolName: 'unknown', why: 'the event has a form that this version does not know' },
    ]);
    expect(other).toMatchObject({ taskId: 'other', preApprovals: [] });
  });

  test('takes the scopes of the submit from the first session', () => {
    const loaded = (seq: number, scopes: readonly string[]): ReturnType<typeof anEvent> =>
      anEvent(seq, 'agent_milestone', { milestone: 'pre_approvals_loaded', count: scopes.length, scopes });

    const [task] = recordedTasks([loaded(1, ['rule:a']), loaded(2, ['rule:a', 'rule:b'])]);

    expect(task?.preApprovals).toStrictEqual(['rule:a']);
  });
});

describe('replay()', () => {
  test('does not count what the engine cannot judge', async () => {
    const tasks = recordedTasks([anEvent(1, 'policy_decision', aDecision())]);

    const result = await replay(
      engineOf(() => ({ kind: 'failed', what: 'no idea' })),
      tasks,
      [],
    );

    expect(result).toMatchObject({
      flips: [],
      totals: { calls: 0 },
      not_replayed: [{ seq: 1, why: 'fail-closed: no idea' }],
    });
  });
});
