import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as it came in. */
export interface SlackHttpRequest {
  readonly method: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What is answered. `hang_up` breaks the connection: what a caller sees of an answer that was lost. */
export type SlackHttpAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string }
  | 'hang_up'
  /** Never answered, until the caller or the server hangs up. */
  | 'silence';

/** A server on a free port of 127.0.0.1. */
export interface SlackServer {
  readonly url: string;
  /** Break every connection and free the port. May be repeated. */
  close(): Promise<void>;
}

/** @param answer what it throws is a defect of the fake: the caller gets a 500 with its message */
export async function startSlackServer(
  answer: (request: SlackHttpRequest) => SlackHttpAnswer | Promise<SlackHttpAnswer>,
): Promise<SlackServer> {
  const server = createServer((request, response) => {
    serve(request, response, answer).catch(() => response.destroy());
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, close: () => shut(server) };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: SlackHttpRequest) => SlackHttpAnswer | Promise<SlackHttpAnswer>,
): Promise<void> {
  const body = await text(request);
  const { method = 'GET', url = '/', headers } = request;
  const answered = await answerOrFail(() => answer({ method, path: url, headers, body }));
  if (answered === 'silence') return;
  if (answered === 'hang_up') response.destroy();
  else response.writeHead(answered.status, answered.headers).end(answered.body);
}

async function answerOrFail(answer: () => SlackHttpAnswer | Promise<SlackHttpAnswer>): Promise<SlackHttpAnswer> {
  try {
    return await answer();
  } catch (error) {
    return { status: 500, body: `the fake failed: ${String(error)}` };
  }
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
