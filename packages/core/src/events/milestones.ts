import * as z from 'zod';
import { severities } from '../policy/rule.ts';
import type { NewTaskEvent } from './task-event.ts';

const text = z.string();
const count = z.number().int().nonnegative();
const ruleIds = z.array(text);

/**
 * What happened at certain points of a session, with the schema of the fields of each, in wire names. They are told as
 * events of type `agent_milestone`; who shows, counts or forwards them derives from this table.
 */
export const milestoneRegistry = {
  repo_cloned: z.object({ base_branch: text, base_sha: text }),
  agent_started: z.object({ model: text }),
  work_saved: z.object({ sha: text }),
  branch_pushed: z.object({ sha: text, branch: text }),
  pr_created: z.object({ pr_url: text, number: count }),
  review_left: z.object({ review_url: text, number: count }),
  diff_size: z.object({ commits: count, files: count, insertions: count, deletions: count }),
  /** The scopes that a session starts with: those of the submit, and what was permitted before a restart. */
  pre_approvals_loaded: z.object({ count, scopes: z.array(text) }),
  /** Texts of people that were handed to the model between two turns. */
  nudges_delivered: z.object({ nudge_ids: z.array(text) }),
  approval_requested: z.object({
    request_id: text,
    tool_name: text,
    input_preview: text,
    input_sha256: text,
    reason: text,
    severity: z.enum(severities),
    timeout_s: count,
    expires_at: text,
    matching_rule_ids: ruleIds,
  }),
  approval_granted: z.object({
    request_id: text,
    scope: text,
    decided_at: text,
    created_at: text,
    effective_timeout_s: count,
    matching_rule_ids: ruleIds,
  }),
  approval_denied: z.object({
    request_id: text,
    reason: text,
    decided_at: text,
    created_at: text,
    effective_timeout_s: count,
    matching_rule_ids: ruleIds,
  }),
  approval_timed_out: z.object({
    request_id: text,
    timeout_s: count,
    created_at: text,
    effective_timeout_s: count,
    matching_rule_ids: ruleIds,
  }),
  /** The task ended, or nobody looked after it, while the request was open. */
  approval_stranded: z.object({ request_id: text, age_s: count, reason: text }),
  approval_write_failed: z.object({ request_id: text, error: text }),
  approval_resume_failed: z.object({ request_id: text, error: text }),
  approval_poll_degraded: z.object({ request_id: text, consecutive_failures: count }),
  approval_timeout_capped: z.object({
    request_id: text,
    requested_timeout_s: count,
    effective_timeout_s: count,
    reason: z.enum(['rule_annotation', 'max_lifetime_ceiling']),
    matching_rule_ids: ruleIds.optional(),
  }),
  approval_ceiling_shrinking: z.object({
    request_id: text,
    max_lifetime_remaining_s: z.number().int(),
    cleanup_margin_s: count,
    task_default_timeout_s: count,
  }),
  approval_cap_exceeded: z.object({ request_id: text, count, cap: count }),
  approval_rate_limit_exceeded: z.object({ request_id: text, rate: count, limit: count }),
  approval_late_win: z.object({ request_id: text, outcome: text, reason: text }),
} as const;

/** The name of a milestone. */
export type Milestone = keyof typeof milestoneRegistry;

/** What a milestone tells, as it stands on the wire. */
export type MilestoneFields<M extends Milestone> = z.infer<(typeof milestoneRegistry)[M]>;

/** The event that tells of a milestone. */
export function milestoneEvent<M extends Milestone>(milestone: M, fields: MilestoneFields<M>): NewTaskEvent {
  return { eventType: 'agent_milestone', metadata: { ...fields, milestone } };
}

/** The fields of `metadata` when it is that of `milestone`, and as it should be. */
export function findMilestone<M extends Milestone>(
  metadata: Readonly<Record<string, unknown>>,
  milestone: M,
): MilestoneFields<M> | undefined {
  if (metadata['milestone'] !== milestone) return undefined;
  return milestoneRegistry[milestone].safeParse(metadata).data as MilestoneFields<M> | undefined;
}
