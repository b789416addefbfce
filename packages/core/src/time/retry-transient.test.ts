import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { testEpochMs } from '../testing/builders.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { retryTransient } from './retry-transient.ts';

const away = new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true });

describe('retryTransient()', () => {
  test('tries again with growing pauses', async () => {
    const clock = new FakeClock();
    const tries: number[] = [];
    const running = retryTransient(clock, { tries: 3, firstDelayMs: 100 }, async (attempt) => {
      tries.push(clock.nowMs() - testEpochMs);
      if (attempt < 3) throw away;
      return attempt;
    });

    await clock.advance(300);

    expect(await running).toBe(3);
    expect(tries).toStrictEqual([0, 100, 300]);
  });

  test('gives up after its tries', async () => {
    const clock = new FakeClock();
    let tries = 0;
    const running = retryTransient(clock, { tries: 2, firstDelayMs: 100 }, async () => {
      tries += 1;
      throw away;
    });
    const settled = expect(running).rejects.toBe(away);

    await clock.advance(10_000);

    await settled;
    expect(tries).toBe(2);
  });

  test.each([new AbcaError('STORE_ERROR', 'refused'), new Error('boom')])('does not repeat %s', async (error) => {
    let tries = 0;

    await expect(
      retryTransient(new FakeClock(), { tries: 5, firstDelayMs: 1 }, async () => {
        tries += 1;
        throw error;
      }),
    ).rejects.toBe(error);
    expect(tries).toBe(1);
  });

  test('ends at the signal, before a try and in a pause', async () => {
    const clock = new FakeClock();
    const ended = new AbortController();
    const rule = { tries: 5, firstDelayMs: 100, signal: ended.signal };
    const running = retryTransient(clock, rule, () => Promise.reject(away));
    const settled = expect(running).rejects.toThrow('ended');
    await clock.advance(10);

    ended.abort(new Error('ended'));

    await settled;
    await expect(retryTransient(clock, rule, async () => 1)).rejects.toThrow('ended');
  });
});
