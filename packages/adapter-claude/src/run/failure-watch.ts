import type { Clock } from '@abca/core';

/**
 * Watches how the requests to the model end and gives up when it has not answered for `giveUpAfterMs` since the first of
 * a row of failures. The SDK retries by itself, honouring `retry-after`; this bounds the whole of it in time.
 */
export class FailureWatch {
  readonly #clock: Clock;
  readonly #giveUpAfterMs: number;
  readonly #giveUp: (failure: string) => void;
  #waiting: AbortController | undefined;
  #latest: string | undefined;

  constructor(clock: Clock, giveUpAfterMs: number, giveUp: (failure: string) => void) {
    this.#clock = clock;
    this.#giveUpAfterMs = giveUpAfterMs;
    this.#giveUp = giveUp;
  }

  /** The failure of the latest request, if it failed. */
  get latest(): string | undefined {
    return this.#latest;
  }

  /** A request ended: `undefined` means well. */
  report(failure: string | undefined): void {
    this.#latest = failure;
    if (failure === undefined) this.stop();
    else if (!this.#waiting) this.#start();
  }

  stop(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
  }

  #start(): void {
    const waiting = new AbortController();
    this.#waiting = waiting;
    this.#clock.sleep(this.#giveUpAfterMs, { signal: waiting.signal }).then(
      () => this.#giveUp(this.#latest ?? 'no answer'),
      () => undefined,
    );
  }
}
