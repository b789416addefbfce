import { AbcaError } from '@abca/core';
import { expect, test } from '@jest/globals';
import { parseSender } from './sender.ts';

test.each([
  ['abca@example.com', 'example.com'],
  ['ABCA <abca@mail.example.com>', 'mail.example.com'],
  ['"ABCA, the agents" <abca@example.com>', 'example.com'],
])('%s is a sender of %s', (from, domain) => {
  expect(parseSender(from)).toStrictEqual({ from, domain });
});

test.each([
  '',
  'abca',
  'ABCA <abca>',
  'ABCA <abca@example.com',
  'ABCA<abca@example.com>',
  '<abca@example.com>',
  'Grüße <abca@example.com>',
  'A\r\nBcc: eve@example.org <abca@example.com>',
  'A <a@example.com> <b@example.com>',
  'abca@example.com, eve@example.org',
  'abca@example.com\n',
])('%j is none', (from) => {
  let thrown: unknown;
  try {
    parseSender(from);
  } catch (error) {
    thrown = error;
  }

  expect(AbcaError.is(thrown, 'CONFIG_INVALID')).toBe(true);
});
