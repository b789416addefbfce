import { describe, expect, test } from '@jest/globals';
import { AbcaError, errorCodes } from '../errors/abca-error.ts';
import { eventRegistry, eventTypes, isTerminalEvent, terminalEventTypes, type EventType } from './event-registry.ts';
import { parseNewEvent, taskEventSchema } from './task-event.ts';

const failure = { code: 'SESSION_LOST', message: 'gone' };

/** For each event: metadata that is just enough, and a field whose loss or change makes it wrong. */
const samples: Readonly<Record<EventType, Readonly<Record<string, unknown>>>> = {
  task_created: { repo: 'acme/shop', task_type: 'new_task' },
  admission_queued: { position: 1 },
  admission_granted: {},
  preflight_failed: failure,
  hydration_started: {},
  hydration_complete: { context_tokens: 0, truncated: false },
  session_started: { session_id: 's', compute_type: 'local' },
  session_start_retry: { attempt: 1, message: 'busy' },
  task_completed: { outcome: 'delivered', turns: 3, cost_usd: 0.5 },
  task_failed: failure,
  task_cancelled: { by: 'ann' },
  task_timed_out: failure,
  task_stranded: failure,
  task_cancel_compute_orphan: { session_id: 's', message: 'busy' },
  approval_decision_recorded: { request_id: 'r', decision: 'approved', by: 'ann' },
  approval_timeout_capped_at_submit: { requested_timeout_s: 9, effective_timeout_s: 8 },
  nudge_received: { nudge_id: 'n', text: 't' },
  agent_turn: { turn: 1, model: 'm', text_preview: '', tool_calls_count: 0 },
  agent_tool_call: { tool_name: 'Bash', tool_input_preview: '{}', turn: 1 },
  agent_tool_result: { tool_name: 'Bash', is_error: false, content_preview: '', turn: 1 },
  agent_cost_update: { cost_usd: 0, input_tokens: 0, output_tokens: 0, turn: 1 },
  agent_error: { error_type: 'x', message_preview: 'y' },
  agent_milestone: { milestone: 'pr_created' },
  policy_decision: { tool_name: 'Bash', outcome: 'deny', matching_rule_ids: ['rm_slash'] },
};

describe('event registry', () => {
  test('lists exactly these types', () => {
    expect([...eventTypes].sort()).toStrictEqual(Object.keys(samples).sort());
    expect(eventTypes).toStrictEqual(Object.keys(eventRegistry));
  });

  test.each(eventTypes)('%s: takes what it needs, and nothing less', (type) => {
    const enough = samples[type];

    expect(parseNewEvent(type, enough)).toStrictEqual({ eventType: type, metadata: enough });
    for (const field of Object.keys(enough)) {
      const { [field]: _left, ...less } = enough;
      expect(() => parseNewEvent(type, less)).toThrow(`event ${type} has bad metadata`);
      expect(() => parseNewEvent(type, { ...enough, [field]: null })).toThrow(`event ${type} has bad metadata`);
    }
  });

  test('counts are whole and not negative, money is not negative, codes are known', () => {
    const bad: readonly [EventType, Record<string, unknown>][] = [
      ['admission_queued', { position: -1 }],
      ['admission_queued', { position: 1.5 }],
      ['task_completed', { ...samples.task_completed, cost_usd: -0.1 }],
      ['agent_cost_update', { ...samples.agent_cost_update, cost_usd: -0.1 }],
      ['task_failed', { ...failure, code: 'NO_SUCH_CODE' }],
    ];

    for (const [type, metadata] of bad) expect(() => parseNewEvent(type, metadata)).toThrow('bad metadata');
  });

  test('keeps the fields that may be there, and drops those it does not know', () => {
    const completed = { ...samples.task_completed, branch: 'b', head_sha: 's', pr_url: 'u' };
    const decided = { ...samples.policy_decision, reason: 'r', turn: 2 };

    expect(parseNewEvent('task_completed', { ...completed, other: 1 }).metadata).toStrictEqual(completed);
    expect(parseNewEvent('policy_decision', decided).metadata).toStrictEqual(decided);
    expect(parseNewEvent('task_failed', { ...failure, outcome: 'work_saved' }).metadata).toHaveProperty('outcome');
  });

  test('a milestone keeps all its fields: each has its own', () => {
    const metadata = { milestone: 'diff_size', files: 2 };

    expect(parseNewEvent('agent_milestone', metadata).metadata).toStrictEqual(metadata);
  });

  test('says what is wrong, with the code VALIDATION_ERROR', () => {
    const parse = (): unknown => parseNewEvent('nudge_received', {});

    expect(parse).toThrow(/^event nudge_received has bad metadata: .*nudge_id/s);
    expect(AbcaError.is(caught(parse), 'VALIDATION_ERROR')).toBe(true);
  });

  test('the terminal events are these', () => {
    expect(eventTypes.filter(isTerminalEvent)).toStrictEqual([
      'task_completed',
      'task_failed',
      'task_cancelled',
      'task_timed_out',
      'task_stranded',
    ]);
    expect([...terminalEventTypes].sort()).toStrictEqual(eventTypes.filter(isTerminalEvent).toSorted());
  });

  test('every error code may end a task', () => {
    for (const code of Object.keys(errorCodes)) {
      expect(parseNewEvent('task_failed', { code, message: '' }).metadata).toStrictEqual({ code, message: '' });
    }
  });
});

describe('taskEventSchema', () => {
  const event = {
    taskId: 't',
    seq: 1,
    eventId: 'e',
    eventType: 'nudge_received',
    timestamp: '2026-01-31T12:00:00.000Z',
    metadata: { nudge_id: 'n' },
    userId: 'ann',
    repo: 'acme/shop',
  };

  test('reads an event, with its trace or without', () => {
    expect(taskEventSchema.parse(event)).toStrictEqual(event);
    expect(taskEventSchema.parse({ ...event, traceId: 'x' })).toStrictEqual({ ...event, traceId: 'x' });
  });

  test.each([
    ['seq', 0],
    ['seq', 1.5],
    ['eventType', 'agent_dance'],
    ['timestamp', 'yesterday'],
    ['metadata', 'text'],
    ['taskId', undefined],
    ['eventId', undefined],
    ['userId', undefined],
    ['repo', undefined],
  ])('refuses %s = %j', (field, value) => {
    expect(taskEventSchema.safeParse({ ...event, [field]: value }).success).toBe(false);
  });
});

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
