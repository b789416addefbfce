import { describe, expect, test } from '@jest/globals';
import { formatIso, milestoneEvent, type NewTaskEvent, type TaskEvent } from '@abca/core';
import { aTask } from '@abca/core/testing';
import { emptyRecord, recordOf } from './work-record.ts';

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

function ran(turn: number, command: string, tool = 'Bash'): NewTaskEvent {
  return {
    eventType: 'policy_decision',
    metadata: { tool_name: tool, outcome: 'allow', matching_rule_ids: [], turn, input: { command } },
  };
}

function ended(turn: number, isError: boolean, tool = 'Bash'): NewTaskEvent {
  return {
    eventType: 'agent_tool_result',
    metadata: { tool_name: tool, is_error: isError, content_preview: '', turn },
  };
}

describe('recordOf()', () => {
  test('is empty for a log that tells nothing of the work', () => {
    expect(recordOf([])).toStrictEqual(emptyRecord);
    expect(recordOf(logOf({ eventType: 'admission_granted', metadata: {} }))).toStrictEqual(emptyRecord);
  });

  test('tells how a check of a turn of its own ended', () => {
    const log = logOf(ran(1, 'npm test'), ended(1, true), ran(2, 'npm run lint'), ended(2, false));

    expect(recordOf(log).checks).toStrictEqual([
      { command: 'npm test', outcome: 'failed' },
      { command: 'npm run lint', outcome: 'passed' },
    ]);
  });

  test('takes the last run of a check', () => {
    const log = logOf(
      ran(1, 'npm test'),
      ended(1, true),
      ran(2, 'tsc'),
      ended(2, false),
      ran(3, 'npm test'),
      ended(3, false),
    );

    expect(recordOf(log).checks).toStrictEqual([
      { command: 'tsc', outcome: 'passed' },
      { command: 'npm test', outcome: 'passed' },
    ]);
  });

  test.each<[string, readonly NewTaskEvent[]]>([
    ['one of several commands of the turn failed', [ran(1, 'npm test'), ran(1, 'ls'), ended(1, true), ended(1, false)]],
    ['its result is missing', [ran(1, 'npm test')]],
    ['the result is that of another turn', [ran(1, 'npm test'), ended(2, false)]],
    ['the result is that of another tool', [ran(1, 'npm test'), ended(1, false, 'Read')]],
  ])('claims nothing when %s', (_what, events) => {
    expect(recordOf(logOf(...events)).checks).toStrictEqual([{ command: 'npm test', outcome: 'unknown' }]);
  });

  test('knows what all commands of a turn have in common', () => {
    const log = logOf(ran(1, 'npm test'), ran(1, 'ls'), ended(1, false), ended(1, false));

    expect(recordOf(log).checks).toStrictEqual([{ command: 'npm test', outcome: 'passed' }]);
  });

  test.each(['cargo test', 'python -m pytest -q', 'npx jest', 'make check', 'go vet ./...', 'ruff check .'])(
    'takes %s for a check',
    (command) => {
      expect(recordOf(logOf(ran(1, command))).checks).toHaveLength(1);
    },
  );

  test.each(['ls', 'git checkout main', 'cat latest.txt', 'echo contest'])('takes %s for none', (command) => {
    expect(recordOf(logOf(ran(1, command))).checks).toStrictEqual([]);
  });

  test('looks at the shell alone, and does without the text of a command', () => {
    const bare = { ...ran(1, 'x'), metadata: { tool_name: 'Bash', outcome: 'allow', matching_rule_ids: [], turn: 1 } };

    expect(recordOf(logOf(ran(1, 'npm test', 'Write'), bare as NewTaskEvent)).checks).toStrictEqual([]);
  });

  test('tells each request with its end', () => {
    const asked = (request_id: string) =>
      milestoneEvent('approval_requested', {
        request_id,
        tool_name: 'Bash',
        input_preview: `do ${request_id}`,
        input_sha256: 'x',
        reason: 'r',
        severity: 'medium',
        timeout_s: 300,
        expires_at: 'e',
        matching_rule_ids: [],
      });
    const end = { decided_at: 'd', created_at: 'c', effective_timeout_s: 300, matching_rule_ids: [] };
    const log = logOf(
      milestoneEvent('pre_approvals_loaded', { count: 1, scopes: ['rule:a', 'rule:a'] }),
      ...['r1', 'r2', 'r3', 'r4'].map(asked),
      milestoneEvent('approval_granted', { ...end, request_id: 'r1', scope: 'tool_type:Bash' }),
      milestoneEvent('approval_denied', { ...end, request_id: 'r2', reason: 'no' }),
      milestoneEvent('approval_timed_out', { ...end, request_id: 'r3', timeout_s: 300 }),
      milestoneEvent('approval_granted', { ...end, request_id: 'unknown', scope: 'this_call' }),
    );

    expect(recordOf(log)).toStrictEqual({
      checks: [],
      requests: [
        { tool: 'Bash', call: 'do r1', outcome: 'approved', scope: 'tool_type:Bash' },
        { tool: 'Bash', call: 'do r2', outcome: 'denied' },
        { tool: 'Bash', call: 'do r3', outcome: 'timed out' },
        { tool: 'Bash', call: 'do r4', outcome: 'open' },
      ],
      permitted: ['rule:a'],
    });
  });

  test('holds the last twenty checks', () => {
    const log = logOf(...Array.from({ length: 25 }, (_none, nth) => ran(nth, `npm test ${String(nth)}`)));

    expect(recordOf(log).checks.map(({ command }) => command)).toStrictEqual(
      Array.from({ length: 20 }, (_none, nth) => `npm test ${String(nth + 5)}`),
    );
  });
});
