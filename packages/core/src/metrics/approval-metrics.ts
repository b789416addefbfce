import { findMilestone, type Milestone } from '../events/milestones.ts';
import type { TaskEvent } from '../events/task-event.ts';
import { parseIso } from '../time/iso-time.ts';
import { otherRule, type ApprovalMetric, type SkipReason } from './approval-metric-table.ts';

/** One value of a metric. */
export interface MetricDatum {
  readonly metric: ApprovalMetric;
  /** In the metric's unit. */
  readonly value: number;
  /** Of the metric's dimension. Absent: the value counts for the roll-up alone. */
  readonly dimensionValue?: string;
  /** Whether the value counts for the metric without its dimension: once for each thing that happened. */
  readonly rollUp: boolean;
}

/** What {@link approvalMetricsOf} has to know. */
export interface ApprovalMetricOptions {
  /** Ids that may be told by name; all others are {@link otherRule}. */
  readonly builtInRuleIds: readonly string[];
}

type Metadata = TaskEvent['metadata'];
type Reader = (metadata: Metadata, options: ApprovalMetricOptions) => readonly MetricDatum[];

const readers: Partial<Readonly<Record<Milestone, Reader>>> = {
  approval_requested: () => [one('ApprovalRequestCount')],
  approval_timeout_capped: clipped,
  approval_granted: (metadata) => latency(findMilestone(metadata, 'approval_granted'), 'approved'),
  approval_denied: (metadata) => latency(findMilestone(metadata, 'approval_denied'), 'denied'),
  approval_timed_out: timedOut,
  approval_cap_exceeded: () => [one('ApprovalCapExceededCount')],
  approval_rate_limit_exceeded: () => [one('ApprovalRateLimitExceededCount')],
  approval_stranded: () => [one('ApprovalStrandedCount')],
  approval_late_win: () => [one('ApprovalLateWinCount')],
};

/**
 * What an event adds to the metrics of approvals; nothing for most. What an event lacks is counted as skipped and never
 * taken for zero.
 */
export function approvalMetricsOf(
  { eventType, metadata }: Pick<TaskEvent, 'eventType' | 'metadata'>,
  options: ApprovalMetricOptions,
): readonly MetricDatum[] {
  const milestone = metadata['milestone'];
  if (eventType !== 'agent_milestone' || typeof milestone !== 'string' || !Object.hasOwn(readers, milestone)) return [];
  return readers[milestone as Milestone]?.(metadata, options) ?? [];
}

/** One batch that the publisher went through. */
export const heartbeat: MetricDatum = one('MetricsPublisherHeartbeat');

function clipped(metadata: Metadata): readonly MetricDatum[] {
  const capped = findMilestone(metadata, 'approval_timeout_capped');
  return [capped === undefined ? skipped('malformed_metadata') : one('ClippedApprovalCount', capped.reason)];
}

function latency(
  decided: { readonly created_at: string; readonly decided_at: string } | undefined,
  outcome: 'approved' | 'denied',
): readonly MetricDatum[] {
  const ms = decided === undefined ? Number.NaN : elapsedMs(decided.created_at, decided.decided_at);
  if (Number.isNaN(ms)) return [skipped('malformed_metadata')];
  if (ms < 0) return [skipped('negative_latency')];
  return [{ metric: 'ApprovalDecisionLatencyMs', value: ms, dimensionValue: outcome, rollUp: true }];
}

/** NaN when one of them is no time. */
function elapsedMs(from: string, to: string): number {
  try {
    return parseIso(to) - parseIso(from);
  } catch {
    return Number.NaN;
  }
}

/** One value for each rule that asked; the roll-up counts the request once. */
function timedOut(metadata: Metadata, { builtInRuleIds }: ApprovalMetricOptions): readonly MetricDatum[] {
  const ended = findMilestone(metadata, 'approval_timed_out');
  if (ended === undefined) return [skipped('malformed_metadata')];
  const { effective_timeout_s: value, matching_rule_ids: ruleIds } = ended;
  const metric = 'TimedOutEffectiveTimeout';
  const told = new Set(ruleIds.map((id) => (builtInRuleIds.includes(id) ? id : otherRule)));
  if (told.size === 0) return [{ metric, value, rollUp: true }, skipped('no_rule_id')];
  return [...told].map((dimensionValue, index) => ({ metric, value, dimensionValue, rollUp: index === 0 }));
}

function skipped(reason: SkipReason): MetricDatum {
  return one('MetricEmitSkipped', reason);
}

function one(metric: ApprovalMetric, dimensionValue?: string): MetricDatum {
  return { metric, value: 1, ...(dimensionValue !== undefined && { dimensionValue }), rollUp: true };
}
