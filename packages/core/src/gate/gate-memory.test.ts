import { describe, expect, test } from '@jest/globals';
import { milestoneEvent } from '../events/milestones.ts';
import type { NewTaskEvent, TaskEvent } from '../events/task-event.ts';
import { limits } from '../limits.ts';
import { parsePreApproval } from '../policy/approval-scope.ts';
import { aRequestId, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import {
  approveNext,
  aShellCall,
  createGateWorld,
  denyNext,
  finish,
  forcePush,
  judgeAndAnswer,
  logOf,
  runningTask,
} from './gate-world.test-kit.ts';
import {
  freshMemory,
  lastingScope,
  noteDenial,
  noteGrant,
  noteRequest,
  noteScope,
  noteTimeout,
  restoreMemory,
  useGrant,
  type DecidedRequest,
  type GateMemory,
} from './gate-memory.ts';
import { ToolGate } from './tool-gate.ts';

const nowMs = testEpochMs;
const rule = parsePreApproval('rule:force_push_any');
const request: DecidedRequest = {
  requestId: aRequestId(),
  toolName: 'Bash',
  inputSha256: 'a'.repeat(64),
  ruleIds: ['force_push_any'],
};

const requested = milestoneEvent('approval_requested', {
  request_id: request.requestId,
  tool_name: request.toolName,
  input_preview: 'git push --force',
  input_sha256: request.inputSha256,
  reason: 'asked',
  severity: 'medium',
  timeout_s: 300,
  expires_at: formatIso(nowMs + 300_000),
  matching_rule_ids: [...request.ruleIds],
});
const common = {
  request_id: request.requestId,
  created_at: formatIso(nowMs),
  effective_timeout_s: 300,
  matching_rule_ids: [...request.ruleIds],
};
const timedOut = milestoneEvent('approval_timed_out', { ...common, timeout_s: 300 });
const denied = milestoneEvent('approval_denied', { ...common, reason: 'no', decided_at: formatIso(nowMs + 5_000) });

function granted(scope: string): NewTaskEvent {
  return milestoneEvent('approval_granted', { ...common, scope, decided_at: formatIso(nowMs) });
}

/** A log of one event a second. */
function logged(...events: readonly NewTaskEvent[]): readonly TaskEvent[] {
  const { taskId, userId, repo } = runningTask;
  return events.map(({ eventType, metadata }, index) => ({
    taskId,
    userId,
    repo,
    seq: index + 1,
    eventId: String(index),
    eventType,
    metadata: metadata as Record<string, unknown>,
    timestamp: formatIso(nowMs + index * 1000),
  }));
}

describe('freshMemory()', () => {
  test('knows the scopes of the submit and nothing else', () => {
    expect(freshMemory([rule])).toStrictEqual({
      scopes: [rule],
      recent: [],
      grants: [],
      gateCount: 0,
      requests: [],
      shrinkingTold: false,
      denials: [],
    });
    expect(freshMemory().scopes).toStrictEqual([]);
  });
});

describe('noteRequest()', () => {
  test('counts, and keeps the times of the last minute', () => {
    const memory = [nowMs, nowMs + 59_999, nowMs + 60_000].reduce(noteRequest, freshMemory());

    expect(memory).toStrictEqual({ ...freshMemory(), gateCount: 3, requests: [nowMs + 59_999, nowMs + 60_000] });
  });

  test('keeps counting beyond the rate', () => {
    const times = Array.from({ length: limits.approvalRate.limit + 5 }, (_, index) => nowMs + index);

    expect(times.reduce(noteRequest, freshMemory()).requests).toStrictEqual(times);
  });
});

describe('noteScope()', () => {
  test('keeps each scope once, in the order in which they came', () => {
    const other = parsePreApproval('tool_type:Edit');
    const scopes = [rule, other, parsePreApproval(' rule:force_push_any '), undefined];

    expect(scopes.reduce<GateMemory>(noteScope, freshMemory()).scopes).toStrictEqual([rule, other]);
  });
});

describe('noteDenial(), noteTimeout()', () => {
  test('a denial is remembered from when it was decided, and to be told', () => {
    const decidedAt = formatIso(nowMs);

    expect(noteDenial(freshMemory(), request, { reason: 'no', decidedAt })).toStrictEqual({
      ...freshMemory(),
      recent: [{ ...request, status: 'DENIED', reason: 'no', atMs: nowMs }],
      denials: [{ requestId: request.requestId, decidedAt, reason: 'no' }],
    });
  });

  test('denials are told in order', () => {
    const decided = { reason: 'no', decidedAt: formatIso(nowMs) };
    const second = { ...request, requestId: aRequestId(2) };

    const memory = noteDenial(noteDenial(freshMemory(), request, decided), second, decided);

    expect(memory.denials.map(({ requestId }) => requestId)).toStrictEqual([aRequestId(1), aRequestId(2)]);
  });

  test('a request without an answer is remembered, and there is nothing to tell', () => {
    expect(noteTimeout(freshMemory(), request, nowMs)).toStrictEqual({
      ...freshMemory(),
      recent: [{ ...request, status: 'TIMED_OUT', reason: 'nobody answered in time', atMs: nowMs }],
    });
  });
});

describe('noteGrant(), useGrant()', () => {
  test('a grant is used once', () => {
    const granted = noteGrant(noteGrant(freshMemory(), request), { ...request, requestId: aRequestId(2) });
    const [first, second] = granted.grants;

    expect(first).toStrictEqual({ toolName: 'Bash', inputSha256: request.inputSha256, requestId: aRequestId() });
    expect(useGrant(granted, first!).grants).toStrictEqual([second]);
  });
});

describe('lastingScope()', () => {
  test.each(['rule:force_push_any', 'all_session', 'tool_type:Bash'])('%s lasts', (text) => {
    expect(lastingScope(text)).toStrictEqual(parsePreApproval(text));
  });

  test.each(['this_call', 'tool_type_session', 'tool_group_session', 'nonsense', ''])('%j gives nothing', (text) => {
    expect(lastingScope(text)).toBeUndefined();
  });
});

describe('restoreMemory()', () => {
  test('an empty log gives the scopes of the submit', () => {
    expect(restoreMemory([rule], [])).toStrictEqual(freshMemory([rule]));
  });

  test('counts requests with their times', () => {
    expect(restoreMemory([], logged(requested))).toStrictEqual(noteRequest(freshMemory(), nowMs));
  });

  test('takes scopes of approvals, and none from an approval of one call', () => {
    const log = logged(requested, granted('this_call'), requested, granted('tool_type:Edit'), granted('nonsense'));

    expect(restoreMemory([rule], log).scopes).toStrictEqual([rule, parsePreApproval('tool_type:Edit')]);
    expect(restoreMemory([rule], log).gateCount).toBe(2);
  });

  test('takes a denial with the time of its decision', () => {
    const asked = noteRequest(freshMemory(), nowMs);

    expect(restoreMemory([], logged(requested, denied))).toStrictEqual(
      noteDenial(asked, request, { reason: 'no', decidedAt: formatIso(nowMs + 5_000) }),
    );
  });

  test('takes a request without an answer with the time of its event', () => {
    expect(restoreMemory([], logged(requested, timedOut))).toStrictEqual(
      noteTimeout(noteRequest(freshMemory(), nowMs), request, nowMs + 1_000),
    );
  });

  test('a decision without its request says nothing', () => {
    expect(restoreMemory([], logged(denied, timedOut))).toStrictEqual(freshMemory());
  });

  test('knows that the shortening was told', () => {
    const told = milestoneEvent('approval_ceiling_shrinking', {
      request_id: aRequestId(),
      max_lifetime_remaining_s: 200,
      cleanup_margin_s: 120,
      task_default_timeout_s: 300,
    });

    expect(restoreMemory([], logged(told))).toStrictEqual({ ...freshMemory(), shrinkingTold: true });
  });

  test('passes over other events, and milestones that are not as they should be', () => {
    const wrong = { eventType: 'agent_milestone', metadata: { milestone: 'approval_requested' } } as never;
    const alike = { eventType: 'agent_error', metadata: requested.metadata } as never;
    const other = milestoneEvent('agent_started', { model: 'm' });

    expect(restoreMemory([], logged(wrong, alike, other))).toStrictEqual(freshMemory());
  });

  test('gives, from the log of a gate, what that gate knows', async () => {
    const world = await createGateWorld();
    await finish(world, world.gate.judge(aShellCall('deploy three')));
    await judgeAndAnswer(world, aShellCall('deploy one'), approveNext);
    await judgeAndAnswer(world, aShellCall('deploy two'), (asked) => approveNext(asked, 'bash_pattern:deploy two'));
    await judgeAndAnswer(world, forcePush, (asked) => denyNext(asked, 'not like this'));

    const restored = restoreMemory([], await logOf(world));

    expect(restored.gateCount).toBe(4);
    expect(restored.denials).toStrictEqual(world.gate.takeDenials());
    // As live: the next calls are decided alike by the gate that was there and by one made of its log.
    const next = new ToolGate(world.deps, world.scope, restored);
    const calls = [forcePush, aShellCall('deploy two'), aShellCall('deploy three'), aShellCall('git push elsewhere')];
    for (const call of calls) {
      const live = await finish(world, world.gate.judge(call), 0);
      expect(await finish(world, next.judge(call), 0)).toStrictEqual(live);
    }
  });
});
