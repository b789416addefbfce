import { limits } from '@abca/core';
import type { Env, Hono, MiddlewareHandler } from 'hono';
import { ApiProblem } from '../errors/api-problem.ts';
import type { Api } from './api-app.ts';
import type { ApiEnv } from './api-env.ts';

/** A set of routes that other systems call and that prove by a signature of their own who calls: no bearer token is asked for. */
export interface SignedRoutes<E extends Env = ApiEnv> {
  /** Where they are served: `/v1/webhooks`. Nothing else is served at or below it. */
  readonly path: string;
  /**
   * The routes, with paths relative to `path`. They read the body as it was sent (`c.req.arrayBuffer()`), check its signature
   * before they ask any port, and throw what goes wrong: the app's one error handler answers, unless they are pages for people and set
   * an `onError` of their own.
   */
  readonly app: Hono<E>;
  /** Largest body, bytes. Default `limits.webhookBytes`. */
  readonly maxBytes?: number;
}

/**
 * Serve `signed` before guard, authentication and the rule for JSON bodies, all of which are for people's clients. Request
 * ids, 404, 405 and the one error handler are as everywhere.
 */
export function mountSigned(app: Api, { path, app: routes, maxBytes = limits.webhookBytes }: SignedRoutes): void {
  app.use(`${path}/*`, boundedBody(maxBytes));
  app.route(path, routes);
  // Whoever asks for something else below the path is told so here, and not that a token is missing.
  app.use(`${path}/*`, async (c) => c.notFound());
}

/** Read the body up to `maxBytes` and no further. The routes find the bytes that were sent, to check the signature over. */
function boundedBody(maxBytes: number): MiddlewareHandler {
  return async (c, next) => {
    const { body, headers } = c.req.raw;
    // What a client says of the length may refuse a body, but never let one in.
    if (Number(headers.get('Content-Length')) > maxBytes) throw tooLarge(maxBytes);
    if (body !== null) c.req.raw = new Request(c.req.raw, { body: await readBounded(body, maxBytes) });
    await next();
  };
}

async function readBounded(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Not cancelled when it is too large: a server that is told to cancel cuts the connection before the answer is out.
  const reader = body.getReader();
  for (let next = await readNext(reader); !next.done; next = await readNext(reader)) {
    size += next.value.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(next.value);
  }
  return joined(chunks, size);
}

async function readNext(reader: ReadableStreamDefaultReader<Uint8Array>): ReturnType<typeof reader.read> {
  try {
    return await reader.read();
  } catch {
    throw new ApiProblem('VALIDATION_ERROR', 'the body ended before all of it was sent');
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(maxBytes: number): ApiProblem {
  return new ApiProblem('PAYLOAD_TOO_LARGE', `the body is larger than ${String(maxBytes)} bytes`);
}
