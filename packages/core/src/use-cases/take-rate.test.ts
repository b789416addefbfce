import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.ts';
import { InMemoryRateLimiter } from '../testing/in-memory-stores.ts';
import { takeRate } from './take-rate.ts';

const taking = { key: 'k', rule: { limit: 1, windowMs: 10_000 }, what: 'things' };

describe('takeRate()', () => {
  test('takes up to the limit, and says when to come again', async () => {
    const clock = new FakeClock();
    const rates = new InMemoryRateLimiter(clock);
    await takeRate(rates, taking);
    await clock.advance(2_500);

    await expect(takeRate(rates, taking)).rejects.toMatchObject({
      code: 'RATE_LIMIT_EXCEEDED',
      message: 'more than 1 things in 10 s; try again in 8 s',
      retryable: true,
      details: { retryAfterMs: 7_500 },
    });
    await expect(takeRate(rates, { ...taking, key: 'other' })).resolves.toBeUndefined();
    await clock.advance(7_500);
    await expect(takeRate(rates, taking)).resolves.toBeUndefined();
  });

  test('passes the signal on', async () => {
    const rates = new InMemoryRateLimiter();

    await expect(takeRate(rates, taking, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
  });
});
