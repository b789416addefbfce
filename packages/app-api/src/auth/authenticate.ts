import { AbcaError, type UserId } from '@abca/core';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/api-env.ts';

/**
 * Who sends `request`; `undefined` when nobody known does. Rejects only when the identity provider does not answer.
 */
export type Authenticate = (request: Request) => Promise<UserId | undefined>;

/** Let only known callers through and tell the handlers who they are. */
export function requireUser(authenticate: Authenticate): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const userId = await authenticate(c.req.raw);
    if (userId === undefined) {
      throw new AbcaError(
        'UNAUTHORIZED',
        'the token is missing or not valid; send it as: Authorization: Bearer <token>',
      );
    }
    c.set('userId', userId);
    await next();
  };
}
