import * as z from 'zod';
import { AbcaError } from '../errors/abca-error.ts';
import type { RepoId, TaskId, UserId } from '../ids/ids.ts';
import { isoTimeSchema } from '../task/task.ts';
import { eventRegistry, eventTypes, type EventMetadata, type EventType } from './event-registry.ts';

/** An event before the log gave it its number. */
export type NewTaskEvent = {
  [T in EventType]: { readonly eventType: T; readonly metadata: EventMetadata<T> };
}[EventType];

/** An event in the log of its task. */
export const taskEventSchema = z.object({
  taskId: z.string() as unknown as z.ZodType<TaskId, string>,
  /** 1, 2, 3, … without a gap. */
  seq: z.number().int().positive(),
  /** ULID; the same whichever channel shows the event. */
  eventId: z.string(),
  eventType: z.enum(eventTypes as [EventType, ...EventType[]]),
  timestamp: isoTimeSchema,
  metadata: z.record(z.string(), z.unknown()),
  userId: z.string() as unknown as z.ZodType<UserId, string>,
  repo: z.string() as unknown as z.ZodType<RepoId, string>,
  traceId: z.string().optional(),
});
export type TaskEvent = z.infer<typeof taskEventSchema>;

/** Whose log an event goes to, and what every event of it carries. */
export interface EventOwner {
  readonly taskId: TaskId;
  readonly userId: UserId;
  readonly repo: RepoId;
}

/** `eventType` with metadata that the registry accepts. @throws AbcaError VALIDATION_ERROR otherwise */
export function parseNewEvent(eventType: EventType, metadata: unknown): NewTaskEvent {
  const parsed = eventRegistry[eventType].safeParse(metadata);
  if (parsed.success) return { eventType, metadata: parsed.data } as NewTaskEvent;
  throw new AbcaError('VALIDATION_ERROR', `event ${eventType} has bad metadata: ${z.prettifyError(parsed.error)}`);
}
