import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AbcaError } from '@abca/core';
import { getRequestListener } from '@hono/node-server';

/** How long open requests may go on after `close()`, milliseconds. */
const drainMs = 2000;

/** What is served: a Hono app, with its streams to be ended first on close. */
export interface Servable {
  fetch(request: Request): Response | Promise<Response>;
  endStreams?(): void;
}

/** A server that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:4820`, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Stop taking requests, end event streams, let the others finish, cut what is left after two seconds. Repeatable. */
  close(): Promise<void>;
}

/**
 * Serve `app` over HTTP on `host` and `port`.
 *
 * @param options.port 0 for any free one
 * @throws AbcaError PORT_IN_USE, CONFIG_INVALID when the address is not one of this machine
 */
export async function serveApi(
  app: Servable,
  options: { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  const answer = getRequestListener((request) => app.fetch(asPlain(request)), { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  server.on('request', (_request, response) => {
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections();
    });
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${String(port)}`,
    port,
    close: () => (closing ??= drain(server, app)),
  };
}

/**
 * The request as the platform's own class. The server's is a stand-in that `new Request(request)` does not take, which is
 * how a body of unannounced length is read; a DELETE without a body counts as one.
 */
function asPlain(request: Request): Request {
  const { url, method, headers, body, signal } = request;
  if (method === 'GET' || method === 'HEAD') return request;
  return new Request(url, { method, headers, body, signal, duplex: 'half' });
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(toListenError(error, host, port));
    });
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

function toListenError(error: NodeJS.ErrnoException, host: string, port: number): AbcaError {
  const where = `${host}:${String(port)}`;
  if (error.code === 'EADDRINUSE') {
    return new AbcaError('PORT_IN_USE', `another program listens on ${where}; stop it or choose another port`, {
      cause: error,
      details: { host, port },
    });
  }
  return new AbcaError('CONFIG_INVALID', `cannot listen on ${where}: ${error.code ?? error.message}`, { cause: error });
}

async function drain(server: Server, app: Servable): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  app.endStreams?.();
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, drainMs);
  await closed;
  clearTimeout(cut);
}
