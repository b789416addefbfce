import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** A request as it came in. */
export interface LoopbackRequest {
  readonly method: string;
  /** Path without the query, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** Aborted when the caller has hung up, or the server closes, before the answer was sent. */
  readonly signal: AbortSignal;
}

/** What is answered. */
export interface LoopbackReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent as it comes; when it fails, the connection breaks in its middle. */
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
}

/** `hang_up` breaks the connection without an answer: what the caller sees of an answer that was lost. */
export type LoopbackAnswer = LoopbackReply | 'hang_up';

/** A server on 127.0.0.1 that a fake answers through. */
export interface LoopbackServer {
  readonly url: string;
  /** Break every connection and free the port. May be repeated. */
  close(): Promise<void>;
}

/**
 * Listen on a free port of 127.0.0.1.
 *
 * @param answer called once per request. What it throws is a defect of the fake: the caller gets a 500 with its message
 */
export async function startLoopbackServer(
  answer: (request: LoopbackRequest) => Promise<LoopbackAnswer> | LoopbackAnswer,
): Promise<LoopbackServer> {
  const closing = new AbortController();
  const server = createServer((request, response) => {
    serve(request, response, { answer, closing: closing.signal }).catch(() => response.destroy());
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    close: async () => {
      closing.abort();
      await shut(server);
    },
  };
}

interface Serving {
  readonly answer: (request: LoopbackRequest) => Promise<LoopbackAnswer> | LoopbackAnswer;
  readonly closing: AbortSignal;
}

async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const hungUp = new AbortController();
  response.once('close', () => {
    hungUp.abort();
  });
  const body = await text(request);
  const read = readRequest(request, body, AbortSignal.any([hungUp.signal, serving.closing]));
  const answer = await answerOrFail(serving, read);
  if (answer === 'hang_up' || serving.closing.aborted) {
    response.destroy();
    return;
  }
  await send(response, answer);
}

async function answerOrFail({ answer }: Serving, request: LoopbackRequest): Promise<LoopbackAnswer> {
  try {
    return await answer(request);
  } catch (error) {
    return { status: 500, body: JSON.stringify({ message: `the fake failed: ${String(error)}` }) };
  }
}

function readRequest(request: IncomingMessage, body: string, signal: AbortSignal): LoopbackRequest {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
  return { method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, headers, body, signal };
}

async function send(response: ServerResponse, { status, headers, body = '' }: LoopbackReply): Promise<void> {
  response.writeHead(status, { ...headers });
  if (typeof body === 'string' || body instanceof Uint8Array) response.end(body);
  else await pipeline(Readable.from(body), response);
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
