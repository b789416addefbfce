import { randomUUID } from 'node:crypto';

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Logger } from '@abca/core';
import type { Hono } from 'hono';

import { createApp } from './http/app.ts';
import { listen, type Listening } from './http/listen.ts';
import { systemClock, type LocalClock } from './runtime/clock.ts';
import { Engine } from './runtime/engine.ts';
import { FunctionRegistry, type FunctionOptions, type LambdaHandler } from './runtime/functions.ts';
import type { LocalLambdaObserver } from './runtime/observer.ts';
import { DynamoDbExecutionStore } from './store/dynamodb-execution-store.ts';
import { executionsTableName } from './store/tables.ts';

/** What a {@link LocalLambda} is made of. */
export interface LocalLambdaOptions {
  /** Client of the database that holds the executions. The tables must exist: see `ensureTables`. */
  readonly client: DynamoDBClient;
  /** Prefix of the table names, as given to `ensureTables`. */
  readonly tablePrefix: string;
  /** Functions by name or `name:qualifier`. A bare handler is durable. */
  readonly functions: Readonly<Record<string, LambdaHandler | FunctionOptions>>;
  /** Require this access key id in the SigV4 credential. Default: no credential is asked for. */
  readonly accessKeyId?: string | undefined;
  /** Host names besides loopback that the server answers to. Default none. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Region in ARNs. Default `us-east-1`. */
  readonly region?: string | undefined;
  readonly clock?: LocalClock | undefined;
  readonly logger?: Logger | undefined;
  readonly observer?: LocalLambdaObserver | undefined;
}

/** Where to listen. */
export interface StartOptions {
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Called with the address before any handler runs, so that handlers can be given it. */
  readonly onListening?: ((address: ListeningAddress) => void | Promise<void>) | undefined;
}

/** Where a server listens. */
export interface ListeningAddress {
  readonly url: string;
  readonly port: number;
}

/** The Lambda invoke, durable-execution and callback API over one set of tables. */
export interface LocalLambda {
  /** The API without a socket. It drives executions only after {@link LocalLambda.recover}. */
  readonly app: Hono;
  /**
   * Listen, then take up what an earlier process left.
   *
   * @throws AbcaError PORT_IN_USE when another program listens on the port.
   */
  start(options?: StartOptions): Promise<ListeningAddress>;
  /** Take up every execution that has not ended; `start` does this. */
  recover(): Promise<void>;
  /**
   * Stop listening, start nothing more and store nothing more. Handlers that run are not awaited: their executions go on
   * with the next server.
   */
  close(): Promise<void>;
}

/**
 * Make a Lambda API for this machine.
 *
 * Law: what the API has answered is stored; after a SIGKILL at any moment, `start` on the same tables continues every
 * execution from its last stored checkpoint. One process at a time may serve a set of tables.
 */
export function createLocalLambda(options: LocalLambdaOptions): LocalLambda {
  const tableName = executionsTableName(options.tablePrefix);
  const engine = new Engine({
    store: new DynamoDbExecutionStore(options.client, tableName, randomUUID),
    functions: new FunctionRegistry(options.functions),
    clock: options.clock ?? systemClock,
    observer: options.observer ?? {},
    region: options.region ?? 'us-east-1',
    logger: options.logger,
    newId: randomUUID,
  });
  const app = createApp(engine, { accessKeyId: options.accessKeyId, allowedHosts: options.allowedHosts ?? [] });
  let listening: Listening | undefined;
  return {
    app,
    async start({ port = 0, host = '127.0.0.1', onListening } = {}) {
      listening = await listen(app, port, host);
      const address = { url: listening.url, port: listening.port };
      await onListening?.(address);
      await engine.recover();
      return address;
    },
    recover: () => engine.recover(),
    async close() {
      await Promise.all([engine.close(), listening?.close()]);
    },
  };
}
