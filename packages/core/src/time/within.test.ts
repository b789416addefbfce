import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.ts';
import { within } from './within.ts';

const bound = { what: 'the work', ms: 1_000 };

describe('within()', () => {
  test('gives what the work gives and leaves no timer', async () => {
    const clock = new FakeClock();

    expect(await within(clock, bound, async () => 'done')).toBe('done');
    expect(clock.sleeping).toBe(0);
  });

  test('rejects with what the work rejects with', async () => {
    const clock = new FakeClock();

    await expect(within(clock, bound, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    expect(clock.sleeping).toBe(0);
  });

  test('ends work that does not listen, and tells that which does', async () => {
    const clock = new FakeClock();
    let told: unknown;
    const running = within(clock, bound, (signal) => {
      signal.addEventListener('abort', () => (told = signal.reason));
      return new Promise(() => undefined);
    });
    const settled = expect(running).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'the work took longer than 1 s',
      retryable: true,
    });

    await clock.advance(1_000);

    await settled;
    expect(told).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  test('passes the outer signal on', async () => {
    const outer = new AbortController();
    const running = within(
      new FakeClock(),
      { ...bound, signal: outer.signal },
      (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    const settled = expect(running).rejects.toThrow('outer');

    outer.abort(new Error('outer'));

    await settled;
  });
});
