import { describe, expect, test } from '@jest/globals';

import type { LocalClock } from './clock.ts';
import { Scheduler } from './scheduler.ts';

/** A clock that moves when it is told to. */
class FakeClock implements LocalClock {
  #nowMs = 0;
  #timers = new Map<number, { readonly atMs: number; readonly fire: () => void }>();
  #ids = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(ms: number, fire: () => void): () => void {
    const id = (this.#ids += 1);
    this.#timers.set(id, { atMs: this.#nowMs + ms, fire });
    return () => this.#timers.delete(id);
  }

  get timers(): number {
    return this.#timers.size;
  }

  advanceTo(nowMs: number): void {
    for (;;) {
      const due = [...this.#timers].filter(([, { atMs }]) => atMs <= nowMs).sort((a, b) => a[1].atMs - b[1].atMs)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#nowMs = due[1].atMs;
      due[1].fire();
    }
    this.#nowMs = nowMs;
  }
}

describe('Scheduler', () => {
  test('fires what is due, once, in time order, with one timer', () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    const scheduler = new Scheduler(clock, (key) => fired.push(`${key}@${String(clock.nowMs())}`));
    scheduler.set('late', 300);
    scheduler.set('early', 100);
    scheduler.set('moved', 50);
    scheduler.set('moved', 200);
    scheduler.set('forgotten', 150);
    scheduler.set('forgotten', undefined);

    expect(clock.timers).toBe(1);
    clock.advanceTo(1000);

    expect(fired).toStrictEqual(['early@100', 'moved@200', 'late@300']);
    expect(clock.timers).toBe(0);
  });

  test('sleeps in bounded pieces toward a moment far away', () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    const year = 365 * 24 * 60 * 60 * 1000;
    new Scheduler(clock, (key) => fired.push(key)).set('far', year);

    clock.advanceTo(year - 1);
    expect(fired).toStrictEqual([]);
    clock.advanceTo(year);

    expect(fired).toStrictEqual(['far']);
  });

  test('does nothing after stop()', () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    const scheduler = new Scheduler(clock, (key) => fired.push(key));
    scheduler.set('a', 10);

    scheduler.stop();
    scheduler.set('b', 10);
    clock.advanceTo(100);

    expect(fired).toStrictEqual([]);
  });
});
