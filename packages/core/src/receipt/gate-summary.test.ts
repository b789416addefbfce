import { describe, expect, test } from '@jest/globals';
import { milestoneEvent, type MilestoneFields } from '../events/milestones.ts';
import type { NewTaskEvent, TaskEvent } from '../events/task-event.ts';
import { formatIso } from '../time/iso-time.ts';
import { aTask } from '../testing/builders.ts';
import { gateSummarySchema, summarizeGate } from './gate-summary.ts';

const { taskId, userId, repo } = aTask();

function logOf(...events: readonly NewTaskEvent[]): readonly TaskEvent[] {
  return events.map((event, index) => ({
    ...event,
    taskId,
    userId,
    repo,
    seq: index + 1,
    eventId: `e${String(index)}`,
    timestamp: formatIso(index),
  }));
}

function decided(fields: Partial<Extract<NewTaskEvent, { eventType: 'policy_decision' }>['metadata']>): NewTaskEvent {
  return {
    eventType: 'policy_decision',
    metadata: {
      tool_name: 'Bash',
      outcome: 'allow',
      decided_by: 'no_rule',
      matching_rule_ids: [],
      input: { command: 'npm test' },
      ...fields,
    },
  };
}

const end = { decided_at: 'd', created_at: 'c', effective_timeout_s: 300, matching_rule_ids: ['soft_1'] };
const granted = (request_id: string): NewTaskEvent =>
  milestoneEvent('approval_granted', { ...end, request_id, scope: 'this_call' });
const ask = (request_id: string): NewTaskEvent =>
  decided({ outcome: 'ask', decided_by: 'soft_rule', matching_rule_ids: ['soft_1'], request_id });

describe('summarizeGate()', () => {
  test('is nothing where nothing was judged', () => {
    expect(summarizeGate([])).toBeUndefined();
    expect(summarizeGate(logOf({ eventType: 'admission_granted', metadata: {} }))).toBeUndefined();
  });

  test('counts ordinary calls and names none of them', () => {
    expect(summarizeGate(logOf(decided({}), decided({})))).toStrictEqual({ calls: 2, counts: [], named: [] });
  });

  test('names what was denied, permitted and refused, in order', () => {
    const log = logOf(
      decided({
        outcome: 'deny',
        decided_by: 'hard_rule',
        matching_rule_ids: ['rm_slash'],
        input: { command: 'rm -rf /' },
      }),
      decided({
        decided_by: 'scope',
        scope: 'write_path:.npmrc',
        tool_name: 'Write',
        input: { file_path: '/workspace/.npmrc' },
      }),
      decided({ decided_by: 'grant' }),
      decided({ outcome: 'deny', decided_by: 'recent_decision' }),
      decided({ outcome: 'deny', decided_by: 'fail_closed' }),
    );

    expect(summarizeGate(log)).toStrictEqual({
      calls: 5,
      counts: [
        { outcome: 'hard_denied', count: 1 },
        { outcome: 'permitted', count: 2 },
        { outcome: 'refused', count: 2 },
      ],
      named: [
        { outcome: 'hard_denied', tool: 'Bash', call: 'rm -rf /', ruleIds: ['rm_slash'] },
        { outcome: 'permitted', tool: 'Write', call: '.npmrc', ruleIds: [], scope: 'write_path:.npmrc' },
        { outcome: 'permitted', tool: 'Bash', call: 'npm test', ruleIds: [] },
        { outcome: 'refused', tool: 'Bash', call: 'npm test', ruleIds: [] },
        { outcome: 'refused', tool: 'Bash', call: 'npm test', ruleIds: [] },
      ],
    });
  });

  test('tells what a person answered to each request, or that nobody did', () => {
    const timedOut: MilestoneFields<'approval_timed_out'> = { ...end, request_id: 'r3', timeout_s: 300 };
    const log = logOf(
      ask('r1'),
      granted('r1'),
      ask('r2'),
      milestoneEvent('approval_denied', { ...end, request_id: 'r2', reason: 'not today' }),
      ask('r3'),
      milestoneEvent('approval_timed_out', timedOut),
      ask('r4'),
      granted('unknown'),
    );

    const summary = summarizeGate(log);

    expect(summary?.counts.map(({ outcome, count }) => [outcome, count])).toStrictEqual([
      ['approved', 1],
      ['denied', 1],
      ['timed_out', 1],
      ['stranded', 1],
    ]);
    expect(summary?.named).toMatchObject([
      { outcome: 'approved', scope: 'this_call' },
      { outcome: 'denied', reason: 'not today' },
      { outcome: 'timed_out' },
      { outcome: 'stranded', ruleIds: ['soft_1'] },
    ]);
    expect(gateSummarySchema.parse(summary)).toStrictEqual(summary);
  });

  test('names the first twenty and counts all', () => {
    const summary = summarizeGate(logOf(...Array.from({ length: 25 }, () => decided({ decided_by: 'scope' }))));

    expect(summary?.named).toHaveLength(20);
    expect(summary?.counts).toStrictEqual([{ outcome: 'permitted', count: 25 }]);
  });

  test('takes a decision without its call', () => {
    const bare = decided({ outcome: 'deny', decided_by: 'hard_rule' });
    const { input: _input, ...metadata } = bare.metadata as Record<string, unknown>;

    expect(summarizeGate(logOf({ ...bare, metadata } as NewTaskEvent))?.named).toMatchObject([{ call: '' }]);
  });
});
