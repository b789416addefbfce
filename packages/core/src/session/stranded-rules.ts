import { limits } from '../limits.ts';
import { wipRefOf } from '../receipt/compute-receipt.ts';
import { isTerminal } from '../task/task-status.ts';
import type { Failure, Task } from '../task/task.ts';
import { parseIso } from '../time/iso-time.ts';
import { retryDelayMs } from './orphan-rules.ts';

/** How patient the reconciler of tasks is. All in milliseconds but `rescues`. */
export interface StrandedRules {
  /** A task that stands in SUBMITTED for so long may not have been started. */
  readonly startAfterMs: number;
  /** Longest stay in a status without a session that shows life: HYDRATING, FINALIZING, and QUEUED beyond its own limit. */
  readonly stayMs: number;
  /** Beyond the lease: the workflow looks after a silent session first, and may take ten minutes for it. */
  readonly leaseMarginMs: number;
  /** Beyond the expiry of a request: its session ends the wait first. */
  readonly approvalMarginMs: number;
  /** Beyond the deadline of the task. */
  readonly deadlineMarginMs: number;
  /** How often the workflow is set going again before a task is given up. */
  readonly rescues: number;
  /** Before the next rescue after the first one; doubled with each. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
}

/** What is to be done about a task that has not ended. */
export type StrandedVerdict =
  | { readonly kind: 'leave' }
  /** Start its workflow, which may never have been. */
  | { readonly kind: 'start' }
  /** Its session is over: set its workflow going, which finalizes it. */
  | { readonly kind: 'wake' }
  | { readonly kind: 'fail'; readonly failure: Failure };

/** What a verdict is made of. */
export interface StrandedCase {
  readonly task: Task;
  readonly nowMs: number;
  /** No age counts from before this: whatever runs the workflows was away then. */
  readonly aliveSinceMs: number;
  /** When the request that the task waits for expires. Absent: the store forgot it, which it does after the expiry. */
  readonly approvalExpiresMs?: number;
  readonly rules: StrandedRules;
}

/** Whether nobody looks after a task any more, by its row alone. */
export function judgeTask(seen: StrandedCase): StrandedVerdict {
  const { task, rules } = seen;
  if (isTerminal(task.status)) return leave;
  if (task.status === 'SUBMITTED') {
    return isPast(seen, statusMs(seen) + rules.startAfterMs) ? rescue(seen, 'start') : leave;
  }
  if (!isLate(seen)) return leave;
  const isOver = task.result !== undefined || task.status === 'FINALIZING';
  return isOver ? rescue(seen, 'wake') : { kind: 'fail', failure: strandedFailure(task) };
}

const leave: StrandedVerdict = { kind: 'leave' };

/** Whether the task stands where it is for longer than those who look after it would let it. */
function isLate(seen: StrandedCase): boolean {
  const { task, rules } = seen;
  const [stay, lease] = [isPast(seen, statusMs(seen) + rules.stayMs), isPast(seen, leaseMs(seen))];
  switch (task.status) {
    case 'QUEUED':
      return isPast(seen, statusMs(seen) + limits.queueMs + rules.stayMs);
    case 'HYDRATING':
      return stay && lease;
    case 'FINALIZING':
      return stay;
    case 'RUNNING':
      return lease || isPastDeadline(seen);
    case 'AWAITING_APPROVAL':
      return lease || isPastDeadline(seen) || isPast(seen, expiryMs(seen) + rules.approvalMarginMs);
    default:
      return false;
  }
}

function isPast({ nowMs, aliveSinceMs, rules }: StrandedCase, ms: number): boolean {
  return nowMs >= Math.max(ms, aliveSinceMs + rules.startAfterMs);
}

function statusMs({ task, aliveSinceMs }: StrandedCase): number {
  return Math.max(parseIso(task.statusCreatedAt), aliveSinceMs);
}

/** When the lease is given up. A task that was never leased is as old as its status. */
function leaseMs(seen: StrandedCase): number {
  const { task, aliveSinceMs, rules } = seen;
  const lease = task.leaseExpiresAt === undefined ? statusMs(seen) : parseIso(task.leaseExpiresAt);
  return Math.max(lease, aliveSinceMs) + rules.leaseMarginMs;
}

function expiryMs(seen: StrandedCase): number {
  return Math.max(seen.approvalExpiresMs ?? statusMs(seen), seen.aliveSinceMs);
}

function isPastDeadline(seen: StrandedCase): boolean {
  return isPast(seen, Math.max(parseIso(seen.task.deadlineAt), seen.aliveSinceMs) + seen.rules.deadlineMarginMs);
}

/**
 * Set going again, at growing distances; when that was of no use, the task is given up: a result that nobody verified for so
 * long will not be. One with a result has until its deadline in any case.
 */
function rescue(seen: StrandedCase, kind: 'start' | 'wake'): StrandedVerdict {
  const { task, rules } = seen;
  const last = task.rescue !== undefined && task.rescue.at >= task.statusCreatedAt ? task.rescue : undefined;
  if (last !== undefined && !isPast(seen, parseIso(last.at) + retryDelayMs(last.attempts, rules))) return leave;
  const isHopeless = last !== undefined && last.attempts >= rules.rescues;
  if (!isHopeless || (task.result !== undefined && !isPastDeadline(seen))) return { kind };
  return { kind: 'fail', failure: strandedFailure(task) };
}

function strandedFailure(task: Task): Failure {
  const lease = task.leaseExpiresAt === undefined ? '' : `, its lease ended ${task.leaseExpiresAt}`;
  const saved = task.sessionHandle === undefined ? '' : `; what it saved is at ${wipRefOf(task.taskId)} of the remote`;
  return {
    code: 'TASK_STRANDED',
    message: `nobody looked after the task any more: ${task.status} since ${task.statusCreatedAt}${lease}${saved}; submit it again`,
  };
}
