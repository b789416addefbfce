import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Conversation, readConversation } from './conversation.ts';
import { encodeError } from './encode-reply.ts';
import { interpret } from './interpret.ts';
import { sendFault, sendJson, sendReply } from './respond.ts';
import { parseScript, type Script, type ScriptInput } from './script-schema.ts';
import { StrikeCounter } from './strike-counter.ts';

/** A request as it came in. */
export interface RecordedRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as JSON, or its text when it is none. */
  readonly body: unknown;
  /** What the body shows, when it is a request of the Messages API. */
  readonly conversation: Conversation | undefined;
}

/** How a scripted model is started. One of `script` and `scriptFile` is needed. */
export interface ScriptedModelOptions {
  readonly script?: ScriptInput;
  /** Path of a JSON file that holds the script. */
  readonly scriptFile?: string;
  /** Port on 127.0.0.1. Default 0: a free one. */
  readonly port?: number;
  /** Stops the server. */
  readonly signal?: AbortSignal;
  /** How many requests are kept for {@link ScriptedModel.requests}; the oldest are dropped. Default 200. */
  readonly recordLimit?: number;
}

/** A running scripted model. */
export interface ScriptedModel {
  /** Base address, for `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  /** The latest requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Ends every connection and frees the port. May be repeated. */
  stop(): Promise<void>;
}

/**
 * Starts a server on loopback that speaks the Anthropic Messages API from a script. Progress is read from each
 * conversation, so any number of them may share one server.
 *
 * @throws Error when the script cannot be read or is not valid, or when the port is taken (`code` EADDRINUSE).
 */
export async function startScriptedModel(options: ScriptedModelOptions): Promise<ScriptedModel> {
  options.signal?.throwIfAborted();
  const model = new ModelServer(await loadScript(options), options.recordLimit ?? 200);
  const url = await model.listen(options.port ?? 0);
  const stop = (): Promise<void> => model.stop();
  options.signal?.addEventListener('abort', () => void stop(), { once: true });
  return { url, stop, requests: model.requests };
}

async function loadScript({ script, scriptFile }: ScriptedModelOptions): Promise<Script> {
  if (script !== undefined) return parseScript(script);
  if (scriptFile === undefined) throw new Error('a scripted model needs a script or a scriptFile');
  const content = await readFile(scriptFile, 'utf8');
  try {
    return parseScript(JSON.parse(content));
  } catch (error) {
    throw new Error(`script file ${scriptFile}: ${(error as Error).message}`, { cause: error });
  }
}

class ModelServer {
  readonly requests: RecordedRequest[] = [];
  readonly #script: Script;
  readonly #recordLimit: number;
  readonly #strikes = new StrikeCounter();
  readonly #stopping = new AbortController();
  readonly #server: Server;

  constructor(script: Script, recordLimit: number) {
    this.#script = script;
    this.#recordLimit = recordLimit;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
      });
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const recorded = await this.#record(request);
    const { method, path, conversation } = recorded;
    if (method === 'POST' && path === '/v1/messages/count_tokens') {
      return sendJson(response, 200, { input_tokens: Math.ceil(JSON.stringify(recorded.body ?? '').length / 4) });
    }
    if (method === 'GET' && path === '/v1/models') return sendJson(response, 200, { data: [], has_more: false });
    if (method !== 'POST' || path !== '/v1/messages') {
      return sendJson(response, 404, encodeError(404, `no ${method} ${path} here`));
    }
    if (!conversation) return sendJson(response, 400, encodeError(400, 'not a messages request'));
    await this.#answer(conversation, response);
  }

  async #answer(conversation: Conversation, response: ServerResponse): Promise<void> {
    const { key, step, stream } = conversation;
    const result = interpret(this.#script, conversation, this.#strikes.count(key, step));
    switch (result.kind) {
      case 'reply':
        return sendReply(response, result, { stream, signal: this.#stopping.signal });
      case 'fault':
        this.#strikes.add(key, step);
        return sendFault(response, result.fault, result.insteadOf, stream);
      case 'invalid':
        return sendJson(response, 400, encodeError(400, result.message));
      default:
        result satisfies never;
    }
  }

  async #record(request: IncomingMessage): Promise<RecordedRequest> {
    const body = parseBody(await text(request));
    const recorded: RecordedRequest = {
      method: request.method ?? 'GET',
      path: new URL(request.url ?? '/', 'http://loopback').pathname,
      headers: request.headers,
      body,
      conversation: tryRead(body, request.headers['x-claude-code-session-id']),
    };
    this.requests.push(recorded);
    if (this.requests.length > this.#recordLimit) this.requests.shift();
    return recorded;
  }
}

function parseBody(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

function tryRead(body: unknown, session: string | string[] | undefined): Conversation | undefined {
  try {
    return readConversation(body, typeof session === 'string' ? session : undefined);
  } catch {
    return undefined;
  }
}
