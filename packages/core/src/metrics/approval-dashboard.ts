import { approvalMetrics, metricRow, otherRule, type ApprovalMetric } from './approval-metric-table.ts';

/** One series of CloudWatch. */
export interface MetricSeries {
  /** Names it in expressions of its widget. */
  readonly id: string;
  readonly label: string;
  readonly metric: ApprovalMetric;
  /** Absent: the series without a dimension. */
  readonly dimension?: { readonly name: string; readonly value: string };
  /** A statistic of CloudWatch. */
  readonly statistic: 'Sum' | 'SampleCount' | 'p50' | 'p90' | 'p99';
  /** Whether it only serves an expression. */
  readonly hidden?: true;
}

/** One graph. */
export interface MetricWidget {
  readonly title: string;
  /** What the left axis counts. */
  readonly unit: string;
  readonly series: readonly MetricSeries[];
  /** Metric math over the series of this widget. */
  readonly expressions?: readonly { readonly id: string; readonly label: string; readonly expression: string }[];
}

/**
 * The graphs of the dashboard of approvals, as data: who deploys renders them. All series are ones that the publisher emits.
 *
 * @param builtInRuleIds the same that the publisher is given
 */
export function approvalDashboard(builtInRuleIds: readonly string[]): readonly MetricWidget[] {
  return [clipRate, timeouts(builtInRuleIds), ...latencies, incidents, publisher];
}

/**
 * In percent. A quiet hour has no requests: the division is guarded, so that the graph shows 0 there instead of breaking.
 */
const clipRate: MetricWidget = {
  title: 'Requests that wait shorter than asked for',
  unit: 'percent',
  series: [
    { ...rollUp('ApprovalRequestCount', 'Sum'), id: 'requests', hidden: true },
    { ...rollUp('ClippedApprovalCount', 'Sum'), id: 'clipped', hidden: true },
  ],
  expressions: [
    {
      id: 'rate',
      label: 'clipped',
      expression: 'IF(FILL(requests, 0) > 0, 100 * FILL(clipped, 0) / FILL(requests, 1), 0)',
    },
  ],
};

function timeouts(builtInRuleIds: readonly string[]): MetricWidget {
  return {
    title: 'Requests that ran out, by rule',
    unit: 'requests',
    series: [
      { ...rollUp('TimedOutEffectiveTimeout', 'SampleCount'), label: 'all' },
      ...byDimension('TimedOutEffectiveTimeout', 'SampleCount', [...builtInRuleIds, otherRule]),
    ],
  };
}

const percentiles = ['p50', 'p90', 'p99'] as const;

const latencies: readonly MetricWidget[] = [
  {
    title: 'Time to a decision',
    unit: 'milliseconds',
    series: percentiles.map((statistic) => ({
      ...rollUp('ApprovalDecisionLatencyMs', statistic),
      id: statistic,
      label: statistic,
    })),
  },
  {
    title: 'Time to a decision, by outcome',
    unit: 'milliseconds',
    series: percentiles.flatMap((statistic) =>
      byDimension('ApprovalDecisionLatencyMs', statistic, approvalMetrics.ApprovalDecisionLatencyMs.dimension.values),
    ),
  },
];

const incidents: MetricWidget = {
  title: 'Requests refused, lost and decided late',
  unit: 'requests',
  series: (
    [
      'ApprovalCapExceededCount',
      'ApprovalRateLimitExceededCount',
      'ApprovalStrandedCount',
      'ApprovalLateWinCount',
    ] as const
  ).map((metric) => rollUp(metric, 'Sum')),
};

const publisher: MetricWidget = {
  title: 'Publisher of these metrics',
  unit: 'count',
  series: [
    rollUp('MetricsPublisherHeartbeat', 'Sum'),
    ...byDimension('MetricEmitSkipped', 'Sum', approvalMetrics.MetricEmitSkipped.dimension.values),
  ],
};

function rollUp(metric: ApprovalMetric, statistic: MetricSeries['statistic']): MetricSeries {
  return { id: idOf(metric, statistic), label: metric, metric, statistic };
}

function byDimension(
  metric: ApprovalMetric,
  statistic: MetricSeries['statistic'],
  values: readonly string[],
): readonly MetricSeries[] {
  const name = metricRow(metric).dimension?.name;
  if (name === undefined) return [];
  return values.map((value) => ({
    id: idOf(metric, statistic, value),
    label: statistic.startsWith('p') ? `${value} ${statistic}` : value,
    metric,
    dimension: { name, value },
    statistic,
  }));
}

/** Ids of metric math begin with a lower-case letter and hold letters, digits and underscores. */
function idOf(...words: readonly string[]): string {
  return `m_${words.join('_').replaceAll(/\W/g, '_')}`;
}
