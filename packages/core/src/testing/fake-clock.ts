import type { CallOptions } from '../ports/call-options.ts';
import type { Clock } from '../ports/clock.ts';
import { testEpochMs } from './builders.ts';

interface Sleeper {
  readonly dueMs: number;
  wake(): void;
}

/**
 * A clock that moves only when it is told to.
 *
 * Behaviour: `advance(ms)` wakes the sleepers that become due one after the other, in the order of their due times, and
 * lets the work that each sets off settle before the next; who sleeps anew within the advance is woken too.
 */
export class FakeClock implements Clock {
  #nowMs: number;
  #sleepers: Sleeper[] = [];

  /** @param nowMs milliseconds since the epoch */
  constructor(nowMs: number = testEpochMs) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** How many sleep right now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, { signal }: CallOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const sleeper = { dueMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason as Error);
      });
    });
  }

  /** Move on by `ms` milliseconds. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#due(untilMs); next !== undefined; next = this.#due(untilMs)) {
      const due = next;
      this.#nowMs = Math.max(this.#nowMs, due.dueMs);
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== due);
      due.wake();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }

  #due(untilMs: number): Sleeper | undefined {
    return this.#sleepers.filter((sleeper) => sleeper.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  }
}

/** Lets everything run that waits on promises only. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
