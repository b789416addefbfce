import { describe, expect, test } from '@jest/globals';
import { AbcaError, errorCodes, type AbcaErrorJson, type ErrorCode } from './abca-error.ts';

const codes = Object.keys(errorCodes) as readonly ErrorCode[];

describe('AbcaError', () => {
  test('is an error with a code, not retryable unless it is said', () => {
    const error = new AbcaError('STORE_ERROR', 'no');

    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'AbcaError', code: 'STORE_ERROR', message: 'no', retryable: false });
    expect(error.details).toBeUndefined();
    expect('cause' in error).toBe(false);
    expect(String(error)).toBe('AbcaError: no');
  });

  test('keeps its cause', () => {
    const cause = new Error('deep');

    expect(new AbcaError('STORE_ERROR', 'no', { cause }).cause).toBe(cause);
  });

  test('its brand is not seen when it is printed or copied', () => {
    expect(Object.getOwnPropertySymbols({ ...new AbcaError('STORE_ERROR', 'no') })).toStrictEqual([]);
  });

  describe('is()', () => {
    test('knows an AbcaError, and its code', () => {
      const error = new AbcaError('STORE_ERROR', 'no');

      expect(AbcaError.is(error)).toBe(true);
      expect(AbcaError.is(error, 'STORE_ERROR')).toBe(true);
      expect(AbcaError.is(error, 'STORE_CORRUPT')).toBe(false);
    });

    test.each([undefined, null, 'AbcaError', new Error('x'), { name: 'AbcaError', code: 'STORE_ERROR' }, 7])(
      'takes %s for none',
      (value) => {
        expect(AbcaError.is(value)).toBe(false);
      },
    );

    test('knows one that another copy of the package made', () => {
      const foreign = Object.assign(new Error('from another bundle'), {
        [Symbol.for('abca.error')]: true,
        code: 'STORE_ERROR',
      });

      expect(foreign).not.toBeInstanceOf(AbcaError);
      expect(AbcaError.is(foreign, 'STORE_ERROR')).toBe(true);
    });
  });

  describe('wrap()', () => {
    test('leaves an AbcaError as it is', () => {
      const error = new AbcaError('STORE_ERROR', 'no');

      expect(AbcaError.wrap(error, 'INTERNAL_ERROR', 'it failed')).toBe(error);
    });

    test.each([
      [new TypeError('deep'), 'it failed: deep'],
      ['text', 'it failed: text'],
      [undefined, 'it failed: undefined'],
    ])('%s becomes one that has it as its cause', (cause, message) => {
      const wrapped = AbcaError.wrap(cause, 'INTERNAL_ERROR', 'it failed');

      expect(wrapped).toMatchObject({ code: 'INTERNAL_ERROR', message, retryable: false });
      expect(wrapped.cause).toBe(cause);
    });
  });

  describe('toJSON() and fromJSON()', () => {
    test.each(codes)('%s survives a checkpoint', (code) => {
      const error = new AbcaError(code, `about ${code}`, { retryable: true, details: { reason: 'x', n: [1] } });

      const copy = AbcaError.fromJSON(JSON.parse(JSON.stringify(error)) as AbcaErrorJson);

      expect(AbcaError.is(copy, code)).toBe(true);
      expect(copy.toJSON()).toStrictEqual(error.toJSON());
      expect(copy.toJSON()).toStrictEqual({
        name: 'AbcaError',
        code,
        message: `about ${code}`,
        retryable: true,
        details: { reason: 'x', n: [1] },
      });
    });

    test('hold no cause and no details where there are none', () => {
      const error = new AbcaError('STORE_ERROR', 'no', { cause: new Error('secret') });

      expect(error.toJSON()).toStrictEqual({ name: 'AbcaError', code: 'STORE_ERROR', message: 'no', retryable: false });
      expect(AbcaError.fromJSON(error.toJSON()).details).toBeUndefined();
    });
  });
});

describe('errorCodes', () => {
  test.each(Object.entries(errorCodes))('%s: %s', (code, meaning) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(meaning).toMatch(/^[a-z].{10,}[^.]$/);
  });
});
