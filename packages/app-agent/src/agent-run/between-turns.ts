import { AbcaError, type TurnDirective } from '@abca/core';
import { saveWork } from '../delivery/save-work.ts';
import type { SessionRun } from '../session/session-run.ts';

/**
 * What happens between two turns, in this order: the lease is renewed, by which a cancel is seen; the caps that the agent
 * does not know are looked at, which the stop switch has; the work is saved.
 */
export function createBetweenTurns(run: SessionRun): (turn: number) => Promise<TurnDirective> {
  return async (turn) => {
    await run.lease.check();
    const stopped = stopDirective(run);
    if (stopped !== undefined) return stopped;
    await saveAfterTurn(run, turn);
    return stopDirective(run) ?? { kind: 'continue' };
  };
}

function stopDirective({ stop }: SessionRun): TurnDirective | undefined {
  const reason = stop.reason();
  return reason && { kind: 'stop', reason: reason.failure.message };
}

/** A remote that is away for a while costs nothing but a warning: the next turn saves again. A full disk ends the session. */
async function saveAfterTurn(run: SessionRun, turn: number): Promise<void> {
  try {
    await saveWork(run, run.stop.signal);
  } catch (error) {
    if (run.stop.reason() !== undefined) return;
    const { code, message } = AbcaError.wrap(error, 'WORKSPACE_ERROR', 'the work could not be saved');
    run.deps.logger.warn('work not saved', { error, turn });
    if (code === 'WORKSPACE_DISK_FULL') run.stop.trip({ kind: 'fatal', failure: { code, message } });
  }
}
