import { AbcaError } from '@abca/core';
import type { MiddlewareHandler } from 'hono';

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether `authority` (`host` or `host:port`) names this machine itself. */
export function isLoopback(authority: string): boolean {
  const host = authority.toLowerCase().replace(/:\d{1,5}$/, '');
  return loopback.test(host);
}

/**
 * Keep web pages away from a local server: refuse requests that were addressed to another name than this machine's (a
 * rebound DNS name points a page's own origin at the loopback interface) and those that a browser sends for another origin.
 *
 * @param allowedHosts further values of Host to serve, for a server that was told to listen beyond loopback
 * @throws AbcaError FORBIDDEN
 */
export function loopbackOnly(allowedHosts: readonly string[] = []): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('Host') ?? new URL(c.req.url).host;
    if (!isLoopback(host) && !allowedHosts.includes(host)) {
      throw new AbcaError('FORBIDDEN', `this server answers to loopback names only, not to "${host}"`);
    }
    if (isForeign(c.req.header('Origin'), host) || c.req.header('Sec-Fetch-Site') === 'cross-site') {
      throw new AbcaError('FORBIDDEN', 'requests of other web sites are refused');
    }
    await next();
  };
}

function isForeign(origin: string | undefined, host: string): boolean {
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host.toLowerCase();
}
