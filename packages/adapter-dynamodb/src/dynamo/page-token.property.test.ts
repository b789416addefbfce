import { AbcaError } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatPageToken, parsePageToken } from './page-token.ts';

const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });

describe('page token', () => {
  test('gives back the key it was made from, and is safe in a URL', () => {
    fc.assert(
      fc.property(part, part, fc.option(part, { nil: undefined }), (id, sort, range) => {
        const key = { id, sort, ...(range !== undefined && { range }) };
        const token = formatPageToken(key);

        expect(parsePageToken(token)).toStrictEqual(key);
        expect(token).toMatch(/^[\w-]+$/);
      }),
    );
  });

  test('refuses whatever it did not make', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.json().map((json) => btoa(encodeURI(json))),
        ),
        (text) => {
          let error: unknown;
          try {
            parsePageToken(text);
          } catch (thrown) {
            error = thrown;
          }
          expect(AbcaError.is(error, 'VALIDATION_ERROR')).toBe(true);
        },
      ),
    );
  });
});
