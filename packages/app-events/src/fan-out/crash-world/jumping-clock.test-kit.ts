import type { CallOptions, Clock } from '@abca/core';
import { testEpochMs } from '@abca/core/testing';

interface Sleeper {
  readonly dueMs: number;
  wake(): void;
}

/** A clock that moves only when it is told to, and then wakes all who are due at once. Cheap with very many sleeps. */
export class JumpingClock implements Clock {
  #nowMs = testEpochMs;
  readonly #sleepers = new Set<Sleeper>();

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, { signal }: CallOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { dueMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason as Error);
      });
    });
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueMs > this.#nowMs) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
