import { limits, parseIso } from '@abca/core';
import type { SessionRun } from './session-run.ts';

/**
 * Trip the stop switch when only the cleanup margin is left of the task's deadline, in the middle of a turn too: a
 * command that hangs must not keep the work from being saved.
 *
 * @returns disarms it, once the agent is done
 */
export function armLifetime({ deps, task, stop }: SessionRun): () => void {
  const disarmed = new AbortController();
  const endsAtMs = parseIso(task.deadlineAt) - limits.cleanupMarginMs;
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
