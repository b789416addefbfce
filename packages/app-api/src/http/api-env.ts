import type { UserId } from '@abca/core';

/** What the middleware leaves for the handlers. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    /** The authenticated caller. Set on every route that needs one. */
    userId: UserId;
  };
}
