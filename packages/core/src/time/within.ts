import { AbcaError } from '../errors/abca-error.ts';
import type { Clock } from '../ports/clock.ts';

/** What a bounded piece of work is called and given. */
export interface Bound {
  /** Completes the sentence `… took longer than 10 s`. */
  readonly what: string;
  readonly ms: number;
  readonly signal?: AbortSignal;
}

/**
 * `act`, or a rejection after `ms` milliseconds, also when `act` does not listen to the signal it is given: what a
 * session does at its end must not keep it from ending.
 *
 * @throws AbcaError SERVICE_UNAVAILABLE (retryable) when the bound was reached
 */
export async function within<T>(
  clock: Clock,
  { what, ms, signal }: Bound,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const bound = new AbortController();
  const timer = new AbortController();
  const inner = signal === undefined ? bound.signal : AbortSignal.any([signal, bound.signal]);
  const timeout = clock.sleep(ms, { signal: timer.signal }).then(() => {
    const error = new AbcaError('SERVICE_UNAVAILABLE', `${what} took longer than ${String(ms / 1000)} s`, {
      retryable: true,
    });
    bound.abort(error);
    throw error;
  });
  // Whichever loses the race may still reject, when nobody looks any more.
  timeout.catch(() => undefined);
  const acting = act(inner);
  acting.catch(() => undefined);
  try {
    return await Promise.race([acting, timeout]);
  } finally {
    timer.abort(new Error('done'));
  }
}
