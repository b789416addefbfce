import type { CallOptions } from './call-options.ts';

/** How a signal ended. `gone`: nobody waits on this callback any more, which is not an error. */
export type SignalResult = { readonly kind: 'delivered' } | { readonly kind: 'gone' };

/** Tells a waiting workflow something happened. Safe to repeat. */
export interface SessionSignals {
  /** End the wait. `payload` is plain JSON below 256 KB. @throws AbcaError SERVICE_UNAVAILABLE (retryable) */
  complete(callbackId: string, payload: unknown, options?: CallOptions): Promise<SignalResult>;
  /** Keep the wait alive. @throws AbcaError SERVICE_UNAVAILABLE (retryable) */
  heartbeat(callbackId: string, options?: CallOptions): Promise<SignalResult>;
}
