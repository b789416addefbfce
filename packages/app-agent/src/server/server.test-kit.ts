import { EventEmitter, once } from 'node:events';
import { CapturingLogger } from '@abca/core/testing';
import { runToEnd } from '../run-program.ts';
import { session, type World } from '../session/session.test-kit.ts';
import type { GivenEnvironment } from './invocation.ts';
import { runServer, type ServerParts } from './run-server.ts';

/** What a session of this package's tests is told. */
export const environment = {
  ABCA_TASK_ID: session.taskId,
  ABCA_SESSION_ID: session.sessionId,
  ABCA_GENERATION: '1',
  ABCA_TABLE_PREFIX: 'abca',
  AWS_REGION: 'eu-central-1',
} as const satisfies GivenEnvironment;

/** An answer over HTTP. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A server on loopback around a session that is run on in-memory ports. */
export interface ServedAgent {
  readonly host: EventEmitter;
  readonly url: string;
  readonly logger: CapturingLogger;
  /** Environments of the sessions that were started. */
  readonly started: readonly GivenEnvironment[];
  /** The exit code. */
  readonly exited: Promise<number>;
  ping(): Promise<Answer>;
  invoke(body: unknown): Promise<Answer>;
  ask(path: string, init?: RequestInit): Promise<Answer>;
  /** The session's own end, by the world's fake clock. */
  finish(): Promise<unknown>;
  /** Let it end, if it has not. */
  end(): Promise<unknown>;
}

/** Hold the calls of `port.method` in `world` until what is returned is called. */
export function hold(world: World, call: string): () => void {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  world.before(call, () => promise);
  return () => resolve(undefined);
}

/** Serve the session of `world`. */
export async function serve(world: World, prepare?: ServerParts['prepare']): Promise<ServedAgent> {
  const host = new EventEmitter();
  const up = new EventEmitter();
  const logger = new CapturingLogger();
  const started: GivenEnvironment[] = [];
  const runs: Promise<number>[] = [];
  const inMemory: ServerParts['prepare'] = (given) => ({
    sessionId: given['ABCA_SESSION_ID']!,
    run: (ending) => {
      started.push(given);
      const running = runToEnd({ session, logger: world.logger, createDeps: () => world.deps() }, ending);
      runs.push(running);
      return running;
    },
  });
  const exited = runServer(host, {
    address: { host: '127.0.0.1', port: 0 },
    clock: world.clock,
    logger,
    prepare: prepare ?? inMemory,
    listening: (port) => up.emit('listening', port),
  });
  const [port] = (await once(up, 'listening')) as [number];
  const url = `http://127.0.0.1:${String(port)}`;
  const ask = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    return { status: response.status, body: await response.json() };
  };
  return {
    host,
    url,
    logger,
    started,
    exited,
    ask,
    ping: () => ask('/ping'),
    invoke: (body) =>
      ask('/invocations', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
    finish: () => world.settle(Promise.all(runs)),
    end: () => {
      host.emit('SIGTERM');
      return world.settle(exited);
    },
  };
}
