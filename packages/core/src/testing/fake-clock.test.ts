import { describe, expect, test } from '@jest/globals';
import { testEpochMs } from './builders.ts';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  test('stands still until it is told to move', async () => {
    const clock = new FakeClock();

    expect(clock.nowMs()).toBe(testEpochMs);
    await clock.advance(5);
    expect(clock.nowMs()).toBe(testEpochMs + 5);
    expect(new FakeClock(7).nowMs()).toBe(7);
  });

  test('wakes sleepers in the order of their times, each at its own', async () => {
    const clock = new FakeClock(0);
    const woken: (readonly [string, number])[] = [];
    const sleep = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push([name, clock.nowMs()]);
    };
    void sleep('late', 20);
    void sleep('early', 10);
    void sleep('never', 31);

    await clock.advance(30);

    expect(woken).toStrictEqual([
      ['early', 10],
      ['late', 20],
    ]);
    expect(clock.nowMs()).toBe(30);
    expect(clock.sleeping).toBe(1);
  });

  test('wakes who falls asleep anew within the advance', async () => {
    const clock = new FakeClock(0);
    const ticks: number[] = [];
    const tick = async (): Promise<void> => {
      for (;;) {
        await clock.sleep(10);
        ticks.push(clock.nowMs());
      }
    };
    void tick();

    await clock.advance(35);

    expect(ticks).toStrictEqual([10, 20, 30]);
  });

  test('a sleep ends with the reason of its signal, before or while it lasts', async () => {
    const clock = new FakeClock(0);
    const abort = new AbortController();
    const sleeping = clock.sleep(10, { signal: abort.signal });

    abort.abort(new Error('enough'));

    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleep(10, { signal: abort.signal })).rejects.toThrow('enough');
    expect(clock.sleeping).toBe(0);
  });
});
