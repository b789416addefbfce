import { isTerminal } from '../task/task-status.ts';
import type { Task } from '../task/task.ts';
import { parseIso } from '../time/iso-time.ts';
import { isSessionOpen, lastStopOf } from './session-ledger.ts';

/** How patient the reconciler of sessions is. */
export interface OrphanRules {
  /** Left alone for so long after the end of its task: whoever ended it is stopping it, milliseconds. */
  readonly graceMs: number;
  /** Before the next try after the first stop that proved nothing, milliseconds; doubled with each. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
}

/** What is to be done about an open session. `look`: a stop was accepted before, so it may well be over. */
export type OrphanVerdict = 'leave' | 'look' | 'stop';

/**
 * Whether an open session has to go: its task has ended, the row names another session, or a stop of it was asked for and
 * proved nothing.
 *
 * @param nowMs milliseconds since the epoch
 */
export function judgeSession(task: Task, nowMs: number, rules: OrphanRules): OrphanVerdict {
  if (!isSessionOpen(task)) return 'leave';
  const stop = lastStopOf(task);
  if (stop !== undefined) {
    if (nowMs < parseIso(stop.at) + retryDelayMs(stop.attempts, rules)) return 'leave';
    return stop.outcome === 'requested' ? 'look' : 'stop';
  }
  const isReplaced = task.sessionId !== undefined && task.sessionHandle?.sessionId !== task.sessionId;
  if (isReplaced) return 'stop';
  return isTerminal(task.status) && nowMs >= parseIso(task.statusCreatedAt) + rules.graceMs ? 'stop' : 'leave';
}

/** How long to wait after try number `attempts`, from 1, milliseconds. */
export function retryDelayMs(
  attempts: number,
  { firstRetryMs, longestRetryMs }: Pick<OrphanRules, 'firstRetryMs' | 'longestRetryMs'>,
): number {
  return Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempts - 1, 30));
}
