import type { EventView } from './wire-types.ts';
import { createParser } from 'eventsource-parser';
import type { CliError } from '../errors/cli-error.ts';
import type { CliIo } from '../io/cli-io.ts';
import { backoffMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { errorOf, retryAfterMs, send, type HttpRequest } from './http.ts';
import { endsTask } from './terminal-events.ts';

const waits = { firstMs: 100, longestMs: 5_000 };
/** How often in a row a platform that was there may answer with a refusal before it is believed: it may just be starting. */
const mostRefusals = 3;
/** Silence after which a connection is given up, milliseconds: four of the server's keep-alive comments. */
const silenceMs = 60_000;
/** How long the rest of the stream is waited for after the task has ended, milliseconds. */
const restMs = 1_000;

/** How a task is followed. */
export interface FollowOptions {
  /** Asked again at every connection: a platform that was started anew may have moved. */
  readonly connect: () => Connection;
  /** Number of the last event that is known. 0 for all. */
  readonly after: number;
  /** Whether the task has ended: asked when a stream ends without a word. */
  readonly isOver: () => Promise<boolean>;
  /** Told before each wait for a new connection. */
  readonly onCut?: (waitMs: number, error: CliError | undefined) => void;
  readonly signal: AbortSignal;
  readonly io: Pick<CliIo, 'sleep'>;
}

/**
 * The events of a task, each once and in order, until it has ended. A connection that is cut is made anew from the last event,
 * for as long as it takes; only a platform that refuses (a token or a task that it does not know) ends it with an error.
 *
 * @throws CliError of the refusal
 */
export async function* followEvents(taskId: string, options: FollowOptions): AsyncGenerator<EventView> {
  const { signal, io } = options;
  let last = options.after;
  let failures = 0;
  let refusals = 0;
  let wasConnected = false;
  while (!signal.aborted) {
    const attempt: Attempt = {};
    for await (const event of readStream(taskId, last, options, attempt)) {
      if (event.seq <= last) continue;
      last = event.seq;
      failures = 0;
      if (endsTask(event.event_type)) attempt.ended = true;
      yield event;
    }
    if (attempt.ended === true || signal.aborted) return;
    wasConnected ||= attempt.opened === true;
    failures += 1;
    refusals = attempt.refusal === undefined ? 0 : refusals + 1;
    if (attempt.refusal !== undefined && (!wasConnected || refusals >= mostRefusals)) throw attempt.refusal;
    if (attempt.closed === true && (await isOverOrUnknown(options))) return;
    const waitMs = attempt.waitMs ?? backoffMs(failures, waits);
    options.onCut?.(waitMs, attempt.refusal ?? attempt.fault);
    await io.sleep(waitMs, signal);
  }
}

/** What came of one connection. */
interface Attempt {
  opened?: boolean;
  /** The server ended the stream in order. */
  closed?: boolean;
  /** The task's last event was seen. */
  ended?: boolean;
  /** The platform says no, and is likely to say so again. */
  refusal?: CliError;
  /** It did not answer, or not now. */
  fault?: CliError;
  waitMs?: number;
}

/** Events of one connection. Never throws: `attempt` tells how it ended. */
async function* readStream(
  taskId: string,
  last: number,
  { connect, signal }: FollowOptions,
  attempt: Attempt,
): AsyncGenerator<EventView> {
  const watchdog = new Watchdog(signal);
  try {
    const response = await open(connect(), streamRequest(taskId, last, watchdog.signal), attempt);
    if (response?.body == null) return;
    attempt.opened = true;
    const queue: EventView[] = [];
    const parser = createParser({ onEvent: ({ data }) => queue.push(JSON.parse(data) as EventView) });
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      watchdog.touch(attempt.ended === true ? restMs : silenceMs);
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
      yield* queue.splice(0);
      if (attempt.ended === true) watchdog.touch(restMs);
    }
    attempt.closed = true;
  } catch (error) {
    // A cut, a silence or the caller's end. The number of the last event is all that matters.
    attempt.fault ??= error as CliError;
  } finally {
    watchdog.stop();
  }
}

function streamRequest(taskId: string, last: number, signal: AbortSignal): HttpRequest {
  return {
    method: 'GET',
    path: `/v1/tasks/${encodeURIComponent(taskId)}/events`,
    headers: { accept: 'text/event-stream', ...(last > 0 && { 'last-event-id': String(last) }) },
    signal,
  };
}

async function open(connection: Connection, request: HttpRequest, attempt: Attempt): Promise<Response | undefined> {
  const response = await send(connection, request);
  if (response.ok) return response;
  const error = await errorOf(connection, response);
  const waitMs = retryAfterMs(response);
  if (waitMs !== undefined) attempt.waitMs = Math.min(waitMs, waits.longestMs);
  if (response.status < 500 && response.status !== 429) attempt.refusal = error;
  else attempt.fault = error;
  return undefined;
}

/** A platform that does not answer now is asked again by the next connection. */
async function isOverOrUnknown({ isOver }: FollowOptions): Promise<boolean> {
  try {
    return await isOver();
  } catch {
    return false;
  }
}

/** Aborts a connection that has been silent for too long, or whose caller has gone. */
class Watchdog {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #abort = (): void => {
    this.#controller.abort();
  };
  #timer: NodeJS.Timeout;

  constructor(caller: AbortSignal) {
    this.#caller = caller;
    this.#timer = setTimeout(this.#abort, silenceMs);
    caller.addEventListener('abort', this.#abort, { once: true });
    if (caller.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  touch(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#abort, ms);
  }

  /** Also ends the connection, whose reader may have left in the middle. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#abort);
    this.#abort();
  }
}
