import { describe, expect, test } from '@jest/globals';
import { eventTypes } from '../events/event-registry.ts';
import { milestoneEvent, milestoneRegistry, type Milestone, type MilestoneFields } from '../events/milestones.ts';
import { approvalMetricsOf, type MetricDatum } from './approval-metrics.ts';

const options = { builtInRuleIds: ['force_push_any', 'write_env_files'] };
const metricsOf = <M extends Milestone>(milestone: M, fields: MilestoneFields<M>): readonly MetricDatum[] =>
  approvalMetricsOf(milestoneEvent(milestone, fields), options);
const broken = (milestone: string, metadata: Readonly<Record<string, unknown>> = {}): readonly MetricDatum[] =>
  approvalMetricsOf({ eventType: 'agent_milestone', metadata: { ...metadata, milestone } }, options);
const count = (metric: MetricDatum['metric'], dimensionValue?: string): MetricDatum => ({
  metric,
  value: 1,
  ...(dimensionValue !== undefined && { dimensionValue }),
  rollUp: true,
});

const request_id = 'r-1';
const decision = {
  request_id,
  created_at: '2026-01-01T00:00:00.000Z',
  decided_at: '2026-01-01T00:00:12.345Z',
  effective_timeout_s: 300,
  matching_rule_ids: ['force_push_any'],
};
const timeout = { request_id, timeout_s: 300, created_at: decision.created_at, effective_timeout_s: 240 };

describe('approvalMetricsOf()', () => {
  test.each([
    ['approval_requested', 'ApprovalRequestCount'],
    ['approval_cap_exceeded', 'ApprovalCapExceededCount'],
    ['approval_rate_limit_exceeded', 'ApprovalRateLimitExceededCount'],
    ['approval_stranded', 'ApprovalStrandedCount'],
    ['approval_late_win', 'ApprovalLateWinCount'],
  ] as const)('counts %s, whatever else is told with it', (milestone, metric) => {
    expect(broken(milestone)).toStrictEqual([count(metric)]);
  });

  test.each(['rule_annotation', 'max_lifetime_ceiling'] as const)('counts a clipped timeout by %s', (reason) => {
    const fields = { request_id, requested_timeout_s: 600, effective_timeout_s: 240, reason };

    expect(metricsOf('approval_timeout_capped', fields)).toStrictEqual([count('ClippedApprovalCount', reason)]);
  });

  test('takes the time from the request to the decision of a person', () => {
    const latency = { metric: 'ApprovalDecisionLatencyMs', value: 12_345, rollUp: true };

    expect(metricsOf('approval_granted', { ...decision, scope: 'this_call' })).toStrictEqual([
      { ...latency, dimensionValue: 'approved' },
    ]);
    expect(metricsOf('approval_denied', { ...decision, reason: 'no' })).toStrictEqual([
      { ...latency, dimensionValue: 'denied' },
    ]);
  });

  test('a decision in the moment of its request took no time, which is not missing', () => {
    const at = { ...decision, decided_at: decision.created_at, scope: 'this_call' };

    expect(metricsOf('approval_granted', at)).toMatchObject([{ metric: 'ApprovalDecisionLatencyMs', value: 0 }]);
  });

  test('tells a timeout once for each rule that asked, and once for all', () => {
    const matching_rule_ids = ['force_push_any', 'acme_one', 'acme_two', 'write_env_files'];
    const datum = { metric: 'TimedOutEffectiveTimeout', value: 240 };

    expect(metricsOf('approval_timed_out', { ...timeout, matching_rule_ids })).toStrictEqual([
      { ...datum, dimensionValue: 'force_push_any', rollUp: true },
      { ...datum, dimensionValue: 'other', rollUp: false },
      { ...datum, dimensionValue: 'write_env_files', rollUp: false },
    ]);
  });

  test('a timeout without a rule counts for all, and says so', () => {
    expect(metricsOf('approval_timed_out', { ...timeout, matching_rule_ids: [] })).toStrictEqual([
      { metric: 'TimedOutEffectiveTimeout', value: 240, rollUp: true },
      count('MetricEmitSkipped', 'no_rule_id'),
    ]);
  });

  test.each([
    ['approval_timeout_capped', {}, 'malformed_metadata'],
    [
      'approval_timeout_capped',
      { request_id, requested_timeout_s: 1, effective_timeout_s: 1, reason: 'x' },
      'malformed_metadata',
    ],
    ['approval_granted', {}, 'malformed_metadata'],
    ['approval_granted', { ...decision }, 'malformed_metadata'],
    ['approval_granted', { ...decision, scope: 'this_call', decided_at: 'noon' }, 'malformed_metadata'],
    ['approval_granted', { ...decision, scope: 'this_call', created_at: '' }, 'malformed_metadata'],
    ['approval_denied', { ...decision, reason: 'no', decided_at: '2025-12-31T23:59:59.999Z' }, 'negative_latency'],
    ['approval_denied', { ...decision, reason: 1 }, 'malformed_metadata'],
    ['approval_timed_out', { ...timeout }, 'malformed_metadata'],
    [
      'approval_timed_out',
      { ...timeout, matching_rule_ids: ['x'], effective_timeout_s: undefined },
      'malformed_metadata',
    ],
  ])('skips and counts what cannot be told of %s with %j', (milestone, metadata, reason) => {
    expect(broken(milestone, metadata)).toStrictEqual([count('MetricEmitSkipped', reason)]);
  });

  test('every other event and milestone tells nothing', () => {
    const told = ['approval_requested', 'approval_granted', 'approval_denied', 'approval_timed_out'];
    const counted = ['approval_timeout_capped', 'approval_cap_exceeded', 'approval_rate_limit_exceeded'];
    const others = Object.keys(milestoneRegistry).filter(
      (name) => ![...told, ...counted, 'approval_stranded', 'approval_late_win'].includes(name),
    );
    const events = eventTypes.filter((type) => type !== 'agent_milestone');

    expect(others.flatMap((name) => broken(name))).toStrictEqual([]);
    expect(
      events.flatMap((eventType) =>
        approvalMetricsOf({ eventType, metadata: { milestone: 'approval_requested' } }, options),
      ),
    ).toStrictEqual([]);
    expect(['', 'toString', '__proto__'].flatMap((name) => broken(name))).toStrictEqual([]);
    expect(approvalMetricsOf({ eventType: 'agent_milestone', metadata: { milestone: 7 } }, options)).toStrictEqual([]);
  });
});
