import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeError, encodeEvents, encodeMessage } from './encode-reply.ts';
import type { Reply } from './interpret.ts';
import type { ScriptFault } from './script-schema.ts';

/** How an answer goes out. */
export interface RespondOptions {
  readonly stream: boolean;
  /** Ends delays early. */
  readonly signal: AbortSignal;
}

/** Sends JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown, retryAfterS?: number): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': 'req_scripted',
    ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }),
  });
  response.end(JSON.stringify(body));
}

/** Sends `reply`, streamed or whole. Resolves early when the client leaves. */
export async function sendReply(response: ServerResponse, reply: Reply, options: RespondOptions): Promise<void> {
  if (!options.stream) {
    await pause(reply.chunkDelayMs, response, options.signal);
    return sendJson(response, 200, encodeMessage(reply));
  }
  startStream(response);
  for (const event of encodeEvents(reply)) {
    if (response.destroyed || options.signal.aborted) return;
    response.write(event);
    await pause(reply.chunkDelayMs, response, options.signal);
  }
  response.end();
}

/** Sends what goes wrong in place of `reply`. */
export function sendFault(response: ServerResponse, fault: ScriptFault, reply: Reply, stream: boolean): void {
  switch (fault.kind) {
    case 'http':
      return sendJson(
        response,
        fault.status,
        encodeError(fault.status, fault.message ?? `scripted status ${fault.status}`),
        fault.retryAfterS,
      );
    case 'cut':
      return sendCut(response, reply, fault.afterEvents ?? 2, stream);
    case 'garbage':
      return sendGarbage(response, fault.form);
    case 'hang':
      if (stream) startStream(response).write(encodeEvents(reply)[0]);
      return;
    default:
      fault satisfies never;
  }
}

function sendCut(response: ServerResponse, reply: Reply, afterEvents: number, stream: boolean): void {
  const part = stream
    ? encodeEvents(reply).slice(0, afterEvents).join('')
    : JSON.stringify(encodeMessage(reply)).slice(0, 20);
  if (stream) startStream(response);
  else response.writeHead(200, { 'content-type': 'application/json' });
  response.write(part, () => response.destroy());
}

const garbage = {
  html: { type: 'text/html', body: '<!doctype html><html><body><h1>Bad gateway</h1></body></html>' },
  sse: { type: 'text/event-stream', body: 'event: message_start\ndata: {"type":"message_st\n\ndata: ]]not json\n\n' },
  json: { type: 'application/json', body: '{"hello":["world",42]}' },
} as const;

function sendGarbage(response: ServerResponse, form: keyof typeof garbage): void {
  const { type, body } = garbage[form];
  response.writeHead(200, { 'content-type': type });
  response.end(body);
}

function startStream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'request-id': 'req_scripted',
  });
}

async function pause(ms: number, response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (ms === 0 || response.destroyed) return;
  const left = new AbortController();
  const leave = (): void => left.abort();
  response.once('close', leave);
  await sleep(ms, undefined, { signal: AbortSignal.any([signal, left.signal]) }).catch(() => undefined);
  response.off('close', leave);
}
