import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { takeFromWindow, type RateWindow } from './rate-window.ts';

const rule = fc.record({ limit: fc.integer({ min: 1, max: 5 }), windowMs: fc.integer({ min: 1, max: 50 }) });
const pauses = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 });

describe('takeFromWindow()', () => {
  test('never lets more through within any window than the limit', () => {
    fc.assert(
      fc.property(rule, pauses, (given, gaps) => {
        let window: RateWindow = [];
        let nowMs = 1_000;
        const taken: number[] = [];
        for (const gap of gaps) {
          nowMs += gap;
          const result = takeFromWindow(window, given, nowMs);
          window = result.window;
          if (result.decision.kind === 'taken') taken.push(nowMs);
        }
        for (const start of taken) {
          const within = taken.filter((atMs) => atMs >= start && atMs < start + given.windowMs);
          expect(within.length).toBeLessThanOrEqual(given.limit);
        }
        expect(window.length).toBeLessThanOrEqual(given.limit);
      }),
    );
  });

  test('lets through again after exactly the time it told', () => {
    fc.assert(
      fc.property(rule, pauses, (given, gaps) => {
        let window: RateWindow = [];
        let nowMs = 1_000;
        for (const gap of gaps) {
          nowMs += gap;
          const { decision, window: next } = takeFromWindow(window, given, nowMs);
          window = next;
          if (decision.kind === 'taken') continue;
          const at = nowMs + decision.retryAfterMs;
          expect(takeFromWindow(window, given, at - 1).decision.kind).toBe('limited');
          expect(takeFromWindow(window, given, at).decision.kind).toBe('taken');
        }
      }),
    );
  });

  test('counts down what is left, and lets nobody through a limit of 0', () => {
    expect(takeFromWindow([5], { limit: 3, windowMs: 10 }, 6)).toStrictEqual({
      window: [5, 6],
      decision: { kind: 'taken', remaining: 1 },
    });
    expect(takeFromWindow([], { limit: 0, windowMs: 10 }, 6)).toStrictEqual({
      window: [],
      decision: { kind: 'limited', retryAfterMs: 10 },
    });
  });
});
