import { describe, expect, test } from '@jest/globals';
import { milestoneEvent } from '../events/milestones.ts';
import { limits } from '../limits.ts';
import { aRequestId, aTask, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import type { ToolGateScope } from './gate-deps.ts';
import { freshMemory, noteRequest, type GateMemory } from './gate-memory.ts';
import { runningTask, scopeOf } from './gate-world.test-kit.ts';
import { planRequest, type RequestPlan } from './plan-request.ts';

const nowMs = testEpochMs;
const requestId = aRequestId();

interface Given {
  readonly memory?: Partial<GateMemory>;
  readonly scope?: Partial<ToolGateScope>;
  readonly ruleTimeoutsS?: readonly number[];
}

function plan({ memory = {}, scope = {}, ruleTimeoutsS = [] }: Given = {}): RequestPlan {
  const matchingRuleIds = ['r1', 'r2'];
  const decision = {
    outcome: 'ask',
    decidedBy: 'soft_rule',
    reason: 'asked',
    severity: 'low',
    ruleTimeoutsS,
    asking: [],
    matchingRuleIds,
  } as const;
  return planRequest({ ...freshMemory(), ...memory }, scopeOf(runningTask, scope), { requestId, decision, nowMs });
}

/** A task that has to end in so many seconds. */
function ending(inS: number): Pick<ToolGateScope, 'task'> {
  return { task: aTask({ status: 'RUNNING', deadlineAt: formatIso(nowMs + inS * 1000) }) };
}

function shrinking(remainingS: number) {
  return milestoneEvent('approval_ceiling_shrinking', {
    request_id: requestId,
    max_lifetime_remaining_s: remainingS,
    cleanup_margin_s: 120,
    task_default_timeout_s: 300,
  });
}

describe('planRequest()', () => {
  test('lets ask, and counts it', () => {
    expect(plan()).toStrictEqual({
      kind: 'ask',
      timeoutS: 300,
      memory: noteRequest(freshMemory(), nowMs),
      events: [],
    });
  });

  test('lets ask up to the cap of the task', () => {
    expect(plan({ memory: { gateCount: 2 }, scope: { gateCap: 3 } }).kind).toBe('ask');
    expect(plan({ memory: { gateCount: 3 }, scope: { gateCap: 3 } })).toStrictEqual({
      kind: 'refused',
      reason: 'the task has asked for 3 approvals, which is all it may; go on without this call',
      memory: { ...freshMemory(), gateCount: 3 },
      events: [milestoneEvent('approval_cap_exceeded', { request_id: requestId, count: 3, cap: 3 })],
    });
    expect(plan({ memory: { gateCount: 4 }, scope: { gateCap: 3 } }).kind).toBe('refused');
  });

  test('lets ask 20 times within a minute', () => {
    const { limit } = limits.approvalRate;
    const requests = Array.from({ length: limit }, (_, index) => nowMs - 59_000 + index * 100);

    expect(plan({ memory: { requests: requests.slice(1) } }).kind).toBe('ask');
    expect(plan({ memory: { requests } })).toStrictEqual({
      kind: 'refused',
      reason: 'more than 20 approvals in a minute; go on without this call, or try again in 1 s',
      memory: { ...freshMemory(), requests },
      events: [milestoneEvent('approval_rate_limit_exceeded', { request_id: requestId, rate: 20, limit: 20 })],
    });
    expect(plan({ memory: { requests: requests.map((atMs) => atMs - 1_000) } }).kind).toBe('ask');
  });

  test('the cap is told before the rate', () => {
    const requests = Array.from({ length: 20 }, () => nowMs);

    const [event] = plan({ memory: { requests, gateCount: 50 } }).events;

    expect(event?.metadata).toMatchObject({ milestone: 'approval_cap_exceeded' });
  });

  test('tells what made the wait shorter: a rule, with its id', () => {
    expect(plan({ ruleTimeoutsS: [60, 90] })).toStrictEqual({
      kind: 'ask',
      timeoutS: 60,
      memory: noteRequest(freshMemory(), nowMs),
      events: [
        milestoneEvent('approval_timeout_capped', {
          request_id: requestId,
          requested_timeout_s: 300,
          effective_timeout_s: 60,
          reason: 'rule_annotation',
          matching_rule_ids: ['r1', 'r2'],
        }),
      ],
    });
  });

  test('tells what made the wait shorter: the end of the task, which is told first and once', () => {
    const capped = milestoneEvent('approval_timeout_capped', {
      request_id: requestId,
      requested_timeout_s: 300,
      effective_timeout_s: 200,
      reason: 'max_lifetime_ceiling',
    });

    const first = plan({ scope: ending(320.7) });
    const second = plan({ memory: first.memory, scope: ending(320.7) });

    expect(first).toStrictEqual({
      kind: 'ask',
      timeoutS: 200,
      memory: noteRequest({ ...freshMemory(), shrinkingTold: true }, nowMs),
      events: [shrinking(320), capped],
    });
    expect(second.events).toStrictEqual([capped]);
    expect(second.memory.shrinkingTold).toBe(true);
  });

  test('tells of the shortening though a rule waits no longer anyway', () => {
    expect(plan({ scope: ending(320), ruleTimeoutsS: [60] }).events.map(({ metadata }) => metadata)).toMatchObject([
      { milestone: 'approval_ceiling_shrinking' },
      { milestone: 'approval_timeout_capped', reason: 'rule_annotation' },
    ]);
  });

  test('refuses when too little is left for an answer, counts nothing, and tells it once', () => {
    const reason = (s: number) =>
      `only ${String(s)} s are left before the task has to end, too few for a person to answer; go on without this call`;

    const first = plan({ scope: ending(149) });

    expect(first).toStrictEqual({
      kind: 'refused',
      reason: reason(29),
      memory: { ...freshMemory(), shrinkingTold: true },
      events: [shrinking(149)],
    });
    expect(plan({ memory: first.memory, scope: ending(149) }).events).toStrictEqual([]);
    expect(plan({ scope: ending(150) })).toMatchObject({ kind: 'ask', timeoutS: 30 });
    expect(plan({ scope: ending(60) })).toMatchObject({ kind: 'refused', reason: reason(0) });
  });

  test('keeps the margin for the end in whole seconds, rounded up', () => {
    expect(plan({ scope: { ...ending(330), cleanupMarginMs: 100_001 } })).toMatchObject({ timeoutS: 229 });
  });

  test('reads a deadline without milliseconds (L9)', () => {
    const deadlineAt = formatIso(nowMs + 320_000).replace('.000Z', 'Z') as typeof runningTask.deadlineAt;

    expect(plan({ scope: { task: { ...runningTask, deadlineAt } } })).toMatchObject({ timeoutS: 200 });
  });
});
