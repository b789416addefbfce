import {
  eventRegistry,
  eventTypes,
  taskEventSchema,
  toSnakeCase,
  type EventMetadata,
  type EventType,
  type TaskEvent,
} from '@abca/core';
import { z } from '@hono/zod-openapi';
import { snakeShape } from './snake-shape.ts';

const baseFields = taskEventSchema.omit({ eventType: true, metadata: true, userId: true });
const base = snakeShape(baseFields.shape);

/** What every event carries, whatever its type. */
export type EventBase = z.infer<z.ZodObject<typeof base>>;

/** An event as it stands on the wire, with the metadata of its type. */
export type EventView = {
  [T in EventType]: EventBase & { event_type: T; metadata: EventMetadata<T> };
}[EventType];

const members = eventTypes.map((type) =>
  z.object({ ...base, event_type: z.literal(type), metadata: eventRegistry[type] }).openapi(`Event_${type}`),
);

/** One event of a task: a union over the event registry, told apart by `event_type`. */
export const eventWire = z
  .discriminatedUnion('event_type', members as unknown as [(typeof members)[number], ...typeof members])
  .openapi('TaskEvent') as unknown as z.ZodType<EventView>;

/**
 * The view of an event. Its metadata is the wire form already, redacted by who wrote it, and passes untouched: some of its
 * names are the agent's own.
 */
export function toEventView(event: TaskEvent): EventView {
  const names = Object.keys(baseFields.shape) as (keyof typeof baseFields.shape)[];
  const fields = names.filter((name) => event[name] !== undefined).map((name) => [toSnakeCase(name), event[name]]);
  return { ...Object.fromEntries(fields), event_type: event.eventType, metadata: event.metadata } as EventView;
}
