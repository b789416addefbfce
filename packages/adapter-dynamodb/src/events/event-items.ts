import { formatIso, limits, taskEventSchema, type EventOwner, type NewTaskEvent, type TaskEvent } from '@abca/core';
import type { Item } from '../dynamo/conditional-write.ts';
import { itemCodec } from '../dynamo/item-codec.ts';

const codec = itemCodec<TaskEvent>({
  schema: taskEventSchema,
  kind: 'event of task',
  key: 'task_id',
  // Metadata is the wire form itself.
  verbatim: [['metadata']],
});

/** An event that waits for its number. Its id is made once, however often the append is tried. */
export type PendingEvent = Omit<TaskEvent, 'seq'>;

/** @param id called once per event */
export function pendingEvents(
  { taskId, userId, repo }: EventOwner,
  events: readonly NewTaskEvent[],
  { nowMs, newEventId }: { readonly nowMs: number; readonly newEventId: () => string },
): readonly PendingEvent[] {
  return events.map(({ eventType, metadata }) => ({
    taskId,
    userId,
    repo,
    eventId: newEventId(),
    eventType,
    metadata,
    timestamp: formatIso(nowMs),
  }));
}

/** The item of an event, kept for as long as {@link limits} says. */
export function toEventItem(event: TaskEvent): Item {
  const ttl = Math.ceil((Date.parse(event.timestamp) + limits.eventTtlMs) / 1000);
  return { ...codec.toItem(event), ttl };
}

/** @throws AbcaError STORE_CORRUPT */
export function parseEventItem(item: Item): TaskEvent {
  return codec.parse(item);
}
