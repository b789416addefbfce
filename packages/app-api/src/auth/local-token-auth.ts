import { createHash, timingSafeEqual } from 'node:crypto';
import { AbcaError, type UserId } from '@abca/core';
import type { Authenticate } from './authenticate.ts';

/** Fewer characters than this could be guessed through a loopback port. */
const minTokenChars = 16;

/**
 * Authentication of the local server: whoever sends `Authorization: Bearer <token>` is `userId`. Digests are compared, in
 * constant time: neither content nor length of the token shows in how long a refusal takes.
 *
 * @param token at least 16 characters
 * @throws AbcaError CONFIG_INVALID when the token is shorter
 */
export function localTokenAuth(token: string, userId: UserId): Authenticate {
  if (token.length < minTokenChars) {
    throw new AbcaError('CONFIG_INVALID', `the local token needs at least ${String(minTokenChars)} characters`);
  }
  const expected = digest(token);
  return (request) => {
    const given = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
    return Promise.resolve(timingSafeEqual(digest(given), expected) ? userId : undefined);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
