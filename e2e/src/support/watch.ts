import type { EventView } from '@abca/app-api';
import type { ApiAddress } from './api.ts';

/** What a connection of a watcher came to. */
export interface Watched {
  /** Events that were read whole before the end or the cut. */
  readonly events: readonly EventView[];
  /** Whether the server ended the stream. */
  readonly ended: boolean;
}

/**
 * Follow the events of a task from after `position`, and cut the connection once `most` events were read.
 *
 * @param most 0 cuts as soon as the answer begins
 */
export async function watch(api: ApiAddress, taskId: string, position: number, most: number): Promise<Watched> {
  const cut = new AbortController();
  const response = await fetch(`${api.url}/v1/tasks/${taskId}/events`, {
    signal: cut.signal,
    headers: {
      authorization: `Bearer ${api.token}`,
      accept: 'text/event-stream',
      ...(position > 0 && { 'last-event-id': String(position) }),
    },
  });
  if (!response.ok || response.body === null) throw new Error(`no stream: ${String(response.status)}`);
  const events: EventView[] = [];
  try {
    if (most === 0) return { events, ended: false };
    for await (const event of eventsOf(response.body)) {
      events.push(event);
      if (events.length === most) return { events, ended: false };
    }
    return { events, ended: true };
  } finally {
    cut.abort();
  }
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<EventView> {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream() as never) as AsyncIterable<string>) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== undefined) yield event;
    }
  }
}

/** `undefined` for a comment that keeps the connection alive. */
function eventOf(block: string): EventView | undefined {
  const fields = new Map(block.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^[^:]*: ?/, '')]));
  const data = fields.get('data');
  if (data === undefined) return undefined;
  const event = JSON.parse(data) as EventView;
  if (fields.get('id') !== String(event.seq)) throw new Error(`the id is not the number of the event: ${block}`);
  return event;
}
