import { approvalMetrics, formatIso, milestoneEvent, type NewTaskEvent, type TaskEvent } from '@abca/core';
import { aRequestId, aTaskId, CapturingLogger, FakeClock, testEpochMs } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { toRecord } from '../fan-out/crash-world/event-stream.test-kit.ts';
import { emfProblems, isPublishedForm } from './emf-form.test-kit.ts';
import { createMetricsConsumer } from './metrics-consumer.ts';

const timedOut = milestoneEvent('approval_timed_out', {
  request_id: aRequestId(),
  timeout_s: 300,
  created_at: '2026-01-01T00:00:00.000Z',
  effective_timeout_s: 300,
  matching_rule_ids: ['force_push_any', 'of_an_operator'],
});
const turned: NewTaskEvent = {
  eventType: 'agent_turn',
  metadata: { turn: 1, model: 'm', text_preview: 't', tool_calls_count: 0 },
};

function recordOf({ eventType, metadata }: NewTaskEvent, seq: number): unknown {
  const event = {
    taskId: aTaskId(),
    seq,
    eventId: `e${String(seq)}`,
    eventType,
    metadata: metadata as Record<string, unknown>,
    timestamp: formatIso(testEpochMs),
    userId: 'ann' as TaskEvent['userId'],
    repo: 'acme/shop' as TaskEvent['repo'],
  };
  return toRecord(event, String(seq));
}

async function emitted(events: readonly NewTaskEvent[]) {
  const lines: string[] = [];
  const consume = createMetricsConsumer({
    builtInRuleIds: ['force_push_any'],
    write: (line) => lines.push(line),
    clock: new FakeClock(testEpochMs + 5_000),
    logger: new CapturingLogger(),
  });
  const response = await consume({ Records: events.map((event, index) => recordOf(event, index + 1)) });
  return { response, documents: lines.map((line) => JSON.parse(line) as unknown) };
}

const metrics = (name: string, unit: string, dimensions: readonly (readonly string[])[]) => [
  { Namespace: 'ABCA/Cedar-HITL', Dimensions: dimensions, Metrics: [{ Name: name, Unit: unit }] },
];
const alive = {
  _aws: { Timestamp: testEpochMs + 5_000, CloudWatchMetrics: metrics('MetricsPublisherHeartbeat', 'Count', [[]]) },
  MetricsPublisherHeartbeat: 1,
};

describe('createMetricsConsumer()', () => {
  test('writes a document for each value, at the time of its event, and that it is alive', async () => {
    const { documents } = await emitted([turned, timedOut]);

    const timeout = { task_id: aTaskId(), seq: 2, TimedOutEffectiveTimeout: 300 };
    const at = (dimensions: readonly (readonly string[])[]) => ({
      Timestamp: testEpochMs,
      CloudWatchMetrics: metrics('TimedOutEffectiveTimeout', 'Seconds', dimensions),
    });
    expect(documents).toStrictEqual([
      { ...timeout, _aws: at([['rule_id'], []]), rule_id: 'force_push_any' },
      { ...timeout, _aws: at([['rule_id']]), rule_id: 'other' },
      alive,
    ]);
  });

  test('is alive also when nothing is to be counted, and asks for nothing again', async () => {
    expect(await emitted([turned])).toStrictEqual({ response: { batchItemFailures: [] }, documents: [alive] });
    expect((await emitted([])).documents).toStrictEqual([alive]);
  });

  test('every document has the form that CloudWatch asks for (L13), and every metric comes in one', async () => {
    const request_id = aRequestId();
    const created_at = '2026-01-01T00:00:00.000Z';
    const decided = { request_id, created_at, decided_at: created_at, effective_timeout_s: 300, matching_rule_ids: [] };
    const damaged = ['approval_requested', 'approval_granted', 'approval_timed_out'].map((milestone): NewTaskEvent => ({
      eventType: 'agent_milestone',
      metadata: { milestone },
    }));

    const { documents } = await emitted([
      ...damaged,
      timedOut,
      milestoneEvent('approval_granted', { ...decided, scope: 'this_call' }),
      milestoneEvent('approval_denied', { ...decided, reason: 'no' }),
      milestoneEvent('approval_timeout_capped', {
        request_id,
        requested_timeout_s: 300,
        effective_timeout_s: 30,
        reason: 'rule_annotation',
      }),
      milestoneEvent('approval_stranded', { request_id, age_s: 1, reason: 'x' }),
      milestoneEvent('approval_cap_exceeded', { request_id, count: 50, cap: 50 }),
      milestoneEvent('approval_rate_limit_exceeded', { request_id, rate: 20, limit: 20 }),
      milestoneEvent('approval_late_win', { request_id, outcome: 'approved', reason: 'x' }),
    ]);

    const told = documents.flatMap((document) => Object.keys(document as object));
    expect(documents.flatMap(emfProblems)).toStrictEqual([]);
    expect(documents.filter((document) => !isPublishedForm(document))).toStrictEqual([]);
    expect(Object.keys(approvalMetrics).filter((metric) => !told.includes(metric))).toStrictEqual([]);
  });

  test('an empty set of dimensions is valid by the published schema, an empty list of sets is not (L13)', () => {
    const [directive] = alive._aws.CloudWatchMetrics;
    const forms = [[[]], []].map((Dimensions) => ({
      ...alive,
      _aws: { ...alive._aws, CloudWatchMetrics: [{ ...directive, Dimensions }] },
    }));

    expect(forms.map(isPublishedForm)).toStrictEqual([true, false]);
  });

  test('an event that comes again to the same process is counted once; the batch is one more', async () => {
    const lines: string[] = [];
    const consume = createMetricsConsumer({
      builtInRuleIds: ['force_push_any'],
      write: (line) => lines.push(line),
      clock: new FakeClock(testEpochMs + 5_000),
      logger: new CapturingLogger(),
    });
    const batch = { Records: [recordOf(timedOut, 1), recordOf(timedOut, 1), recordOf(timedOut, 2)] };

    await consume(batch);
    await consume(batch);

    const seqs = lines.map((line) => (JSON.parse(line) as { seq?: number }).seq);
    expect(seqs).toStrictEqual([1, 1, 2, 2, undefined, undefined]);
  });

  test('an event whose lines could not be written is not taken for counted', async () => {
    const lines: string[] = [];
    let isFull = true;
    const consume = createMetricsConsumer({
      builtInRuleIds: [],
      write: (line) => {
        if (isFull) throw new Error('no space');
        lines.push(line);
      },
      clock: new FakeClock(testEpochMs),
      logger: new CapturingLogger(),
    });
    const batch = { Records: [recordOf(timedOut, 1)] };

    await expect(consume(batch)).rejects.toThrow('no space');
    isFull = false;
    await consume(batch);

    expect(lines.length).toBe(2);
  });

  test.each([
    ['no list of dimensions', { Dimensions: [] }],
    ['no metric', { Metrics: [] }],
    ['a dimension that is not told', { Dimensions: [['rule_id']] }],
    ['a unit that is none', { Metrics: [{ Name: 'MetricsPublisherHeartbeat', Unit: 'Batches' }] }],
  ])('the form finds a document with %s', (_what, fields) => {
    const [directive] = alive._aws.CloudWatchMetrics;
    const document = { ...alive, _aws: { ...alive._aws, CloudWatchMetrics: [{ ...directive, ...fields }] } };

    expect(emfProblems(document)).toHaveLength(1);
  });

  test('counts what it cannot use as skipped, never as zero', async () => {
    const damaged = { eventType: 'agent_milestone', metadata: { milestone: 'approval_timed_out' } } as const;

    const { documents } = await emitted([damaged]);

    expect(documents).toMatchObject([{ MetricEmitSkipped: 1, reason: 'malformed_metadata' }, alive]);
  });
});
