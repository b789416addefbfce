/** Namespace of the metrics of approvals in CloudWatch. */
export const approvalMetricNamespace = 'ABCA/Cedar-HITL';

/** A rule of an operator's: its id stays out of the metrics, where each value of a dimension costs money. */
export const otherRule = 'other';

/** Why a metric could not be emitted. */
export const skipReasons = [
  /** The event lacks the fields that the metric is made of, or they have another form. */
  'malformed_metadata',
  /** The decision is older than its request: two clocks disagree. */
  'negative_latency',
  /** A request that names no rule. The roll-up is emitted all the same. */
  'no_rule_id',
] as const;
export type SkipReason = (typeof skipReasons)[number];

interface MetricRow {
  /** Of CloudWatch. */
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds';
  readonly dimension?: {
    readonly name: string;
    /** `rule_ids`: those of the built-in rules, and {@link otherRule}. */
    readonly values: readonly string[] | 'rule_ids';
  };
}

/**
 * Every metric of approvals. The only list of it: what is emitted and what a dashboard may ask for derive from it. A metric
 * with a dimension is also emitted without it, as its roll-up.
 */
export const approvalMetrics = {
  /** Requests that a person was asked to decide. */
  ApprovalRequestCount: { unit: 'Count' },
  /** Requests that wait shorter than asked for. */
  ClippedApprovalCount: {
    unit: 'Count',
    dimension: { name: 'reason', values: ['rule_annotation', 'max_lifetime_ceiling'] },
  },
  /** From request to a person's decision. A request that ran out has none: see TimedOutEffectiveTimeout. */
  ApprovalDecisionLatencyMs: {
    unit: 'Milliseconds',
    dimension: { name: 'outcome', values: ['approved', 'denied'] },
  },
  /** How long a request that ran out had waited. The number of its values is that of such requests. */
  TimedOutEffectiveTimeout: { unit: 'Seconds', dimension: { name: 'rule_id', values: 'rule_ids' } },
  ApprovalCapExceededCount: { unit: 'Count' },
  ApprovalRateLimitExceededCount: { unit: 'Count' },
  ApprovalStrandedCount: { unit: 'Count' },
  /** Decisions that came at the very end of the time and were honoured. */
  ApprovalLateWinCount: { unit: 'Count' },
  /** Batches that the publisher went through, those without an approval too. */
  MetricsPublisherHeartbeat: { unit: 'Count' },
  MetricEmitSkipped: { unit: 'Count', dimension: { name: 'reason', values: skipReasons } },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type ApprovalMetric = keyof typeof approvalMetrics;

/** The row of a metric, by its widest type. */
export function metricRow(metric: ApprovalMetric): MetricRow {
  return approvalMetrics[metric];
}
