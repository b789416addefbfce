import { type EventLog, type TaskEvent, type TaskId } from '@abca/core';

/** Events of one task, in order, each once. One reader at a time. */
export interface EventSource {
  /** The next events, at least one; `undefined` when no more will come. Rejects when the log cannot be read. */
  next(): Promise<readonly TaskEvent[] | undefined>;
  /** Let go of everything held for this reader. A pending and every later `next()` gives `undefined`. */
  close(): void;
}

/** The rest of a log that has ended: for a task that is terminal, whose log holds all it will ever hold. */
export function restOfLog(events: EventLog, taskId: TaskId, after: number, pageSize: number): EventSource {
  let position = after;
  let closed = false;
  return {
    async next() {
      if (closed) return undefined;
      const page = await events.read({ taskId, after: position, limit: pageSize });
      position = page.at(-1)?.seq ?? position;
      return page.length === 0 ? undefined : page;
    },
    close() {
      closed = true;
    },
  };
}
