import type { RateLimiter } from '@abca/core';
import type { FakeClock } from '@abca/core/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { rejectionsOf } from './outcome-of.ts';

/** What every {@link RateLimiter} must do. Run from each implementation's own test file. */
export function rateLimiterContract(setup: {
  /** A fresh limiter on `clock`. `another` gives the same one as a second process has it. */
  create(): Promise<{ readonly rates: RateLimiter; readonly clock: FakeClock; another(): RateLimiter }>;
}): void {
  describe('RateLimiter contract', () => {
    let rates: RateLimiter;
    let clock: FakeClock;
    let another: () => RateLimiter;

    beforeEach(async () => {
      ({ rates, clock, another } = await setup.create());
    });

    const rule = { limit: 3, windowMs: 1_000 };

    test('lets as many through as the rule says and tells how many are left', async () => {
      const decisions = [];
      for (let n = 0; n < 4; n += 1) decisions.push(await rates.take('k', rule));

      expect(decisions).toStrictEqual([
        { kind: 'taken', remaining: 2 },
        { kind: 'taken', remaining: 1 },
        { kind: 'taken', remaining: 0 },
        { kind: 'limited', retryAfterMs: 1_000 },
      ]);
    });

    test('slides: a take counts for the window from when it was made, and not a millisecond longer', async () => {
      await rates.take('k', rule);
      await clock.advance(400);
      await rates.take('k', rule);
      await rates.take('k', rule);

      const full = await rates.take('k', rule);
      await clock.advance(599);
      const stillFull = await rates.take('k', rule);
      await clock.advance(1);
      const free = await rates.take('k', rule);
      const fullAgain = await rates.take('k', rule);

      expect([full, stillFull, free, fullAgain]).toStrictEqual([
        { kind: 'limited', retryAfterMs: 600 },
        { kind: 'limited', retryAfterMs: 1 },
        { kind: 'taken', remaining: 0 },
        { kind: 'limited', retryAfterMs: 400 },
      ]);
    });

    test('a take that was refused does not count', async () => {
      for (let n = 0; n < 10; n += 1) await rates.take('k', rule);
      await clock.advance(1_000);

      expect(await rates.take('k', rule)).toStrictEqual({ kind: 'taken', remaining: 2 });
    });

    test('a limit that was lowered waits until enough takes have gone', async () => {
      for (let n = 0; n < 3; n += 1) {
        await rates.take('k', rule);
        await clock.advance(100);
      }

      expect(await rates.take('k', { ...rule, limit: 1 })).toStrictEqual({ kind: 'limited', retryAfterMs: 900 });
    });

    test('keeps keys apart', async () => {
      for (let n = 0; n < 3; n += 1) await rates.take('a', rule);

      expect(await rates.take('b', rule)).toStrictEqual({ kind: 'taken', remaining: 2 });
    });

    test('counts the takes of all processes, also when they race', async () => {
      const limiters = [rates, another(), another()];

      const decisions = await Promise.all(
        Array.from({ length: 24 }, (_, n) => limiters[n % 3]!.take('k', { limit: 10, windowMs: 60_000 })),
      );

      const remaining = decisions.flatMap((decision) => (decision.kind === 'taken' ? [decision.remaining] : []));
      expect(remaining.sort((a, b) => a - b)).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('ends with the reason of an aborted signal and takes nothing', async () => {
      const { reason, rejections } = await rejectionsOf([(options) => rates.take('k', rule, options)]);

      expect(rejections).toStrictEqual([reason]);
      expect(await rates.take('k', rule)).toStrictEqual({ kind: 'taken', remaining: 2 });
    });
  });
}
