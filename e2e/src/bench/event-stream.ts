import { createParser } from 'eventsource-parser';
import type { EventView } from '@abca/app-api';
import type { ApiAddress } from '../support/api.ts';

/** Follows the events of a task until its end, as `bgagent watch` does. `onEvent` is called as they arrive. */
export async function followTask(
  api: ApiAddress,
  taskId: string,
  onEvent: (event: EventView) => void,
  onOpen: () => void = () => undefined,
): Promise<void> {
  const response = await fetch(`${api.url}/v1/tasks/${taskId}/events`, {
    headers: { authorization: `Bearer ${api.token}`, accept: 'text/event-stream' },
  });
  if (!response.ok || response.body === null) throw new Error(`no stream: ${String(response.status)}`);
  onOpen();
  const parser = createParser({
    onEvent: ({ data }) => {
      onEvent(JSON.parse(data) as EventView);
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body) parser.feed(decoder.decode(chunk, { stream: true }));
}
