import {
  redactOrHide,
  sessionStopSchema,
  taskSchema,
  taskStatuses,
  type PassReport,
  type ReconcileReport,
  type SessionEntry,
  type SessionStop,
  type TaskStatus,
} from '@abca/core';
import { z } from '@hono/zod-openapi';
import { apiErrorCodes } from '../errors/http-status.ts';

/** How the last stop of a session ended, or how its end was seen. */
export const lastStopWire = z
  .object({
    outcome: sessionStopSchema.shape.outcome,
    proven_by: z.string().optional(),
    /** For `failed`: why. */
    code: z.enum(apiErrorCodes).optional(),
    message: z.string().optional(),
    at: sessionStopSchema.shape.at,
    attempts: z.number().int(),
  })
  .openapi('LastStop');

/** One line of the ledger of sessions: who runs where. */
export const sessionEntryWire = z
  .object({
    session_id: z.string(),
    task_id: taskSchema.shape.taskId,
    user_id: taskSchema.shape.userId,
    repo: taskSchema.shape.repo,
    compute_type: z.string(),
    generation: z.number().int(),
    /** `open` until its end is proven. */
    state: z.enum(['open', 'ended']),
    since: z.string(),
    lease_expires_at: taskSchema.shape.leaseExpiresAt,
    task_status: z.enum(taskStatuses as [TaskStatus, ...TaskStatus[]]),
    last_stop: lastStopWire.optional(),
  })
  .openapi('SessionEntry');
export type SessionView = z.infer<typeof sessionEntryWire>;

/** The view of an entry. Texts of a substrate may hold anything. */
export function toSessionView({ task, lastStop, isOpen, ...entry }: SessionEntry): SessionView {
  return {
    session_id: entry.sessionId,
    task_id: task.taskId,
    user_id: task.userId,
    repo: task.repo,
    compute_type: entry.computeType,
    generation: entry.generation,
    state: isOpen ? 'open' : 'ended',
    since: entry.since,
    ...(task.leaseExpiresAt !== undefined && { lease_expires_at: task.leaseExpiresAt }),
    task_status: task.status,
    ...(lastStop && { last_stop: toLastStop(lastStop) }),
  };
}

function toLastStop({ outcome, provenBy, failure, at, attempts }: SessionStop): NonNullable<SessionView['last_stop']> {
  return {
    outcome,
    ...(provenBy !== undefined && { proven_by: redactOrHide(provenBy) }),
    ...(failure && { code: failure.code, message: redactOrHide(failure.message) }),
    at,
    attempts,
  };
}

const counts = z.record(z.string(), z.number().int());

const passWire = z
  .object({
    looked: z.number().int(),
    /** How many, by what was done. */
    did: counts,
    /** How many could not be looked after, by code. */
    errors: counts,
    /** More was left than one run takes on. */
    more: z.boolean(),
  })
  .openapi('ReconcilePass');

/** What a run of the reconcilers did. */
export const reconcileWire = z
  .object({
    outcome: z.enum(['clean', 'partial']),
    took_ms: z.number().int(),
    tasks: passWire,
    sessions: passWire,
    slots: passWire,
  })
  .openapi('ReconcileReport');
export type ReconcileView = z.infer<typeof reconcileWire>;

/** The view of a run that was not for nothing. */
export function toReconcileView(
  { tookMs, tasks, sessions, slots }: ReconcileReport,
  outcome: ReconcileView['outcome'],
): ReconcileView {
  return {
    outcome,
    took_ms: tookMs,
    tasks: toPassView(tasks),
    sessions: toPassView(sessions),
    slots: toPassView(slots),
  };
}

function toPassView({ looked, did, errors, more }: PassReport): ReconcileView['tasks'] {
  return { looked, did: { ...did } as Record<string, number>, errors: { ...errors } as Record<string, number>, more };
}
