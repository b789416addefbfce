import { describe, expect, test } from '@jest/globals';
import { milestoneEvent } from '../events/milestones.ts';
import type { TaskEvent } from '../events/task-event.ts';
import { approvalDashboard, type MetricSeries } from './approval-dashboard.ts';
import { approvalMetrics } from './approval-metric-table.ts';
import { approvalMetricsOf, heartbeat } from './approval-metrics.ts';
import { emfDocument } from './emf.ts';

const builtInRuleIds = ['force_push_any', 'write_env_files'];
const widgets = approvalDashboard(builtInRuleIds);
const request_id = 'r-1';
const created_at = '2026-01-01T00:00:00.000Z';
const decided = { request_id, created_at, decided_at: created_at, effective_timeout_s: 1, matching_rule_ids: [] };
const capped = { request_id, requested_timeout_s: 2, effective_timeout_s: 1 };
const ended = { request_id, timeout_s: 1, created_at, effective_timeout_s: 1 };

/** Everything that can happen to the approvals of a task. */
const happenings: readonly Pick<TaskEvent, 'eventType' | 'metadata'>[] = [
  ...['approval_requested', 'approval_granted', 'approval_stranded', 'approval_late_win'].map(named),
  ...['approval_cap_exceeded', 'approval_rate_limit_exceeded'].map(named),
  milestoneEvent('approval_timeout_capped', { ...capped, reason: 'rule_annotation' }),
  milestoneEvent('approval_timeout_capped', { ...capped, reason: 'max_lifetime_ceiling' }),
  milestoneEvent('approval_granted', { ...decided, scope: 'this_call' }),
  milestoneEvent('approval_denied', { ...decided, reason: 'no' }),
  milestoneEvent('approval_denied', { ...decided, reason: 'no', created_at: '2026-01-01T00:00:01.000Z' }),
  milestoneEvent('approval_timed_out', { ...ended, matching_rule_ids: [...builtInRuleIds, 'acme'] }),
  milestoneEvent('approval_timed_out', { ...ended, matching_rule_ids: [] }),
];

function named(milestone: string): Pick<TaskEvent, 'eventType' | 'metadata'> {
  return { eventType: 'agent_milestone', metadata: { milestone } };
}

/** The series that CloudWatch makes of what is emitted, as it reads the documents. */
function emittedSeries(): ReadonlySet<string> {
  const data = [heartbeat, ...happenings.flatMap((event) => approvalMetricsOf(event, { builtInRuleIds }))];
  return new Set(
    data.flatMap((datum) => {
      const document = emfDocument(datum, { atMs: 0 });
      return document._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
        Dimensions.flatMap((names) =>
          Metrics.map(({ Name }) =>
            nameOf(
              Name,
              names.map((name) => [name, document[name]]),
            ),
          ),
        ),
      );
    }),
  );
}

function nameOf(metric: string, dimensions: readonly (readonly unknown[])[]): string {
  return JSON.stringify([metric, ...dimensions]);
}

const askedOf = ({ metric, dimension }: MetricSeries): string =>
  nameOf(metric, dimension === undefined ? [] : [[dimension.name, dimension.value]]);

describe('approvalDashboard()', () => {
  test.each(widgets.flatMap(({ title, series }) => series.map((one) => [title, one.label, one] as const)))(
    '%s: the series %s is one that the publisher emits',
    (_title, _label, series) => {
      expect(emittedSeries()).toContain(askedOf(series));
    },
  );

  test('shows every metric, with each value of its dimension', () => {
    const shown = new Set(widgets.flatMap(({ series }) => series.map(askedOf)));
    const rollUps = new Set(['ClippedApprovalCount', 'MetricEmitSkipped']);
    const unseen = [...emittedSeries()].filter((name) => !shown.has(name));

    expect(new Set(widgets.flatMap(({ series }) => series.map(({ metric }) => metric)))).toStrictEqual(
      new Set(Object.keys(approvalMetrics)),
    );
    // The clip rate needs no reasons, the skips are shown by reason only.
    expect(unseen.filter((name) => ![...rollUps].some((metric) => name.includes(metric)))).toStrictEqual([]);
  });

  test('a graph names each of its series once, and its expressions name only them', () => {
    for (const { series, expressions = [] } of widgets) {
      const ids = series.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids) expect(id).toMatch(/^[a-z]\w{0,254}$/);
      for (const { id, expression } of expressions) {
        const names = expression.match(/\b[a-z]\w*/g) ?? [];
        expect(names.filter((name) => !ids.includes(name))).toStrictEqual([]);
        expect(ids).not.toContain(id);
      }
    }
  });

  test('divides by the number of requests only where there is one', () => {
    const [rate] = widgets.flatMap(({ expressions = [] }) => expressions);

    expect(rate?.expression).toBe('IF(FILL(requests, 0) > 0, 100 * FILL(clipped, 0) / FILL(requests, 1), 0)');
  });

  test('has the time to a decision at p50, p90 and p99', () => {
    const all = widgets.flatMap(({ series }) => series).filter(({ metric }) => metric === 'ApprovalDecisionLatencyMs');

    expect(all.filter(({ dimension }) => dimension === undefined).map(({ statistic }) => statistic)).toStrictEqual([
      'p50',
      'p90',
      'p99',
    ]);
  });
});
