import {
  canonicalHash,
  decideCall,
  parsePreApproval,
  recordedWorkspace,
  toolInputPreview,
  type ApprovalScope,
  type GateDecision,
  type PolicyEngine,
} from '@abca/core';
import type { Decision, RecordedCall, RecordedTask, UnusableCall } from './recorded-calls.ts';

/** What the gate says of a call. */
export type Outcome = Decision['outcome'];

/** A call whose decision another policy changes. */
export interface Flip {
  readonly task_id: string;
  readonly seq: number;
  readonly tool_name: string;
  readonly call: string;
  readonly before: Outcome;
  readonly after: Outcome;
  /** Rules that matched then and now. */
  readonly rules_before: readonly string[];
  readonly rules_after: readonly string[];
}

/** How many calls had each outcome. */
export type Tally = Readonly<Record<Outcome, number>>;

/** What another policy means for one task. */
export interface ReplayedTask {
  readonly task_id: string;
  readonly calls: number;
  /** People were asked so many times when the task ran. */
  readonly asked: number;
  /** By the rules alone, then and now: a scope that was given at a prompt is not given again. */
  readonly asks_before: number;
  readonly asks_after: number;
}

/** What another policy means for recorded calls. */
export interface Replay {
  readonly flips: readonly Flip[];
  readonly totals: { readonly calls: number; readonly before: Tally; readonly after: Tally };
  readonly tasks: readonly ReplayedTask[];
  readonly not_replayed: readonly {
    readonly task_id: string;
    readonly seq: number;
    readonly tool_name: string;
    readonly why: string;
  }[];
}

interface Compared {
  readonly call: RecordedCall;
  readonly before: Outcome;
  readonly after: GateDecision;
}

/**
 * Judge recorded calls anew. Each is decided by itself: nothing is remembered from one to the next, so that a scope which a
 * person gave at a prompt counts as the question it answered, in both columns alike.
 *
 * @param scopes permitted in advance besides those of each task
 */
export async function replay(
  engine: PolicyEngine,
  tasks: readonly RecordedTask[],
  scopes: readonly string[],
): Promise<Replay> {
  const replayed = await Promise.all(
    tasks.map(async (task) => {
      const results = await replayTask(engine, task, scopes);
      return {
        task,
        compared: results.filter((one) => !isInDoubt(one)),
        doubted: results.filter(isInDoubt),
      };
    }),
  );
  const all = replayed.flatMap(({ compared }) => compared);
  return {
    flips: replayed.flatMap(({ task, compared }) => compared.filter(isFlip).map((one) => toFlip(task, one))),
    totals: {
      calls: all.length,
      before: tally(all.map(({ before }) => before)),
      after: tally(all.map(({ after }) => after.outcome)),
    },
    tasks: replayed.map(({ task, compared }) => toReplayedTask(task, compared)),
    not_replayed: replayed.flatMap(({ task, doubted }) => [
      ...task.unusable.map((one) => toNotReplayed(task, one)),
      ...doubted.map((one) => toNotReplayed(task, unusable(one))),
    ]),
  };
}

/** What the rules alone said: without scopes from prompts, earlier answers, and bounds on how often may be asked. */
export function outcomeByRules(decision: Decision, preApprovals: readonly string[]): Outcome {
  switch (decision.decided_by) {
    case 'scope':
      return preApprovals.includes(decision.scope ?? '') ? 'allow' : 'ask';
    case 'grant':
    case 'recent_decision':
    case 'soft_rule':
      return 'ask';
    case 'no_rule':
    case 'hard_rule':
    case 'fail_closed':
    case undefined:
      return decision.outcome;
    default:
      return decision.decided_by satisfies never;
  }
}

async function replayTask(
  engine: PolicyEngine,
  { calls, preApprovals }: RecordedTask,
  scopes: readonly string[],
): Promise<readonly Compared[]> {
  const view = { scopes: [...preApprovals.flatMap(tryScope), ...scopes.map(parsePreApproval)], recent: [], grants: [] };
  return Promise.all(
    calls.map(async (call) => {
      const { toolName, input } = call.request;
      const identity = { toolName, inputSha256: await canonicalHash(input) };
      const after = decideCall(identity, await engine.judge(call.request), view, 0);
      return { call, before: outcomeByRules(call.decision, preApprovals), after };
    }),
  );
}

/** A scope that another version wrote permits nothing. */
function tryScope(text: string): readonly ApprovalScope[] {
  try {
    return [parsePreApproval(text)];
  } catch {
    return [];
  }
}

/** The engine could not judge it: most likely it is a part of a call only. */
function isInDoubt({ after }: Compared): boolean {
  return after.decidedBy === 'fail_closed';
}

function isFlip({ before, after }: Compared): boolean {
  return before !== after.outcome;
}

function toFlip({ taskId }: RecordedTask, { call, before, after }: Compared): Flip {
  const { toolName, input } = call.request;
  return {
    task_id: taskId,
    seq: call.seq,
    tool_name: toolName,
    call: toolInputPreview(input, recordedWorkspace),
    before,
    after: after.outcome,
    rules_before: call.decision.matching_rule_ids,
    rules_after: after.matchingRuleIds,
  };
}

function toReplayedTask({ taskId }: RecordedTask, compared: readonly Compared[]): ReplayedTask {
  return {
    task_id: taskId,
    calls: compared.length,
    asked: compared.filter(({ call }) => call.decision.outcome === 'ask').length,
    asks_before: compared.filter(({ before }) => before === 'ask').length,
    asks_after: compared.filter(({ after }) => after.outcome === 'ask').length,
  };
}

function toNotReplayed({ taskId }: RecordedTask, { seq, toolName, why }: UnusableCall): Replay['not_replayed'][number] {
  return { task_id: taskId, seq, tool_name: toolName, why };
}

function unusable({ call, after }: Compared): UnusableCall {
  const why = 'reason' in after ? after.reason : 'it cannot be judged';
  return { seq: call.seq, toolName: call.request.toolName, why };
}

function tally(outcomes: readonly Outcome[]): Tally {
  const count = (wanted: Outcome): number => outcomes.filter((outcome) => outcome === wanted).length;
  return { allow: count('allow'), ask: count('ask'), deny: count('deny') };
}
