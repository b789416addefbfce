import type { TaskId } from '../ids/ids.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { TaskEvent } from './task-event.ts';

/** Most events of one read. */
const page = 1_000;

/** The whole log of a task as it is now, in order. @throws AbcaError as `EventLog.read` */
export async function readLog(
  log: Pick<EventLog, 'read'>,
  { taskId, after = 0 }: { readonly taskId: TaskId; readonly after?: number },
  options?: CallOptions,
): Promise<readonly TaskEvent[]> {
  const events: TaskEvent[] = [];
  for (;;) {
    const read = await log.read({ taskId, after: events.at(-1)?.seq ?? after, limit: page }, options);
    events.push(...read);
    if (read.length < page) return events;
  }
}
