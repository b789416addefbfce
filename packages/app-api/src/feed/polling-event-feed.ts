import type { CallOptions, Clock, EventFeed } from '@abca/core';
import { settleOnAbort } from './settle-on-abort.ts';

/** An {@link EventFeed} that knows nothing and lets readers look again after a fixed time: for logs written by other machines. */
export class PollingEventFeed implements EventFeed {
  readonly #clock: Clock;
  readonly #intervalMs: number;

  /** @param options.intervalMs time between two looks, milliseconds; default 1,000 */
  constructor(options: { readonly clock: Clock; readonly intervalMs?: number }) {
    this.#clock = options.clock;
    this.#intervalMs = options.intervalMs ?? 1000;
  }

  async changed(_query: unknown, options: CallOptions = {}): Promise<void> {
    await settleOnAbort(this.#clock.sleep(this.#intervalMs, options), options.signal);
  }
}
