import type { LocalClock } from './clock.ts';

/** Longest sleep of the one timer, in milliseconds: well under what a timer can represent. */
const MAX_SLEEP_MS = 24 * 60 * 60 * 1000;

/**
 * One timer for everything that is due later. What is due is computed from stored state by the caller; this only
 * remembers the moments.
 */
export class Scheduler {
  readonly #clock: LocalClock;
  readonly #onDue: (key: string) => void;
  readonly #dueMs = new Map<string, number>();
  #cancel: (() => void) | undefined;
  #armedMs = Number.POSITIVE_INFINITY;
  #isStopped = false;

  constructor(clock: LocalClock, onDue: (key: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Remember when `key` is due next; `undefined` forgets it. */
  set(key: string, dueMs: number | undefined): void {
    if (this.#isStopped) return;
    if (dueMs === undefined) this.#dueMs.delete(key);
    else this.#dueMs.set(key, dueMs);
    if (dueMs !== undefined && dueMs < this.#armedMs) this.#arm(dueMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#dueMs.clear();
  }

  #arm(dueMs: number): void {
    this.#cancel?.();
    this.#armedMs = dueMs;
    const delayMs = Math.min(Math.max(0, Math.ceil(dueMs - this.#clock.nowMs())), MAX_SLEEP_MS);
    this.#cancel = this.#clock.setTimer(delayMs, () => {
      this.#fire();
    });
  }

  #fire(): void {
    this.#armedMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    const due = [...this.#dueMs].filter(([, dueMs]) => dueMs <= nowMs).map(([key]) => key);
    for (const key of due) {
      this.#dueMs.delete(key);
      this.#onDue(key);
    }
    if (this.#isStopped || this.#dueMs.size === 0) return;
    this.#arm(Math.min(...this.#dueMs.values()));
  }
}
