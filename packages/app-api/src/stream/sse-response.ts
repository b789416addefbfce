import { type Clock, type Logger, type TaskEvent } from '@abca/core';
import { toEventView } from '../wire/event-wire.ts';
import type { EventSource } from './event-source.ts';

/** Time that clients wait before they come back, milliseconds. */
const retryMs = 1000;

export interface SseOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time between two comments that keep proxies from closing a silent stream, milliseconds. */
  readonly keepAliveMs: number;
}

/**
 * `source` as server-sent events: `id` is the event's number, so that a client that was cut resumes with Last-Event-ID. The
 * next events are asked for when the client has taken the last ones; it ends when the source ends.
 */
export function sseResponse(source: EventSource, options: SseOptions): Response {
  return new Response(sseStream(source, options), {
    headers: {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    },
  });
}

function sseStream(source: EventSource, options: SseOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const ended = new AbortController();
  const ticks = keepAlive(options, ended.signal);
  let pending: ReturnType<EventSource['next']> | undefined;
  const end = (): void => {
    ended.abort();
    source.close();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`retry: ${String(retryMs)}\n\n`));
    },
    async pull(controller) {
      pending ??= nextOrEnd(source, options.logger);
      const got = await Promise.race([pending, ticks.next()]);
      if (ended.signal.aborted) return;
      if (got === 'tick') {
        controller.enqueue(encoder.encode(': keep-alive\n\n'));
        return;
      }
      pending = undefined;
      if (got === undefined) {
        controller.close();
        end();
      } else {
        controller.enqueue(encoder.encode(got.map(frameOf).join('')));
      }
    },
    cancel: end,
  });
}

/** A log that cannot be read ends the stream: the client resumes from its last event. */
async function nextOrEnd(source: EventSource, logger: Logger): ReturnType<EventSource['next']> {
  try {
    return await source.next();
  } catch (error) {
    logger.warn('event stream interrupted', { error });
    return undefined;
  }
}

/** One timer for the whole stream, not one per event. */
function keepAlive({ clock, keepAliveMs }: SseOptions, signal: AbortSignal): { next(): Promise<'tick'> } {
  let tick: Promise<'tick'> | undefined;
  return {
    async next() {
      const mine = (tick ??= clock.sleep(keepAliveMs, { signal }).then(
        () => 'tick',
        () => 'tick',
      ));
      const result = await mine;
      if (tick === mine) tick = undefined;
      return result;
    },
  };
}

const frames = new WeakMap<TaskEvent, string>();

/** Watchers of a task share the objects of its events, and so the text made of them. */
function frameOf(event: TaskEvent): string {
  const known = frames.get(event);
  if (known !== undefined) return known;
  const frame = `id: ${String(event.seq)}\nevent: ${event.eventType}\ndata: ${JSON.stringify(toEventView(event))}\n\n`;
  frames.set(event, frame);
  return frame;
}
