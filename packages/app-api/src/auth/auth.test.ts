import { describe, expect, test } from '@jest/globals';
import { AbcaError, type UserId } from '@abca/core';
import { isLoopback } from './loopback-only.ts';
import { localTokenAuth } from './local-token-auth.ts';

const token = 'a-local-token-of-some-length';
const asks = (authorization?: string): Request =>
  new Request('http://localhost/v1/tasks', authorization === undefined ? {} : { headers: { authorization } });

describe('localTokenAuth()', () => {
  test('knows exactly the holder of the token', async () => {
    const authenticate = localTokenAuth(token, 'user-1' as UserId);

    const answers = await Promise.all(
      [undefined, '', 'Bearer', `Basic ${token}`, `Bearer ${token}x`, `Bearer x${token}`, `Bearer ${token} x`].map(
        (header) => authenticate(asks(header)),
      ),
    );

    expect(answers).toStrictEqual(answers.map(() => undefined));
    expect(await authenticate(asks(`Bearer ${token}`))).toBe('user-1');
    expect(await authenticate(asks(`bearer ${token}`))).toBe('user-1');
  });

  test('refuses a token that could be guessed', () => {
    let thrown: unknown;
    try {
      localTokenAuth('short', 'user-1' as UserId);
    } catch (error) {
      thrown = error;
    }

    expect(AbcaError.is(thrown, 'CONFIG_INVALID')).toBe(true);
  });
});

test.each([
  ['localhost', true],
  ['LOCALHOST:4820', true],
  ['127.0.0.1:80', true],
  ['127.8.9.1', true],
  ['[::1]:4820', true],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['evil.example:127', false],
  ['10.0.0.1', false],
  ['', false],
])('isLoopback(%j) is %j', (authority, expected) => {
  expect(isLoopback(authority)).toBe(expected);
});
