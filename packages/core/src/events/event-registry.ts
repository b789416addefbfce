import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../errors/abca-error.ts';

const text = z.string();
const count = z.number().int().nonnegative();
const none = z.object({});
const failure = { code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]), message: text };
const spent = { turns: count, cost_usd: z.number().nonnegative() };

/**
 * Every event of a task with the schema of its metadata. Metadata is the wire form itself, so its names are
 * snake_case. Channels, the API's document and the CLI derive from this table.
 */
export const eventRegistry = {
  task_created: z.object({ repo: text, task_type: text }),
  admission_queued: z.object({ position: count }),
  admission_granted: none,
  preflight_failed: z.object(failure),
  hydration_started: none,
  hydration_complete: z.object({ context_tokens: count, truncated: z.boolean() }),
  session_started: z.object({ session_id: text, compute_type: text }),
  session_start_retry: z.object({ attempt: count, message: text }),
  task_completed: z.object({
    outcome: text,
    branch: text.optional(),
    head_sha: text.optional(),
    pr_url: text.optional(),
    ...spent,
  }),
  task_failed: z.object({ ...failure, outcome: text.optional() }),
  task_cancelled: z.object({ by: text }),
  task_timed_out: z.object(failure),
  task_stranded: z.object(failure),
  task_cancel_compute_orphan: z.object({ session_id: text, message: text }),
  approval_decision_recorded: z.object({ request_id: text, decision: text }),
  approval_timeout_capped_at_submit: z.object({ requested_timeout_s: count, effective_timeout_s: count }),
  nudge_received: z.object({ nudge_id: text }),
  agent_turn: z.object({ turn: count, model: text, text_preview: text, tool_calls_count: count }),
  agent_tool_call: z.object({ tool_name: text, tool_input_preview: text, turn: count }),
  agent_tool_result: z.object({ tool_name: text, is_error: z.boolean(), content_preview: text, turn: count }),
  agent_cost_update: z.object({
    cost_usd: z.number().nonnegative(),
    input_tokens: count,
    output_tokens: count,
    turn: count,
  }),
  agent_error: z.object({ error_type: text, message_preview: text }),
  agent_milestone: z.looseObject({ milestone: text }),
  policy_decision: z.object({
    tool_name: text,
    outcome: text,
    matching_rule_ids: z.array(text),
    reason: text.optional(),
    turn: count.optional(),
  }),
} as const;

/** The kind of an event. */
export type EventType = keyof typeof eventRegistry;

/** What an event of type `T` tells, as it stands on the wire. */
export type EventMetadata<T extends EventType> = z.infer<(typeof eventRegistry)[T]>;

/** All event types. */
export const eventTypes = Object.keys(eventRegistry) as readonly EventType[];

/** Events that end a task: its stream ends with one of them. Only a `task_cancel_compute_orphan` may come later. */
export const terminalEventTypes = [
  'task_completed',
  'task_failed',
  'task_cancelled',
  'task_timed_out',
  'task_stranded',
] as const satisfies readonly EventType[];

/** Whether an event of this type ends its task's log. */
export function isTerminalEvent(type: EventType): boolean {
  return (terminalEventTypes as readonly EventType[]).includes(type);
}
