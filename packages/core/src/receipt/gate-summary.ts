import * as z from 'zod';
import { findMilestone } from '../events/milestones.ts';
import type { TaskEvent } from '../events/task-event.ts';
import { recordedWorkspace, toolInputPreview } from '../gate/call-text.ts';

/** Most calls that a receipt names. The counts are of all. */
const mostNamed = 20;

/** What became of a call that a rule had something to say of. */
export const gateOutcomes = [
  'hard_denied',
  'approved',
  'denied',
  'timed_out',
  'permitted',
  'refused',
  'stranded',
] as const;

/** What the gate did in a task besides letting ordinary calls through, for its receipt. */
export const gateSummarySchema = z.object({
  /** Calls judged in all. */
  calls: z.number().int().nonnegative(),
  /**
   * How many of each: `hard_denied` by a hard rule, `approved`, `denied` and `timed_out` by a person or the lack of one,
   * `permitted` by a scope given before, `refused` without asking (asked a moment ago, a cap, no time), `stranded` when the
   * task ended first.
   */
  counts: z.array(z.object({ outcome: z.enum(gateOutcomes), count: z.number().int().positive() })),
  /** The first of them, in order. */
  named: z.array(
    z.object({
      outcome: z.enum(gateOutcomes),
      tool: z.string(),
      call: z.string(),
      ruleIds: z.array(z.string()),
      /** For `permitted` the scope that did, for `approved` the one that was given. */
      scope: z.string().optional(),
      /** For `denied`: what the person said. */
      reason: z.string().optional(),
    }),
  ),
});
export type GateSummary = z.infer<typeof gateSummarySchema>;
type NamedCall = GateSummary['named'][number];

/**
 * What the gate did, from the log of the task. `undefined` when nothing was judged.
 *
 * @param events the log, or its parts, in order
 */
export function summarizeGate(events: readonly TaskEvent[]): GateSummary | undefined {
  const asked = new Map<string, NamedCall>();
  const all: NamedCall[] = [];
  let calls = 0;
  for (const event of events) {
    if (event.eventType === 'policy_decision') {
      calls += 1;
      const call = namedCall(event);
      if (call !== undefined) all.push(call);
      const requestId = event.metadata['request_id'];
      if (call !== undefined && typeof requestId === 'string') asked.set(requestId, call);
    }
    noteEnd(event, asked);
  }
  if (calls === 0) return undefined;
  return { calls, counts: countOutcomes(all), named: all.slice(0, mostNamed) };
}

/** `undefined` for an ordinary call. One that was asked about counts as stranded until its end is told. */
function namedCall({ metadata }: TaskEvent): NamedCall | undefined {
  const outcome = outcomeOf(metadata);
  if (outcome === undefined) return undefined;
  const { tool_name: tool, matching_rule_ids: ruleIds, scope, input } = metadata;
  return {
    outcome,
    tool: String(tool),
    call: toolInputPreview(input, recordedWorkspace),
    ruleIds: Array.isArray(ruleIds) ? ruleIds.map(String) : [],
    ...(typeof scope === 'string' && { scope }),
  };
}

function outcomeOf({ outcome, decided_by: decidedBy }: TaskEvent['metadata']): NamedCall['outcome'] | undefined {
  if (outcome === 'ask') return 'stranded';
  if (outcome === 'deny') return decidedBy === 'hard_rule' ? 'hard_denied' : 'refused';
  return decidedBy === 'scope' || decidedBy === 'grant' ? 'permitted' : undefined;
}

function noteEnd({ eventType, metadata }: TaskEvent, asked: ReadonlyMap<string, NamedCall>): void {
  if (eventType !== 'agent_milestone') return;
  const granted = findMilestone(metadata, 'approval_granted');
  const denied = findMilestone(metadata, 'approval_denied');
  const timedOut = findMilestone(metadata, 'approval_timed_out');
  const call = asked.get((granted ?? denied ?? timedOut)?.request_id ?? '');
  if (call === undefined) return;
  if (granted !== undefined) Object.assign(call, { outcome: 'approved', scope: granted.scope });
  if (denied !== undefined) Object.assign(call, { outcome: 'denied', reason: denied.reason });
  if (timedOut !== undefined) Object.assign(call, { outcome: 'timed_out' });
}

function countOutcomes(calls: readonly NamedCall[]): GateSummary['counts'] {
  return gateOutcomes
    .map((outcome) => ({ outcome, count: calls.filter((call) => call.outcome === outcome).length }))
    .filter(({ count }) => count > 0);
}
