import * as z from 'zod';
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
    review_url: text.optional(),
    ...spent,
  }),
  task_failed: z.object({ ...failure, outcome: text.optional() }),
  task_cancelled: z.object({ by: text }),
  task_timed_out: z.object(failure),
  task_stranded: z.object(failure),
  task_cancel_compute_orphan: z.object({ session_id: text, message: text }),
  approval_decision_recorded: z.object({
    request_id: text,
    decision: z.enum(['approved', 'denied']),
    by: text,
    /** For approved: what else is permitted from now on. */
    scope: text.optional(),
  }),
  approval_timeout_capped_at_submit: z.object({ requested_timeout_s: count, effective_timeout_s: count }),
  /** The text is for the agent: whole, redacted. The log is the queue that its session reads. */
  nudge_received: z.object({ nudge_id: text, text }),
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
  /** What the gate said of a tool call, with all that is needed to explain it and to judge the call again. */
  policy_decision: z.object({
    tool_name: text,
    outcome: z.enum(['allow', 'deny', 'ask']),
    /** Which part of the pipeline decided. */
    decided_by: z
      .enum(['no_rule', 'hard_rule', 'soft_rule', 'scope', 'recent_decision', 'grant', 'fail_closed'])
      .optional(),
    matching_rule_ids: z.array(text),
    reason: text.optional(),
    turn: count.optional(),
    /** For `scope`: the permission that let it through. */
    scope: text.optional(),
    /** For `ask`: the request it led to. */
    request_id: text.optional(),
    /** The fields of the call's input that were judged, redacted; the checkout is `/workspace`. */
    input: z.record(text, z.unknown()).optional(),
    /** Whether `input` was too long to be kept whole: the call cannot be judged again. */
    input_cut: z.boolean().optional(),
    read_only: z.boolean().optional(),
    task_type: text.optional(),
    protected_branches: z.array(text).optional(),
    facts: z.record(text, z.unknown()).optional(),
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
