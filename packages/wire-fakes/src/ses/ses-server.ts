import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as it came in. */
export interface SesRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

/** `hang_up`: the connection breaks without an answer. */
export type SesAnswer =
  { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } | 'hang_up';

/** A server on a free port of 127.0.0.1. */
export interface SesServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @param answer called once for each request. What it throws is a defect of the fake, and breaks the connection */
export async function startSesServer(answer: (request: SesRequest) => SesAnswer): Promise<SesServer> {
  const server = createServer((request, response) => {
    read(request).then(
      (incoming) => {
        const reply = answer(incoming);
        if (reply === 'hang_up') response.destroy();
        else response.writeHead(reply.status, reply.headers).end(reply.body);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<SesRequest> {
  const { method = '', url = '', headers } = request;
  return { method, path: url, authorization: headers.authorization ?? '', body: await text(request) };
}
