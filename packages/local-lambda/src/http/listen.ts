import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { AbcaError } from '@abca/core';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';

/** A server that listens. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  /** Stop listening and cut the connections that are open. */
  close(): Promise<void>;
}

/**
 * Serve an app.
 *
 * @param port 0 takes a free one.
 * @throws AbcaError PORT_IN_USE when another program listens on the port.
 */
export async function listen(app: Hono, port: number, host: string): Promise<Listening> {
  const onRequest = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => {
    void onRequest(request, response);
  });
  // A caller of Invoke may wait as long as an execution takes.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await bind(server, port, host);
  const address = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${String(address.port)}`, port: address.port, close: () => shut(server) };
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? portInUse(port, host, error) : error);
    });
    server.listen(port, host, resolve);
  });
}

function portInUse(port: number, host: string, cause: Error): AbcaError {
  const message = `port ${String(port)} of ${host} is in use by another program; stop it or choose another port`;
  return new AbcaError('PORT_IN_USE', message, { cause, details: { port, host } });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
