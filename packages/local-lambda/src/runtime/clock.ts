/** Time and timers, so that tests need not wait. */
export interface LocalClock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Call `fire` once, after `ms` milliseconds; the returned function prevents it. */
  setTimer(ms: number, fire: () => void): () => void;
}

/** Longest delay that `setTimeout` can represent; beyond it Node fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: LocalClock = {
  nowMs: () => Date.now(),
  setTimer(ms, fire) {
    const timer = setTimeout(fire, Math.min(Math.max(ms, 0), MAX_DELAY_MS));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
