import { randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AbcaError, type TaskId } from '@abca/core';
import { ChangeBoard } from './change-board.ts';
import { keyHeader, markHeader, parseChangesPath } from './feed-wire.ts';

/** How a feed is served. */
export interface DecisionFeedServerOptions {
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** What sessions of this platform show. Everybody else is refused. */
  readonly key: string;
  /** Longest wait for news before a request is answered all the same, in milliseconds. Default 25,000. */
  readonly waitMs?: number;
}

/** A feed that sessions listen to. */
export interface DecisionFeedServer {
  readonly url: string;
  readonly port: number;
  /** A decision was made on a request of this task. */
  notify(taskId: TaskId): void;
  /** Stop listening, and answer who waits. */
  close(): Promise<void>;
}

/**
 * Serve a feed on loopback. A hint only: it holds nothing, and says nothing but that something may have happened.
 *
 * @throws AbcaError PORT_IN_USE
 */
export async function serveDecisionFeed(options: DecisionFeedServerOptions): Promise<DecisionFeedServer> {
  const board = new ChangeBoard(randomUUID());
  const closing = new AbortController();
  const server = createServer((request, response) => {
    void answer(request, response, { board, closing: closing.signal, ...options });
  });
  server.requestTimeout = 0;
  await bind(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    port,
    notify: (taskId) => {
      board.notify(taskId);
    },
    close: () => {
      closing.abort(new Error('the feed is closed'));
      return shut(server);
    },
  };
}

interface FeedParts extends DecisionFeedServerOptions {
  readonly board: ChangeBoard;
  readonly closing: AbortSignal;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: FeedParts): Promise<void> {
  if (!isKey(request.headers[keyHeader], parts.key)) return end(response, 401);
  const asked = request.method === 'GET' ? parseChangesPath(request.url ?? '') : undefined;
  if (asked === undefined) return end(response, 404);
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort(new Error('nobody waits any more'));
  });
  const { board, closing, waitMs = 25_000 } = parts;
  await board.changed(asked.taskId, asked.mark, AbortSignal.any([gone.signal, closing, AbortSignal.timeout(waitMs)]));
  response.setHeader(markHeader, board.mark);
  end(response, 204);
}

function isKey(shown: string | string[] | undefined, key: string): boolean {
  const [a, b] = [Buffer.from(typeof shown === 'string' ? shown : ''), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A connection is for one wait: one that is kept would keep the server from closing. */
function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end();
}

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? portInUse(port, error) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

function portInUse(port: number, cause: Error): AbcaError {
  return new AbcaError('PORT_IN_USE', `port ${String(port)} is in use by another program; stop it or choose another`, {
    cause,
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
}
