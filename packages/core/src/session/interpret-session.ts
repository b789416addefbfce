import type { Failure, Task } from '../task/task.ts';
import { isTerminal } from '../task/task-status.ts';
import { parseIso } from '../time/iso-time.ts';
import type { SessionStatus } from './session-status.ts';

/** What the workflow does next about a session that stopped sending heartbeats. */
export type SessionVerdict =
  /** Go to finalize: the task ended elsewhere, or its result is on the row. */
  | { readonly kind: 'finalize' }
  /** It lives: wait on. */
  | { readonly kind: 'wait' }
  /** It is over and left no result. The write may be in flight: read the row once more. */
  | { readonly kind: 'recheck'; readonly failure: Failure }
  /** Give it up: end the compute, then the task with this failure. */
  | { readonly kind: 'give_up'; readonly failure: Failure };

/**
 * Read a session's state from the task row and the substrate's report, in this order: what is stored beats what is seen.
 *
 * @param nowMs milliseconds since the epoch
 */
export function interpretSession(task: Task, status: SessionStatus, nowMs: number): SessionVerdict {
  const told = interpretRow(task, nowMs);
  if (told !== undefined) return told;
  switch (status.kind) {
    case 'completed':
      return { kind: 'recheck', failure: endedWithoutResult('it exited by itself') };
    case 'failed':
      return { kind: 'recheck', failure: endedWithoutResult(status.error) };
    case 'running':
    case 'suspended':
    case 'unobservable':
      return leaseHolds(task, nowMs) ? { kind: 'wait' } : { kind: 'give_up', failure: lost(task, status.kind) };
    default:
      return status satisfies never;
  }
}

/** What the row alone says; `undefined` when the substrate has to be asked. A poll that fails must not overrule it. */
export function interpretRow(
  task: Task,
  nowMs: number,
): Extract<SessionVerdict, { kind: 'finalize' | 'give_up' }> | undefined {
  if (isTerminal(task.status) || task.result !== undefined) return { kind: 'finalize' };
  return nowMs >= parseIso(task.deadlineAt) ? { kind: 'give_up', failure: deadlineFailure(task) } : undefined;
}

/** The failure of a task that passed its deadline. */
export function deadlineFailure(task: Task): Failure {
  const waiting = task.status === 'AWAITING_APPROVAL';
  return {
    code: waiting ? 'DEADLINE_WHILE_AWAITING_APPROVAL' : 'DEADLINE_EXCEEDED',
    message: `the deadline of the task, ${task.deadlineAt}, has passed${waiting ? ' while it waited for an approval' : ''}; submit it again in smaller parts`,
  };
}

function leaseHolds(task: Task, nowMs: number): boolean {
  return task.leaseExpiresAt !== undefined && nowMs < parseIso(task.leaseExpiresAt);
}

function endedWithoutResult(how: string): Failure {
  return { code: 'SESSION_ENDED_WITHOUT_RESULT', message: `the agent session ended without a result: ${how}` };
}

function lost(task: Task, shown: 'running' | 'suspended' | 'unobservable'): Failure {
  return {
    code: 'SESSION_LOST',
    message: `the agent session has not renewed its lease since ${task.leaseExpiresAt ?? 'it was started'} and the substrate shows it as ${shown}; it was stopped`,
  };
}
