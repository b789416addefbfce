import type { CallOptions } from './call-options.ts';

/** Time, as a port: nothing in core reads an ambient clock. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, options?: CallOptions): Promise<void>;
}
