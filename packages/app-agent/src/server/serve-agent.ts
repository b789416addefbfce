import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AbcaError } from '@abca/core';
import { maxBodyBytes, type AgentAnswer, type AgentRequest } from './answer-request.ts';

/** Longest time for a whole request to arrive, in milliseconds. */
const requestMs = 10_000;

/** A server that listens. */
export interface AgentServer {
  readonly port: number;
  /** Takes nothing more and cuts what is open: every answer is given at once, so nothing of worth is. */
  close(): Promise<void>;
}

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/**
 * HTTP in front of `answer`. Node's own server: two paths and one small body need no framework, and what is not in the image
 * need not be kept up to date in it.
 *
 * @throws AbcaError PORT_IN_USE, CONFIG_INVALID when the address is not one of this machine
 */
export async function serveAgent(
  { host, port }: ListenAddress,
  answer: (request: AgentRequest) => AgentAnswer,
): Promise<AgentServer> {
  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs }, (request, response) => {
    // A client that goes away before its request is whole has nobody to answer to.
    request.on('error', () => undefined);
    void readBody(request).then(
      (body) => respond(response, answer({ method: request.method ?? '', path: pathOf(request), body })),
      () => undefined,
    );
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What is over the bound is read and dropped: a client that still sends would not see the answer. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size <= maxBodyBytes ? Buffer.concat(chunks) : undefined;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

function respond(response: ServerResponse, { status, body, allow }: AgentAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(allow !== undefined && { allow }) });
  response.end(JSON.stringify(body));
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, `${host}:${String(port)}`)));
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, where: string): AbcaError {
  if (error.code === 'EADDRINUSE') {
    return new AbcaError('PORT_IN_USE', `another program listens on ${where}; stop it or set PORT`, { cause: error });
  }
  return new AbcaError('CONFIG_INVALID', `cannot listen on ${where}: ${error.code ?? error.message}`, { cause: error });
}
