import { limits, parseIso, type Task } from '@abca/core';
import type { SessionRun } from './session-run.ts';

/** How much of its whole time a task keeps for saving and reporting, where that is less than the usual margin. */
const keptBack = 1 / 4;

/**
 * Time that is kept back before the deadline of a task to save work and report, in milliseconds: `limits.cleanupMarginMs`,
 * but never more than a quarter of the task's time, or a short task would be over before it began.
 *
 * @param firstLeaseMs when the session got its lease, in milliseconds since the epoch: it may be faster than the write of
 * `startedAt`
 */
export function cleanupMarginOf(
  { startedAt, deadlineAt }: Pick<Task, 'startedAt' | 'deadlineAt'>,
  firstLeaseMs: number,
): number {
  const startedAtMs = startedAt === undefined ? firstLeaseMs : parseIso(startedAt);
  const lifetimeMs = Math.max(0, parseIso(deadlineAt) - startedAtMs);
  return Math.min(limits.cleanupMarginMs, Math.floor(lifetimeMs * keptBack));
}

/**
 * Trip the stop switch when only the cleanup margin is left of the task's deadline, in the middle of a turn too: a
 * command that hangs must not keep the work from being saved.
 *
 * @returns disarms it, once the agent is done
 */
export function armLifetime({ deps, task, stop, cleanupMarginMs }: SessionRun): () => void {
  const disarmed = new AbortController();
  const endsAtMs = parseIso(task.deadlineAt) - cleanupMarginMs;
  const remainingMs = Math.max(0, endsAtMs - deps.clock.nowMs());
  void deps.clock.sleep(remainingMs, { signal: disarmed.signal }).then(
    () => {
      if (disarmed.signal.aborted) return;
      const message = `the agent used all of its time: the task ends at ${task.deadlineAt}; submit the rest`;
      stop.trip({ kind: 'lifetime', failure: { code: 'AGENT_LIFETIME_CAP', message } });
    },
    () => undefined,
  );
  return () => disarmed.abort(new Error('disarmed'));
}
