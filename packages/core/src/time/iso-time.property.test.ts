import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AbcaError } from '../errors/abca-error.ts';
import { addMs, formatIso, parseIso } from './iso-time.ts';

const moment = fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z') });

describe('iso time', () => {
  test('parseIso() gives back what formatIso() wrote, and text sorts as time does', () => {
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        expect(parseIso(formatIso(a))).toBe(a);
        expect(formatIso(a) < formatIso(b)).toBe(a < b);
      }),
    );
  });

  test('reads times with and without milliseconds alike (L9)', () => {
    expect(parseIso('2026-11-23T19:53:51Z')).toBe(parseIso('2026-11-23T19:53:51.000Z'));
    expect(parseIso('2026-11-23T19:53:51.5Z') - parseIso('2026-11-23T19:53:51Z')).toBe(500);
  });

  test.each([
    '',
    'yesterday',
    '2026-11-23',
    '2026-11-23T19:53:51',
    '2026-11-23T19:53:51+01:00',
    '2026-13-23T19:53:51Z',
    ' 2026-11-23T19:53:51Z',
  ])('refuses %j and says how to write it', (text) => {
    expect(() => parseIso(text)).toThrow(`not a UTC time: "${text}"; write it as 2026-01-31T12:00:00.000Z`);
  });

  test('refuses with VALIDATION_ERROR', () => {
    let thrown: unknown;
    try {
      parseIso('yesterday');
    } catch (error) {
      thrown = error;
    }

    expect(AbcaError.is(thrown, 'VALIDATION_ERROR')).toBe(true);
  });

  test('addMs() moves in both directions', () => {
    expect(addMs(formatIso(1_000), -1)).toBe(formatIso(999));
  });
});
