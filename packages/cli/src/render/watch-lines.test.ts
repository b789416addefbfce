import { describe, expect, test } from '@jest/globals';
import { eventRegistry, type Milestone } from '@abca/core';
import { anEvent } from '../fake-api.test-kit.ts';
import { plainText } from './line.ts';
import { watchLine, watchLines } from './watch-lines.ts';

const startedAtMs = Date.parse('2026-01-31T12:00:00.000Z');

/** Milestones of the approval gate, and what they say. */
const approvals: readonly (readonly [milestone: Milestone, fields: Record<string, unknown>])[] = [
  ['pre_approvals_loaded', { count: 2, scopes: ['rule:a', 'tool_type:Bash'] }],
  ['pre_approvals_loaded', { count: 0, scopes: [] }],
  ['nudges_delivered', { nudge_ids: ['n-1', 'n-2'] }],
  [
    'approval_requested',
    { tool_name: 'Bash', input_preview: 'git push --force', severity: 'medium', timeout_s: 300, reason: 'x' },
  ],
  ['approval_granted', { scope: 'this_call' }],
  ['approval_granted', { scope: 'rule:force_push_any' }],
  ['approval_denied', { reason: 'not on main' }],
  ['approval_timed_out', { timeout_s: 300, effective_timeout_s: 120 }],
  ['approval_stranded', { age_s: 12, reason: 'the task was cancelled' }],
  ['approval_write_failed', { error: 'the store is busy' }],
  ['approval_resume_failed', { error: 'the store is busy' }],
  ['approval_poll_degraded', { consecutive_failures: 3 }],
  ['approval_timeout_capped', { requested_timeout_s: 300, effective_timeout_s: 120, reason: 'rule_annotation' }],
  ['approval_timeout_capped', { requested_timeout_s: 300, effective_timeout_s: 60, reason: 'max_lifetime_ceiling' }],
  ['approval_ceiling_shrinking', { max_lifetime_remaining_s: 200, cleanup_margin_s: 120, task_default_timeout_s: 300 }],
  ['approval_cap_exceeded', { count: 50, cap: 50 }],
  ['approval_rate_limit_exceeded', { rate: 21, limit: 20 }],
  ['approval_late_win', { outcome: 'APPROVED', reason: 'x' }],
];

/** One event of each type that the platform knows, in the order of a task's way. */
const log: readonly (readonly [type: string, metadata: Record<string, unknown>])[] = [
  ['task_created', { repo: 'acme/shop', task_type: 'new_task' }],
  ['approval_timeout_capped_at_submit', { requested_timeout_s: 3600, effective_timeout_s: 600 }],
  ['admission_queued', { position: 3 }],
  ['admission_granted', {}],
  ['preflight_failed', { code: 'BRANCH_NOT_FOUND', message: 'no branch dev' }],
  ['hydration_started', {}],
  ['hydration_complete', { context_tokens: 12_345, truncated: true }],
  ['session_start_retry', { attempt: 2, message: 'no capacity' }],
  ['session_started', { session_id: 's-1', compute_type: 'local' }],
  ['agent_milestone', { milestone: 'repo_cloned', base_branch: 'main', base_sha: 'f'.repeat(40) }],
  ['agent_milestone', { milestone: 'agent_started', model: 'scripted' }],
  [
    'agent_turn',
    {
      turn: 1,
      model: 'scripted',
      text_preview: 'I read\nthe file first, all of it, because the discount is wrong 🎉.',
      tool_calls_count: 1,
    },
  ],
  ['agent_tool_call', { tool_name: 'Read', tool_input_preview: 'src/price.js', turn: 1 }],
  ['policy_decision', { tool_name: 'Read', outcome: 'allow', matching_rule_ids: [] }],
  ['agent_tool_result', { tool_name: 'Read', is_error: false, content_preview: '1 line', turn: 1 }],
  ['policy_decision', { tool_name: 'Bash', outcome: 'deny', matching_rule_ids: ['rm_slash', 'x'] }],
  ['policy_decision', { tool_name: 'Bash', outcome: 'deny', matching_rule_ids: [], reason: 'Hard-deny: rm_slash' }],
  ['agent_tool_result', { tool_name: 'Bash', is_error: true, content_preview: 'Exit code 1', turn: 2 }],
  ['agent_cost_update', { cost_usd: 0.0123, input_tokens: 1_234, output_tokens: 56, turn: 2 }],
  ['agent_cost_update', { cost_usd: 12.3, input_tokens: 1_234_567, output_tokens: 56, turn: 3 }],
  [
    'policy_decision',
    {
      tool_name: 'Bash',
      outcome: 'allow',
      decided_by: 'scope',
      scope: 'rule:force_push_any',
      matching_rule_ids: ['force_push_any'],
    },
  ],
  ['policy_decision', { tool_name: 'Bash', outcome: 'allow', decided_by: 'grant', matching_rule_ids: ['x'] }],
  ['policy_decision', { tool_name: 'Bash', outcome: 'allow', decided_by: 'no_rule', matching_rule_ids: [] }],
  [
    'policy_decision',
    {
      tool_name: 'Bash',
      outcome: 'ask',
      decided_by: 'soft_rule',
      reason: 'force_push_any: It rewrites history.',
      matching_rule_ids: ['force_push_any'],
    },
  ],
  ['nudge_received', { nudge_id: 'n-1', text: 'use the\nold API' }],
  ['approval_decision_recorded', { request_id: 'r-1', decision: 'approved', by: 'local', scope: 'this_call' }],
  ['approval_decision_recorded', { request_id: 'r-1', decision: 'denied', by: 'local' }],
  ['agent_error', { error_type: 'overloaded', message_preview: 'try later' }],
  ['agent_milestone', { milestone: 'work_saved', sha: 'a'.repeat(40) }],
  ['agent_milestone', { milestone: 'branch_pushed', branch: 'abca/x/y', sha: 'b'.repeat(40) }],
  ['agent_milestone', { milestone: 'diff_size', commits: 2, files: 1, insertions: 1_200, deletions: 3 }],
  ['agent_milestone', { milestone: 'pr_created', number: 7, pr_url: 'https://example.com/7' }],
  ...approvals.map(([milestone, fields]): readonly [string, Record<string, unknown>] => [
    'agent_milestone',
    { milestone, request_id: 'r-1', ...fields },
  ]),
  ['task_cancel_compute_orphan', { session_id: 's-1', message: 'it may still run' }],
  ['task_completed', { outcome: 'delivered', turns: 1, cost_usd: 0.5 }],
  ['task_failed', { code: 'AGENT_FAILED', message: 'it broke', outcome: 'work_saved' }],
  ['task_failed', { code: 'AGENT_FAILED', message: 'it broke' }],
  ['task_cancelled', { by: 'local' }],
  ['task_timed_out', { code: 'DEADLINE_EXCEEDED', message: 'too long' }],
  ['task_stranded', { code: 'SESSION_LOST', message: 'no heartbeat' }],
];

const events = log.map(([type, metadata], index) => anEvent(index + 1, type, metadata, index ** 4 * 10));
const shown = (width?: number): string =>
  watchLines(events, { startedAtMs, ...(width !== undefined && { width }) })
    .map(plainText)
    .join('\n');

describe('watchLines()', () => {
  test('shows every type of event', () => {
    expect(shown()).toMatchSnapshot();
    expect(new Set(log.map(([type]) => type))).toStrictEqual(new Set(Object.keys(eventRegistry)));
  });

  test('the log of this test is what the platform writes', () => {
    for (const [type, metadata] of log) {
      expect(eventRegistry[type as keyof typeof eventRegistry].safeParse(metadata).error).toBeUndefined();
    }
  });

  test('keeps within the width of the terminal', () => {
    expect(shown(60)).toMatchSnapshot();
    for (const line of shown(60).split('\n')) expect([...line].length).toBeLessThanOrEqual(60);
  });

  test('marks what went well and what did not', () => {
    const tones = (type: string): unknown => {
      const event = events.find(({ event_type }) => event_type === type)!;
      return watchLine(event, { startedAtMs })[2]?.tone;
    };

    expect([tones('task_completed'), tones('task_failed'), tones('task_cancelled')]).toStrictEqual([
      'good',
      'bad',
      'warn',
    ]);
  });

  test('shows an event of a newer platform, or of another shape, as it came', () => {
    const unknown = [
      anEvent(1, 'task_teleported', { to: 'mars' }),
      anEvent(2, 'policy_decision', {}),
      anEvent(3, 'agent_turn'),
    ];

    expect(watchLines(unknown, { startedAtMs }).map(plainText)).toStrictEqual([
      '   +0.1s  task_teleported {"to":"mars"}',
      '   +0.2s  policy_decision {}',
      '   +0.3s  agent_turn   {}',
    ]);
  });
});
