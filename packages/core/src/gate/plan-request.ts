import { milestoneEvent } from '../events/milestones.ts';
import type { NewTaskEvent } from '../events/task-event.ts';
import type { RequestId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { takeFromWindow } from '../rate/rate-window.ts';
import { parseIso } from '../time/iso-time.ts';
import type { GateDecision } from './decide-call.ts';
import { effectiveTimeout, type EffectiveTimeout } from './effective-timeout.ts';
import type { ToolGateScope } from './gate-deps.ts';
import { noteRequest, type GateMemory } from './gate-memory.ts';

/** Whether a person may be asked now, with what is told of that and the memory after it. */
export type RequestPlan = { readonly memory: GateMemory; readonly events: readonly NewTaskEvent[] } & (
  { readonly kind: 'ask'; readonly timeoutS: number } | { readonly kind: 'refused'; readonly reason: string }
);

interface Wish {
  readonly requestId: RequestId;
  readonly decision: Extract<GateDecision, { outcome: 'ask' }>;
  readonly nowMs: number;
}

/** The bounds on asking, in order: the cap of the task, the rate, the time that is left. Pure. */
export function planRequest(memory: GateMemory, scope: ToolGateScope, wish: Wish): RequestPlan {
  const { requestId, nowMs } = wish;
  const { gateCap } = scope;
  if (memory.gateCount >= gateCap) {
    const event = milestoneEvent('approval_cap_exceeded', {
      request_id: requestId,
      count: memory.gateCount,
      cap: gateCap,
    });
    const reason = `the task has asked for ${String(memory.gateCount)} approvals, which is all it may; go on without this call`;
    return { kind: 'refused', reason, memory, events: [event] };
  }
  const { limit } = limits.approvalRate;
  const { decision: rate, window } = takeFromWindow(memory.requests, limits.approvalRate, nowMs);
  if (rate.kind === 'limited') {
    const fields = { request_id: requestId, rate: window.length, limit };
    const seconds = String(Math.ceil(rate.retryAfterMs / 1000));
    const reason = `more than ${String(limit)} approvals in a minute; go on without this call, or try again in ${seconds} s`;
    return { kind: 'refused', reason, memory, events: [milestoneEvent('approval_rate_limit_exceeded', fields)] };
  }
  return planTimeout(memory, scope, wish);
}

function planTimeout(memory: GateMemory, scope: ToolGateScope, { requestId, decision, nowMs }: Wish): RequestPlan {
  const bounds = {
    ruleTimeoutsS: decision.ruleTimeoutsS,
    taskDefaultS: scope.approvalTimeoutS,
    lifetimeRemainingS: (parseIso(scope.task.deadlineAt) - nowMs) / 1000,
    cleanupMarginS: Math.ceil(scope.cleanupMarginMs / 1000),
  };
  const timeout = effectiveTimeout(bounds);
  const shrinking = timeout.kind === 'too_late' || timeout.isShrinking;
  const tellsShrinking = shrinking && !memory.shrinkingTold;
  const events = [
    ...(tellsShrinking ? [shrinkingEvent(requestId, bounds)] : []),
    ...cappedEvents(requestId, timeout, scope.approvalTimeoutS, decision.matchingRuleIds),
  ];
  const told = { ...memory, shrinkingTold: memory.shrinkingTold || shrinking };
  if (timeout.kind === 'waits')
    return { kind: 'ask', timeoutS: timeout.timeoutS, memory: noteRequest(told, nowMs), events };
  const left = String(Math.max(0, timeout.availableS));
  const reason = `only ${left} s are left before the task has to end, too few for a person to answer; go on without this call`;
  return { kind: 'refused', reason, memory: told, events };
}

function shrinkingEvent(
  requestId: RequestId,
  bounds: { readonly lifetimeRemainingS: number; readonly cleanupMarginS: number; readonly taskDefaultS: number },
): NewTaskEvent {
  return milestoneEvent('approval_ceiling_shrinking', {
    request_id: requestId,
    max_lifetime_remaining_s: Math.floor(bounds.lifetimeRemainingS),
    cleanup_margin_s: bounds.cleanupMarginS,
    task_default_timeout_s: bounds.taskDefaultS,
  });
}

function cappedEvents(
  requestId: RequestId,
  timeout: EffectiveTimeout,
  requestedS: number,
  ruleIds: readonly string[],
): readonly NewTaskEvent[] {
  if (timeout.kind !== 'waits' || timeout.cappedBy === undefined) return [];
  return [
    milestoneEvent('approval_timeout_capped', {
      request_id: requestId,
      requested_timeout_s: requestedS,
      effective_timeout_s: timeout.timeoutS,
      reason: timeout.cappedBy,
      ...(timeout.cappedBy === 'rule_annotation' && { matching_rule_ids: [...ruleIds] }),
    }),
  ];
}
