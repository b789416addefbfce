import { eventRegistry } from '@abca/core';
import type { EventView, RuleView } from '../client/wire-types.ts';
import { CliError } from '../errors/cli-error.ts';
import type { Decision } from './recorded-calls.ts';

/** All that is known of one decision. */
export interface Explanation {
  readonly task_id: string;
  readonly seq: number;
  readonly turn?: number;
  readonly tool_name: string;
  readonly outcome: Decision['outcome'];
  readonly decided_by?: NonNullable<Decision['decided_by']>;
  /** What that means. */
  readonly meaning: string;
  readonly reason?: string;
  /** Every rule that matched; of one that is not known any more, the id alone. */
  readonly rules: readonly (Partial<RuleView> & Pick<RuleView, 'rule_id'>)[];
  /** The permission that let it through. */
  readonly scope?: string;
  /** What a person was asked, and what came of it. */
  readonly request?: { readonly request_id: string; readonly status: string };
  readonly input?: Readonly<Record<string, unknown>>;
  readonly facts?: Readonly<Record<string, unknown>>;
}

const meanings: Readonly<Record<NonNullable<Decision['decided_by']>, string>> = {
  no_rule: 'no rule matched that still has to be asked about',
  hard_rule: 'a hard rule matched, which no approval lifts',
  soft_rule: 'a soft rule matched that nothing had permitted',
  scope: 'a scope permits every rule that matched',
  recent_decision: 'a person had refused it, or not answered, within the last minute',
  grant: 'an approval for this very call had been given and not used',
  fail_closed: 'something was in doubt, and what is in doubt is denied',
};

/** Milestones that say what came of a request. */
const ends: Readonly<Record<string, string>> = {
  approval_granted: 'approved',
  approval_denied: 'denied',
  approval_timed_out: 'not answered in time',
  approval_stranded: 'left open when the task ended',
  approval_write_failed: 'not asked: it could not be stored',
};

/**
 * The decision with number `seq`, in full. Pure.
 *
 * @param events of the task
 * @param rules that are known now
 * @throws CliError NOT_A_DECISION, with the decisions nearest to it
 */
export function explain(events: readonly EventView[], seq: number, rules: readonly RuleView[]): Explanation {
  const event = events.find((candidate) => candidate.seq === seq);
  const decision = event && findDecision(event);
  if (event === undefined || decision === undefined) throw notADecision(events, seq);
  const { tool_name, outcome, decided_by, reason, turn, scope, request_id, input, facts } = decision;
  return {
    task_id: event.task_id,
    seq,
    ...(turn !== undefined && { turn }),
    tool_name,
    outcome,
    ...(decided_by !== undefined && { decided_by }),
    meaning: decided_by === undefined ? 'it was not recorded what decided' : meanings[decided_by],
    ...(reason !== undefined && { reason }),
    rules: decision.matching_rule_ids.map((id) => rules.find(({ rule_id }) => rule_id === id) ?? { rule_id: id }),
    ...(scope !== undefined && { scope }),
    ...(request_id !== undefined && { request: { request_id, status: statusOf(events, request_id) } }),
    ...(input !== undefined && { input }),
    ...(facts !== undefined && { facts }),
  };
}

function findDecision({ event_type, metadata }: EventView): Decision | undefined {
  return event_type === 'policy_decision' ? eventRegistry.policy_decision.safeParse(metadata).data : undefined;
}

function statusOf(events: readonly EventView[], requestId: string): string {
  for (const { metadata } of events) {
    const { request_id, milestone, scope, reason } = metadata as Readonly<Record<string, unknown>>;
    if (request_id !== requestId || typeof milestone !== 'string' || !Object.hasOwn(ends, milestone)) continue;
    const detail = milestone === 'approval_granted' ? scope : reason;
    return `${ends[milestone] ?? ''}${typeof detail === 'string' ? `: ${detail}` : ''}`;
  }
  return 'open';
}

function notADecision(events: readonly EventView[], seq: number): CliError {
  const found = events.find((event) => event.seq === seq);
  const what = found === undefined ? 'does not exist' : `is ${found.event_type}, not a decision of the gate`;
  const near = events
    .filter((event) => findDecision(event) !== undefined)
    .sort((left, right) => Math.abs(left.seq - seq) - Math.abs(right.seq - seq))
    .slice(0, 3)
    .sort((left, right) => left.seq - right.seq)
    .map((event) => `${String(event.seq)} (${findDecision(event)?.tool_name ?? ''})`);
  return new CliError('NOT_A_DECISION', `event ${String(seq)} ${what}`, {
    suggestion: near.length === 0 ? 'the log holds no decisions' : `the nearest decisions are: ${near.join(', ')}`,
  });
}
