import { AbcaError } from '../errors/abca-error.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { RateLimiter, RateRule } from '../ports/rate-limiter.ts';

/** @throws AbcaError RATE_LIMIT_EXCEEDED with `details.retryAfterMs` when the rate of `key` is used up */
export async function takeRate(
  rates: RateLimiter,
  { key, rule, what }: { readonly key: string; readonly rule: RateRule; readonly what: string },
  options?: CallOptions,
): Promise<void> {
  const taken = await rates.take(key, rule, options);
  if (taken.kind === 'taken') return;
  const seconds = String(Math.ceil(taken.retryAfterMs / 1000));
  throw new AbcaError(
    'RATE_LIMIT_EXCEEDED',
    `more than ${String(rule.limit)} ${what} in ${String(rule.windowMs / 1000)} s; try again in ${seconds} s`,
    { retryable: true, details: { retryAfterMs: taken.retryAfterMs } },
  );
}
