import type { EventType } from '../events/event-registry.ts';
import type { Milestone } from '../events/milestones.ts';
import type { TaskEvent } from '../events/task-event.ts';

/** Where people are told of their tasks. */
export const channels = ['slack', 'github', 'email'] as const;
export type Channel = (typeof channels)[number];

const nobody: readonly Channel[] = [];
const everywhere: readonly Channel[] = channels;

/**
 * Who is told of an event, for every type of event. The only list of it: routing, the defaults that people see and the
 * documents derive from it, and the compiler asks for a line for each new type.
 */
const eventAudience: Readonly<Record<EventType, readonly Channel[]>> = {
  task_created: ['slack'],
  admission_queued: nobody,
  admission_granted: nobody,
  preflight_failed: nobody,
  hydration_started: nobody,
  hydration_complete: nobody,
  session_started: ['slack'],
  session_start_retry: nobody,
  task_completed: everywhere,
  task_failed: everywhere,
  task_cancelled: ['slack', 'github'],
  task_timed_out: everywhere,
  task_stranded: ['slack', 'github'],
  task_cancel_compute_orphan: nobody,
  approval_decision_recorded: nobody,
  approval_timeout_capped_at_submit: nobody,
  nudge_received: nobody,
  agent_turn: nobody,
  agent_tool_call: nobody,
  agent_tool_result: nobody,
  agent_cost_update: nobody,
  agent_error: ['slack'],
  // Told by what the milestone is, below.
  agent_milestone: nobody,
  policy_decision: nobody,
};

/** The same for every milestone. The ends of a request are told so that an open card does not stay open. */
const milestoneAudience: Readonly<Record<Milestone, readonly Channel[]>> = {
  repo_cloned: nobody,
  agent_started: nobody,
  work_saved: nobody,
  branch_pushed: nobody,
  pr_created: ['github'],
  review_left: nobody,
  diff_size: nobody,
  pre_approvals_loaded: nobody,
  nudges_delivered: nobody,
  approval_requested: ['slack', 'email'],
  approval_granted: ['slack'],
  approval_denied: ['slack'],
  approval_timed_out: ['slack'],
  approval_stranded: ['slack'],
  approval_write_failed: nobody,
  approval_resume_failed: nobody,
  approval_poll_degraded: nobody,
  approval_timeout_capped: nobody,
  approval_ceiling_shrinking: nobody,
  approval_cap_exceeded: nobody,
  approval_rate_limit_exceeded: nobody,
  approval_late_win: nobody,
};

/** The channels that are told of `event`, whoever's it is. A milestone that this version does not know is told to nobody. */
export function channelsOf({ eventType, metadata }: Pick<TaskEvent, 'eventType' | 'metadata'>): readonly Channel[] {
  if (eventType !== 'agent_milestone') return eventAudience[eventType];
  const milestone = metadata['milestone'];
  return typeof milestone === 'string' && Object.hasOwn(milestoneAudience, milestone)
    ? milestoneAudience[milestone as Milestone]
    : nobody;
}

/** What `channel` is told of, in the order of the registries: names of events, then of milestones. */
export function toldOn(channel: Channel): readonly (EventType | Milestone)[] {
  const all = [...Object.entries(eventAudience), ...Object.entries(milestoneAudience)];
  return all.filter(([, told]) => told.includes(channel)).map(([name]) => name as EventType | Milestone);
}
