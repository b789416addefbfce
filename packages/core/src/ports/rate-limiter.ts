import type { CallOptions } from './call-options.ts';

/** At most `limit` takes within any `windowMs` milliseconds. */
export interface RateRule {
  readonly limit: number;
  readonly windowMs: number;
}

export type RateDecision =
  { readonly kind: 'taken'; readonly remaining: number } | { readonly kind: 'limited'; readonly retryAfterMs: number };

/** Sliding window per key, shared by all processes. */
export interface RateLimiter {
  take(key: string, rule: RateRule, options?: CallOptions): Promise<RateDecision>;
}
