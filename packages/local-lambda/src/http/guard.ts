import type { MiddlewareHandler } from 'hono';

import { LambdaApiError } from '../errors.ts';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Refuse requests whose Host is not loopback or listed: a page in a browser that had its own name resolve to this
 * machine (DNS rebinding) must not reach the API.
 */
export function hostGuard(allowedHosts: readonly string[]): MiddlewareHandler {
  const allowed = new Set([...LOOPBACK, ...allowedHosts.map((host) => host.toLowerCase())]);
  return async (context, next) => {
    const host = (context.req.header('host') ?? '').replace(/:\d+$/, '').toLowerCase();
    if (!allowed.has(host)) {
      throw new LambdaApiError('AccessDeniedException', `this server does not answer to host "${host}"`);
    }
    await next();
  };
}

const CREDENTIAL = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\//;

/**
 * Require the SigV4 credential to name an access key. The signature itself is not checked: the key is a capability that
 * only processes of this platform are given.
 */
export function credentialGuard(accessKeyId: string): MiddlewareHandler {
  return async (context, next) => {
    const header = context.req.header('authorization');
    if (header === undefined) {
      throw new LambdaApiError('MissingAuthenticationTokenException', 'Missing Authentication Token');
    }
    if (CREDENTIAL.exec(header)?.[1] !== accessKeyId) {
      const message = 'The security token included in the request is invalid.';
      throw new LambdaApiError('UnrecognizedClientException', message);
    }
    await next();
  };
}
