import type { Milestone, MilestoneFields } from '@abca/core';
import type { EventText } from './event-text.ts';
import { formatDiff, plural, shortSha } from './format.ts';

type Describers = { readonly [M in Milestone]: (fields: MilestoneFields<M>) => EventText };

/** One entry per milestone of core; the compiler refuses a milestone without one. */
const describers: Describers = {
  repo_cloned: ({ base_branch, base_sha }) => ({ label: 'cloned', detail: `${base_branch} at ${shortSha(base_sha)}` }),
  agent_started: ({ model }) => ({ label: 'agent', detail: `model ${model}` }),
  diff_size: ({ commits, files, insertions, deletions }) => ({
    label: 'diff',
    detail: `${plural(commits, 'commit')}, ${formatDiff(files, insertions, deletions)}`,
  }),
  branch_pushed: ({ branch, sha }) => ({ label: 'pushed', detail: `${branch} ${shortSha(sha)}`, tone: 'title' }),
  pr_created: ({ pr_url, number }) => ({
    label: 'pull request',
    detail: `#${String(number)} ${pr_url}`,
    tone: 'title',
  }),
  review_left: ({ review_url, number }) => ({
    label: 'reviewed',
    detail: `#${String(number)} ${review_url}`,
    tone: 'title',
  }),
  work_saved: ({ sha }) => ({ label: 'work saved', detail: shortSha(sha), tone: 'dim' }),
  pre_approvals_loaded: ({ count, scopes }) => ({
    label: 'permitted',
    detail: `${plural(count, 'scope')} in advance${count === 0 ? '' : `: ${scopes.join(', ')}`}`,
  }),
  nudges_delivered: ({ nudge_ids }) => ({
    label: 'nudged',
    detail: `the agent was handed ${plural(nudge_ids.length, 'nudge')}`,
  }),
  approval_requested: ({ tool_name, input_preview, severity, timeout_s, request_id }) => ({
    label: 'approval',
    detail: `asked for ${tool_name} ${input_preview} · ${severity}, ${String(timeout_s)} s · ${request_id}`,
    tone: 'warn',
  }),
  approval_granted: ({ scope, request_id }) => ({
    label: 'approved',
    detail: `${scope === 'this_call' ? 'this call' : scope} · ${request_id}`,
    tone: 'good',
  }),
  approval_denied: ({ reason, request_id }) => ({
    label: 'denied',
    detail: `${reason} · ${request_id}`,
    tone: 'warn',
  }),
  approval_timed_out: ({ effective_timeout_s, request_id }) => ({
    label: 'no answer',
    detail: `nobody answered within ${String(effective_timeout_s)} s; the call is refused · ${request_id}`,
    tone: 'warn',
  }),
  approval_stranded: ({ age_s, reason, request_id }) => ({
    label: 'left open',
    detail: `after ${String(age_s)} s: ${reason} · ${request_id}`,
    tone: 'warn',
  }),
  approval_write_failed: ({ error, request_id }) => ({
    label: 'not asked',
    detail: `the request could not be stored, the call is refused: ${error} · ${request_id}`,
    tone: 'bad',
  }),
  approval_resume_failed: ({ error, request_id }) => ({
    label: 'not resumed',
    detail: `the decision could not be acted on, the call is refused: ${error} · ${request_id}`,
    tone: 'bad',
  }),
  approval_poll_degraded: ({ consecutive_failures }) => ({
    label: 'slow store',
    detail: `the decision could not be read ${String(consecutive_failures)} times in a row`,
    tone: 'warn',
  }),
  approval_timeout_capped: ({ requested_timeout_s, effective_timeout_s, reason }) => ({
    label: 'time-out',
    detail: `waits ${String(effective_timeout_s)} s, not ${String(requested_timeout_s)} s, by ${
      reason === 'rule_annotation' ? 'the rule' : 'the deadline of the task'
    }`,
  }),
  approval_ceiling_shrinking: ({ max_lifetime_remaining_s }) => ({
    label: 'time-out',
    detail: `the task has ${String(max_lifetime_remaining_s)} s left, so answers are waited for less long from now on`,
    tone: 'warn',
  }),
  approval_cap_exceeded: ({ count, cap }) => ({
    label: 'not asked',
    detail: `the task has asked ${String(count)} times and may ask ${String(cap)} times; the call is refused`,
    tone: 'bad',
  }),
  approval_rate_limit_exceeded: ({ rate, limit }) => ({
    label: 'not asked',
    detail: `${String(rate)} requests within a minute, at most ${String(limit)} are made; the call is refused`,
    tone: 'bad',
  }),
  approval_late_win: ({ outcome, request_id }) => ({
    label: 'just in time',
    detail: `${outcome} as the time ran out · ${request_id}`,
  }),
};

/** What makes words of a milestone's fields; `undefined` for one that this version does not know. */
export function findDescriber(milestone: string): ((fields: unknown) => EventText) | undefined {
  if (!Object.hasOwn(describers, milestone)) return undefined;
  return describers[milestone as Milestone] as (fields: unknown) => EventText;
}
