import type { EventView } from '../client/wire-types.ts';
import type { EventMetadata, EventType } from '@abca/core';
import { formatCount, formatMoney, plural } from './format.ts';
import { oneLine, type Tone } from './line.ts';
import { findDescriber } from './milestone-text.ts';

/** What an event says to a person. */
export interface EventText {
  /** A word or two: the phase. */
  readonly label: string;
  readonly detail: string;
  readonly tone?: Tone;
  /** Part of a turn, shown below it. */
  readonly isInner?: true;
}

type Describers = { readonly [T in EventType]: (metadata: EventMetadata<T>) => EventText };

/** One entry per event type of core; the compiler refuses a type without one. */
const describers: Describers = {
  task_created: ({ repo, task_type }) => ({ label: 'submitted', detail: `${repo} · ${task_type}`, tone: 'title' }),
  admission_queued: ({ position }) => ({
    label: 'queued',
    detail: `number ${String(position)} in line for a slot`,
    tone: 'warn',
  }),
  admission_granted: () => ({ label: 'admitted', detail: 'a slot is held', tone: 'title' }),
  preflight_failed: ({ code, message }) => ({ label: 'pre-flight', detail: `${code}: ${message}`, tone: 'bad' }),
  hydration_started: () => ({ label: 'hydrating', detail: 'gathering context', tone: 'title' }),
  hydration_complete: ({ context_tokens, truncated }) => ({
    label: 'context',
    detail: `${plural(context_tokens, 'token')}${truncated ? ', cut to the limit' : ''}`,
  }),
  session_started: ({ compute_type, session_id }) => ({
    label: 'running',
    detail: `session on ${compute_type} · ${session_id}`,
    tone: 'title',
  }),
  session_start_retry: ({ attempt, message }) => ({
    label: 'start again',
    detail: `attempt ${String(attempt)}: ${message}`,
    tone: 'warn',
  }),
  task_completed: ({ outcome, turns, cost_usd }) => ({
    label: 'completed',
    detail: `${outcome} · ${plural(turns, 'turn')} · ${formatMoney(cost_usd)}`,
    tone: 'good',
  }),
  task_failed: ({ code, message, outcome }) => ({
    label: 'failed',
    detail: `${code}: ${message}${outcome === undefined ? '' : ` (${outcome})`}`,
    tone: 'bad',
  }),
  task_cancelled: ({ by }) => ({ label: 'cancelled', detail: `by ${by}`, tone: 'warn' }),
  task_timed_out: ({ code, message }) => ({ label: 'timed out', detail: `${code}: ${message}`, tone: 'bad' }),
  task_stranded: ({ code, message }) => ({ label: 'stranded', detail: `${code}: ${message}`, tone: 'bad' }),
  task_cancel_compute_orphan: ({ message }) => ({ label: 'not stopped', detail: message, tone: 'bad' }),
  approval_decision_recorded: ({ decision, request_id, by, scope }) => ({
    label: 'decision',
    detail: [decision, by && `by ${by}`, scope, request_id].filter(Boolean).join(' · '),
    tone: decision === 'approved' ? 'good' : 'warn',
  }),
  approval_timeout_capped_at_submit: ({ requested_timeout_s, effective_timeout_s }) => ({
    label: 'time-out',
    detail: `approvals wait ${String(effective_timeout_s)} s, not ${String(requested_timeout_s)} s`,
    tone: 'warn',
  }),
  nudge_received: ({ nudge_id, text }) => ({ label: 'nudged', detail: text ?? nudge_id, tone: 'accent' }),
  agent_turn: ({ turn, text_preview }) => ({ label: `turn ${String(turn)}`, detail: text_preview, tone: 'accent' }),
  agent_tool_call: ({ tool_name, tool_input_preview }) => ({
    label: '→',
    detail: `${tool_name} ${tool_input_preview}`,
    isInner: true,
  }),
  agent_tool_result: ({ tool_name, is_error, content_preview }) => ({
    label: is_error ? '✗' : '✓',
    detail: `${tool_name} ${content_preview}`,
    tone: is_error ? 'bad' : 'dim',
    isInner: true,
  }),
  agent_cost_update: ({ cost_usd, input_tokens, output_tokens }) => ({
    label: '$',
    detail: `${formatMoney(cost_usd)} spent · ${formatCount(input_tokens)} in, ${formatCount(output_tokens)} out`,
    tone: 'dim',
    isInner: true,
  }),
  agent_error: ({ error_type, message_preview }) => ({
    label: 'agent error',
    detail: `${error_type}: ${message_preview}`,
    tone: 'bad',
  }),
  agent_milestone: describeMilestone,
  policy_decision: describeDecision,
};

/** `event` in words. An event that this version does not know, or that has another shape, is shown as it came. */
export function describeEvent(event: EventView): EventText {
  try {
    const describe = describers[event.event_type] as (metadata: unknown) => EventText;
    const text = describe(event.metadata);
    return { ...text, label: oneLine(text.label), detail: oneLine(text.detail) };
  } catch {
    return { label: oneLine(String(event.event_type)), detail: oneLine(JSON.stringify(event.metadata) ?? '') };
  }
}

type Milestone = EventMetadata<'agent_milestone'>;

function describeMilestone(metadata: Milestone): EventText {
  const known = findDescriber(metadata.milestone);
  if (known !== undefined) return known(metadata);
  const { milestone, ...rest } = metadata;
  const fields = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return { label: milestone.replaceAll('_', ' '), detail: fields.join(' ') };
}

function describeDecision(decision: EventMetadata<'policy_decision'>): EventText {
  const { tool_name, reason, decided_by, scope, matching_rule_ids } = decision;
  switch (decision.outcome) {
    case 'allow':
      return {
        label: '·',
        detail: `permitted ${tool_name}${permittedBy(decided_by, scope)}`,
        tone: 'dim',
        isInner: true,
      };
    case 'ask':
      return {
        label: '?',
        detail: `${tool_name} needs an approval${because(reason, matching_rule_ids)}`,
        tone: 'warn',
        isInner: true,
      };
    case 'deny':
      return {
        label: '⊘',
        detail: `${tool_name} denied${because(reason, matching_rule_ids)}`,
        tone: 'warn',
        isInner: true,
      };
    default:
      throw new Error(`unknown outcome ${String(decision.outcome satisfies never)}`);
  }
}

function permittedBy(decidedBy: string | undefined, scope: string | undefined): string {
  if (decidedBy === 'grant') return ' by an approval that was not used yet';
  return scope === undefined ? '' : ` by ${scope}`;
}

function because(reason: string | undefined, rules: readonly string[]): string {
  if (reason !== undefined) return `: ${reason}`;
  return rules.length === 0 ? '' : `: ${rules.join(', ')}`;
}
