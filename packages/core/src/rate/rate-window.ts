import type { RateDecision, RateRule } from '../ports/rate-limiter.ts';

/** The takes of one key that still count, oldest first, in milliseconds since the epoch. */
export type RateWindow = readonly number[];

/**
 * Take once from a sliding window. A take counts for exactly `windowMs` milliseconds; one that is refused does not count,
 * so that who keeps asking is let in as soon as who waits.
 */
export function takeFromWindow(
  window: RateWindow,
  { limit, windowMs }: RateRule,
  nowMs: number,
): { readonly window: RateWindow; readonly decision: RateDecision } {
  const recent = window.filter((atMs) => atMs > nowMs - windowMs);
  if (recent.length >= limit) {
    // The take whose end leaves room for one more. With a limit of 0 there never is.
    const blockingMs = recent[recent.length - limit] ?? nowMs;
    return { window: recent, decision: { kind: 'limited', retryAfterMs: blockingMs + windowMs - nowMs } };
  }
  return { window: [...recent, nowMs], decision: { kind: 'taken', remaining: limit - recent.length - 1 } };
}
