import { randomBytes } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AbcaError, type Logger } from '@abca/core';
import { redactRequest } from './redact-request.ts';
import type { Upstream, UpstreamRequest } from './upstream.ts';

/** What a relay is made of. */
export interface ModelRelayOptions {
  readonly upstream: Upstream;
  /** Applied to every text of tools on its way to the model. */
  readonly redact: (text: string) => string;
  /** What the person asked for; it is not redacted. */
  readonly prompt: string;
  /** Longest silence of the model in the middle of an answer, in milliseconds. */
  readonly idleMs: number;
  readonly logger: Logger;
  /** Told how each request ended, in order. `undefined`: well. */
  readonly onEnd: (failure: string | undefined) => void;
}

/** A running relay. */
export interface ModelRelay {
  /** Base address for the agent's program. Its path holds a token that only this run knows. */
  readonly url: string;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Headers of the agent's program that are not passed on: they belong to the connection, or would be a credential. */
const dropped = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'authorization',
  'x-api-key',
]);

/**
 * Starts a relay between the agent's program and the model on loopback. It adds the model's credential, so that it never
 * enters a process of the agent, and redacts what tools returned.
 */
export async function startModelRelay(options: ModelRelayOptions): Promise<ModelRelay> {
  const relay = new Relay(options);
  return { url: await relay.listen(), close: () => relay.close() };
}

class Relay {
  readonly #options: ModelRelayOptions;
  readonly #prefix = `/${randomBytes(24).toString('base64url')}`;
  readonly #server: Server;

  constructor(options: ModelRelayOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => this.#refuse(response, error));
    });
  }

  listen(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#prefix}`);
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    if (!target.startsWith(`${this.#prefix}/`)) return sendError(response, 401, 'not the token of this run');
    const prepared = await this.#options.upstream.prepare({
      target: target.slice(this.#prefix.length),
      method: request.method ?? 'GET',
      headers: passedHeaders(request),
      body: this.#redactBody(await text(request)),
    });
    if (!prepared) return sendError(response, 404, 'the relay passes messages to the model and nothing else');
    this.#forward(prepared, response);
  }

  #redactBody(body: string): string {
    const { prompt, redact } = this.#options;
    try {
      return JSON.stringify(redactRequest(JSON.parse(body), prompt, redact));
    } catch (error) {
      throw new AbcaError('AGENT_FAILED', 'the agent sent the model a request that is not JSON', { cause: error });
    }
  }

  #forward({ url, method, headers, body }: UpstreamRequest, response: ServerResponse): void {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const upstream = send(url, { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } });
    const idle = (): void => void upstream.destroy(new Error(`the model was silent for ${this.#options.idleMs} ms`));
    upstream.setTimeout(this.#options.idleMs, idle);
    upstream.on('response', (answer) => this.#answer(answer, response));
    upstream.on('error', (error) => this.#refuse(response, error));
    response.on('close', () => upstream.destroy());
    upstream.end(body);
  }

  #answer(answer: IncomingMessage, response: ServerResponse): void {
    const status = answer.statusCode ?? 502;
    const streamed = String(answer.headers['content-type']).startsWith('text/event-stream');
    let tail = '';
    let isWhole = !streamed;
    response.writeHead(status, withoutConnection(answer.headers));
    answer.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString('latin1')).slice(-400);
      isWhole ||= tail.includes('"message_stop"');
    });
    answer.pipe(response);
    answer.on('end', () => this.#options.onEnd(failureOf(status, isWhole, tail)));
    answer.on('error', (error) => {
      this.#options.onEnd(isWhole && streamed ? undefined : `the answer broke off: ${error.message}`);
      response.destroy();
    });
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#options.logger.warn('request to the model failed', { error: message });
    if (response.headersSent || response.destroyed) return void response.destroy();
    this.#options.onEnd(message);
    sendError(response, AbcaError.is(error) ? 400 : 502, `the model could not be reached: ${message}`);
  }
}

function failureOf(status: number, isWhole: boolean, tail: string): string | undefined {
  if (status >= 400) return `HTTP ${status}: ${/"message":"([^"]{1,300})/.exec(tail)?.[1] ?? 'no message'}`;
  return isWhole ? undefined : 'the answer broke off before its end';
}

function passedHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers).filter(([name]) => !dropped.has(name));
  return {
    ...Object.fromEntries(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))),
    'accept-encoding': 'identity',
  };
}

function withoutConnection(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { connection: _connection, 'transfer-encoding': _encoding, ...rest } = headers;
  return rest;
}

function sendError(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ type: 'error', error: { type: 'api_error', message } }));
}
