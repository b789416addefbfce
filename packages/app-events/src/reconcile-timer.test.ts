import { CapturingLogger, FakeClock } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { startReconcileTimer } from './reconcile-timer.ts';

function aTimer(run: (signal: AbortSignal) => Promise<unknown>) {
  const clock = new FakeClock();
  const logger = new CapturingLogger();
  return { clock, logger, timer: startReconcileTimer({ run, clock, logger, intervalMs: 60_000 }) };
}

describe('startReconcileTimer()', () => {
  test('runs after each interval, counted from the end of the run before', async () => {
    const begun: number[] = [];
    let finish = Promise.withResolvers<undefined>();
    const { clock, timer } = aTimer(async () => {
      begun.push(clock.nowMs());
      await finish.promise;
    });
    const startMs = clock.nowMs();

    await clock.advance(59_999);
    expect(begun).toStrictEqual([]);
    await clock.advance(200_000);
    expect(begun).toStrictEqual([startMs + 60_000]);
    finish.resolve(undefined);
    finish = Promise.withResolvers<undefined>();
    finish.resolve(undefined);
    await clock.advance(60_000);
    expect(begun).toHaveLength(2);

    await timer.stop();
  });

  test('goes on after a run that failed, and says so', async () => {
    let runs = 0;
    const error = new Error('x');
    const { clock, logger, timer } = aTimer(() => {
      runs += 1;
      return Promise.reject(error);
    });

    await clock.advance(120_000);
    await timer.stop();

    expect(runs).toBe(2);
    expect(logger.lines[0]).toStrictEqual({
      level: 'error',
      message: 'run of the reconcilers failed',
      fields: { error },
    });
  });

  test('a stop tells the run at work and waits for it; nothing begins after it', async () => {
    const seen: string[] = [];
    const work = Promise.withResolvers<undefined>();
    const { clock, timer } = aTimer(async (signal) => {
      seen.push('begun');
      await work.promise;
      seen.push(`ended, told: ${String(signal.aborted)}`);
    });
    await clock.advance(60_000);

    const stopped = timer.stop().then(() => seen.push('stopped'));
    work.resolve(undefined);
    await stopped;
    await timer.stop();
    await clock.advance(600_000);

    expect(seen).toStrictEqual(['begun', 'ended, told: true', 'stopped']);
    expect(clock.sleeping).toBe(0);
  });
});
