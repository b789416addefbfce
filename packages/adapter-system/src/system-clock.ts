import { setTimeout as delay } from 'node:timers/promises';
import type { CallOptions, Clock } from '@abca/core';

/** {@link Clock} on the machine's time. */
export class SystemClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  async sleep(ms: number, { signal }: CallOptions = {}): Promise<void> {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // The port rejects with the signal's own reason, the timer with an error made of it.
      throw signal?.aborted === true ? signal.reason : error;
    }
  }
}
