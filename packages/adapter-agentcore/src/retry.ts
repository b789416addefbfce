import type { CallOptions, Clock } from '@abca/core';

/** How often and how long one call of the service is tried. */
export interface RetryPolicy {
  /** Tries, the first among them. */
  readonly attempts: number;
  /** Before the second try, in milliseconds; twice as long before each further one. */
  readonly firstDelayMs: number;
  /** How long one try may take, in milliseconds. A new session's container has to come up meanwhile. */
  readonly attemptMs: number;
}

/** Four tries within four minutes and seven seconds: a Lambda function has fifteen minutes. */
export const defaultRetry: RetryPolicy = { attempts: 4, firstDelayMs: 1_000, attemptMs: 60_000 };

/** A try that got no answer in time. What it asked for may have been done. */
export class AttemptTimeout extends Error {
  override readonly name = 'TimeoutError';

  constructor(ms: number) {
    super(`no answer in ${String(ms)} ms`);
  }
}

export interface Retrying<T> extends CallOptions {
  readonly clock: Clock;
  readonly policy: RetryPolicy;
  /** One try. Must end when its signal is aborted. */
  readonly attempt: (signal: AbortSignal) => Promise<T>;
  /** Told of each failed try, the last among them; whether another one may help. */
  readonly again: (error: unknown) => boolean;
}

/** Try until it succeeds, cannot, or was tried often enough; then the last error is thrown. */
export async function retry<T>(retrying: Retrying<T>): Promise<T> {
  const { clock, policy, again, signal } = retrying;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryOnce(retrying);
    } catch (error) {
      signal?.throwIfAborted();
      if (!again(error) || attempt >= policy.attempts) throw error;
      await clock.sleep(policy.firstDelayMs * 2 ** (attempt - 1), signal === undefined ? {} : { signal });
    }
  }
}

async function tryOnce<T>({ clock, policy, attempt, signal }: Retrying<T>): Promise<T> {
  const late = new AbortController();
  const over = new AbortController();
  clock.sleep(policy.attemptMs, { signal: over.signal }).then(
    () => late.abort(new AttemptTimeout(policy.attemptMs)),
    () => undefined,
  );
  try {
    return await attempt(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
  } catch (error) {
    // The client rejects with an error of its own: what counts is why it was told to.
    late.signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
  }
}
