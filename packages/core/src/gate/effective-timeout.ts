import { limits } from '../limits.ts';

/** What bounds the wait for a person, in seconds. */
export interface TimeoutBounds {
  /** Of the rules that ask, those that say one. */
  readonly ruleTimeoutsS: readonly number[];
  readonly taskDefaultS: number;
  /** Until the deadline of the task. */
  readonly lifetimeRemainingS: number;
  /** Kept back of it to save the work and report. */
  readonly cleanupMarginS: number;
}

export type EffectiveTimeout =
  | {
      readonly kind: 'waits';
      readonly timeoutS: number;
      /** What made it shorter than the task's own, if anything did. */
      readonly cappedBy?: 'rule_annotation' | 'max_lifetime_ceiling';
      /** Whether the end of the task leaves less than the task's own. */
      readonly isShrinking: boolean;
    }
  /** Less is left than the shortest wait: nobody could answer in time. */
  | { readonly kind: 'too_late'; readonly availableS: number };

/** How long an approval is waited for: the shortest of what the rules, the task and its remaining life allow. */
export function effectiveTimeout(bounds: TimeoutBounds): EffectiveTimeout {
  const { taskDefaultS } = bounds;
  const shortest = limits.approvalTimeoutS.min;
  const availableS = Math.floor(bounds.lifetimeRemainingS - bounds.cleanupMarginS);
  if (availableS < shortest) return { kind: 'too_late', availableS };
  const ruleS = Math.min(...bounds.ruleTimeoutsS, Number.POSITIVE_INFINITY);
  const timeoutS = Math.max(shortest, Math.min(ruleS, taskDefaultS, availableS));
  const isShrinking = availableS < taskDefaultS;
  if (timeoutS >= taskDefaultS) return { kind: 'waits', timeoutS, isShrinking };
  const cappedBy = availableS < ruleS ? 'max_lifetime_ceiling' : 'rule_annotation';
  return { kind: 'waits', timeoutS, cappedBy, isShrinking };
}
