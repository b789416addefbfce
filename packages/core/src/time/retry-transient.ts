import { AbcaError } from '../errors/abca-error.ts';
import type { Clock } from '../ports/clock.ts';

/** How often and how fast something is tried again. */
export interface RetryRule {
  /** In all, at least 1. */
  readonly tries: number;
  /** Before the second try, in milliseconds; doubles from then on. */
  readonly firstDelayMs: number;
  readonly signal?: AbortSignal;
}

/**
 * `act`, repeated while it fails with a retryable error and tries are left.
 *
 * @param act gets the number of the try, from 1
 * @throws what the last try threw, or the signal's reason
 */
export async function retryTransient<T>(
  clock: Clock,
  rule: RetryRule,
  act: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    rule.signal?.throwIfAborted();
    try {
      return await act(attempt);
    } catch (error) {
      const mayPass = AbcaError.is(error) && error.retryable;
      if (!mayPass || attempt >= rule.tries) throw error;
    }
    await clock.sleep(rule.firstDelayMs * 2 ** (attempt - 1), rule.signal && { signal: rule.signal });
  }
}
