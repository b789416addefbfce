import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { effectiveTimeout } from './effective-timeout.ts';

const { min, max } = limits.approvalTimeoutS;
const bounds = fc.record({
  ruleTimeoutsS: fc.array(fc.integer({ min: 1, max: 10_000 }), { maxLength: 4 }),
  taskDefaultS: fc.integer({ min, max }),
  lifetimeRemainingS: fc.double({ min: -1_000, max: 10_000, noNaN: true }),
  cleanupMarginS: fc.integer({ min: 0, max: 600 }),
});

describe('effectiveTimeout()', () => {
  test('is never under 30 s, over what the task says, or beyond its end less the margin', () => {
    fc.assert(
      fc.property(bounds, (given) => {
        const timeout = effectiveTimeout(given);
        const availableS = given.lifetimeRemainingS - given.cleanupMarginS;
        expect(timeout.kind).toBe(availableS < min ? 'too_late' : 'waits');
        if (timeout.kind !== 'waits') return;
        expect(timeout.timeoutS).toBeGreaterThanOrEqual(min);
        expect(timeout.timeoutS).toBeLessThanOrEqual(given.taskDefaultS);
        expect(timeout.timeoutS).toBeLessThanOrEqual(availableS);
        expect(Number.isInteger(timeout.timeoutS)).toBe(true);
      }),
    );
  });

  test('says what made it shorter exactly when something did', () => {
    fc.assert(
      fc.property(bounds, (given) => {
        const timeout = effectiveTimeout(given);
        if (timeout.kind === 'waits')
          expect(timeout.cappedBy !== undefined).toBe(timeout.timeoutS < given.taskDefaultS);
      }),
    );
  });
});
