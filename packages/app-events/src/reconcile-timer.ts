import type { Clock, Logger } from '@abca/core';

export interface ReconcileTimerOptions {
  /** One run. Told by the signal that nothing new is to be begun. */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly logger: Logger;
  /** Between the end of a run and the next one, milliseconds. */
  readonly intervalMs: number;
}

/** A timer that runs. */
export interface ReconcileTimer {
  /** No run begins any more; resolves when the one that is at work has finished what it had begun. Repeatable. */
  stop(): Promise<void>;
}

/** Run the reconcilers again and again where nothing else has a schedule, the first time after one interval. */
export function startReconcileTimer(options: ReconcileTimerOptions): ReconcileTimer {
  const stopping = new AbortController();
  const running = runUntil(options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function runUntil({ run, clock, logger, intervalMs }: ReconcileTimerOptions, signal: AbortSignal): Promise<void> {
  while (await sleeps(clock, intervalMs, signal)) {
    try {
      await run(signal);
    } catch (error) {
      logger.error('run of the reconcilers failed', { error });
    }
  }
}

/** @returns false when it was stopped */
async function sleeps(clock: Pick<Clock, 'sleep'>, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, { signal });
  } catch {
    // A sleep ends early only by its signal.
  }
  return !signal.aborted;
}
