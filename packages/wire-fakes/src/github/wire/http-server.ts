import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** A request as it came in. */
export interface RawRequest {
  readonly method: string;
  /** Path without the query, still encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Unpacked. */
  readonly body: Buffer;
}

/** What is answered; `reset` breaks the connection instead. */
export type RawReply =
  | 'reset'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer };

/** A server on a free port of 127.0.0.1. */
export interface RawServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @param answer what it throws is a defect of the fake: the caller gets a 500 with the message */
export async function startRawServer(answer: (request: RawRequest) => Promise<RawReply>): Promise<RawServer> {
  const server = createServer((request, response) => {
    serve(request, response, answer).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, close: () => shut(server) };
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: (request: RawRequest) => Promise<RawReply>,
): Promise<void> {
  const packed = await buffer(incoming);
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const request: RawRequest = {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, value?.toString()])),
    body: incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed,
  };
  const reply = await answer(request).catch((error: unknown): RawReply => ({
    status: 500,
    body: JSON.stringify({ message: `the fake failed: ${String(error)}` }),
  }));
  if (reply === 'reset') response.destroy();
  else response.writeHead(reply.status, { ...reply.headers }).end(reply.body);
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
