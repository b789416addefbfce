import type { RequestId } from '../ids/ids.ts';
import { limits } from '../limits.ts';

/** A call that a person refused, or that nobody answered for. */
export interface RecentDecision {
  readonly toolName: string;
  readonly inputSha256: string;
  readonly status: 'DENIED' | 'TIMED_OUT';
  /** What the person said, for DENIED. */
  readonly reason: string;
  readonly requestId: RequestId;
  readonly ruleIds: readonly string[];
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/**
 * Decisions that are not asked for again for a minute, latest first, at most {@link limits.recentDecisions} of them. A bound
 * of its own: how often may be asked is another question.
 */
export type RecentDecisions = readonly RecentDecision[];

/** With `decision` added, in place of an older one on the same call. */
export function rememberDecision(recent: RecentDecisions, decision: RecentDecision): RecentDecisions {
  const others = recent.filter((other) => !isOnCall(other, decision));
  return [decision, ...others].slice(0, limits.recentDecisions.entries);
}

/** The decision that still holds for exactly this call. */
export function findOnCall(
  recent: RecentDecisions,
  call: Pick<RecentDecision, 'toolName' | 'inputSha256'>,
  nowMs: number,
): RecentDecision | undefined {
  return recent.find((decision) => isOnCall(decision, call) && isFresh(decision, nowMs));
}

/** A denial that still holds and was given where one of these rules asked. */
export function findDenialOfRules(
  recent: RecentDecisions,
  ruleIds: readonly string[],
  nowMs: number,
): RecentDecision | undefined {
  return recent.find(
    (decision) =>
      decision.status === 'DENIED' && isFresh(decision, nowMs) && decision.ruleIds.some((id) => ruleIds.includes(id)),
  );
}

/** Why a call is refused without asking, for the agent. */
export function describeRecent(decision: RecentDecision, nowMs: number): string {
  const seconds = String(Math.max(0, Math.round((nowMs - decision.atMs) / 1000)));
  const kept = String(limits.recentDecisions.keptMs / 1000);
  const what =
    decision.status === 'DENIED'
      ? `a person denied this ${seconds} s ago (request ${decision.requestId}): ${decision.reason}`
      : `nobody answered request ${decision.requestId} for this, which ended ${seconds} s ago`;
  return `${what}. It is not asked again within ${kept} s; reach the goal another way.`;
}

function isOnCall(a: RecentDecision, b: Pick<RecentDecision, 'toolName' | 'inputSha256'>): boolean {
  return a.toolName === b.toolName && a.inputSha256 === b.inputSha256;
}

function isFresh({ atMs }: RecentDecision, nowMs: number): boolean {
  return nowMs - atMs < limits.recentDecisions.keptMs;
}
