import { approvalMetricNamespace, metricRow } from './approval-metric-table.ts';
import type { MetricDatum } from './approval-metrics.ts';

/**
 * A document of CloudWatch's embedded metric format: a line of a log that CloudWatch makes a metric of.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export interface EmfDocument {
  readonly _aws: {
    /** Milliseconds since the epoch. */
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [field: string]: unknown;
}

/**
 * The document of one value. `Dimensions` holds a list of names for each series: the empty one is the series without a
 * dimension, `[[]]`, where `[]` would be no series at all and is refused by CloudWatch.
 *
 * @param told.atMs when it happened, milliseconds since the epoch. CloudWatch takes what is at most two weeks old
 * @param told.fields further fields of the line, for whoever reads the log
 */
export function emfDocument(
  { metric, value, dimensionValue, rollUp }: MetricDatum,
  { atMs, fields = {} }: { readonly atMs: number; readonly fields?: Readonly<Record<string, string | number>> },
): EmfDocument {
  const { unit, dimension } = metricRow(metric);
  const name = dimensionValue === undefined ? undefined : dimension?.name;
  const Dimensions = [...(name === undefined ? [] : [[name]]), ...(rollUp ? [[]] : [])];
  return {
    ...fields,
    _aws: {
      Timestamp: atMs,
      CloudWatchMetrics: [{ Namespace: approvalMetricNamespace, Dimensions, Metrics: [{ Name: metric, Unit: unit }] }],
    },
    ...(name !== undefined && { [name]: dimensionValue }),
    [metric]: value,
  };
}
