import { expect, test } from '@jest/globals';
import { emfDocument } from './emf.ts';

const atMs = 1_767_225_600_000;
const directive = (Dimensions: string[][], Name: string, Unit: string) => ({
  Timestamp: atMs,
  CloudWatchMetrics: [{ Namespace: 'ABCA/Cedar-HITL', Dimensions, Metrics: [{ Name, Unit }] }],
});

test('a metric without a dimension names one series: the empty one', () => {
  const datum = { metric: 'ApprovalRequestCount', value: 1, rollUp: true } as const;

  expect(emfDocument(datum, { atMs, fields: { task_id: 't-1', seq: 3 } })).toStrictEqual({
    task_id: 't-1',
    seq: 3,
    _aws: directive([[]], 'ApprovalRequestCount', 'Count'),
    ApprovalRequestCount: 1,
  });
});

test('a metric with a dimension is told with it and without', () => {
  const datum = { metric: 'ApprovalDecisionLatencyMs', value: 12, dimensionValue: 'denied', rollUp: true } as const;

  expect(emfDocument(datum, { atMs })).toStrictEqual({
    _aws: directive([['outcome'], []], 'ApprovalDecisionLatencyMs', 'Milliseconds'),
    outcome: 'denied',
    ApprovalDecisionLatencyMs: 12,
  });
});

test('what was counted for the whole already is told with the dimension alone', () => {
  const datum = { metric: 'TimedOutEffectiveTimeout', value: 300, dimensionValue: 'other', rollUp: false } as const;

  expect(emfDocument(datum, { atMs })).toStrictEqual({
    _aws: directive([['rule_id']], 'TimedOutEffectiveTimeout', 'Seconds'),
    rule_id: 'other',
    TimedOutEffectiveTimeout: 300,
  });
});
