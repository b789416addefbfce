import type { RuleSummary } from '@abca/core';
import type { EventView, RuleView } from '../client/wire-types.ts';
import { CliError, exitCodes, usageError, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { clientOf, type CommandContext } from '../program/context.ts';
import { explain, type Explanation } from './explanation.ts';
import { explanationLines } from './explanation-lines.ts';
import { loadEngine } from './load-engine.ts';
import { eventsOfTask, readEvents } from './read-events.ts';
import { choosePolicies, type PolicyChoice } from './run-test.ts';

export interface ExplainFlags extends PolicyChoice, JsonFlags {
  /** A file of events, in place of a task. */
  readonly events?: string;
}

const fieldNames: Readonly<Record<keyof Explanation, true>> = {
  task_id: true,
  seq: true,
  turn: true,
  tool_name: true,
  outcome: true,
  decided_by: true,
  meaning: true,
  reason: true,
  rules: true,
  scope: true,
  request: true,
  input: true,
  facts: true,
};

/**
 * Say why the gate decided as it did.
 *
 * @param words a task and the number of an event; with `--events` the number alone
 */
export async function runPolicyExplain(
  context: CommandContext,
  words: readonly string[],
  flags: ExplainFlags,
): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, Object.keys(fieldNames), io.stdout) : undefined;
  const { taskId, seq } = parseWords(words, flags);
  const events =
    taskId === undefined
      ? onlyTask(await readEvents(context, flags.events ?? '-', flags))
      : await eventsOfTask(context, taskId, flags);
  const explanation = explain(events, seq, await rulesFor(context, { taskId, events, flags }));
  if (json !== undefined) out.raw(await json.format(explanation));
  else out.print(...explanationLines(explanation));
  return exitCodes.ok;
}

function parseWords(words: readonly string[], { events }: ExplainFlags): { taskId?: string; seq: number } {
  const [first = '', second] = words;
  const number = events === undefined ? second : first;
  if (number === undefined || !/^\d+$/.test(number) || (events !== undefined && second !== undefined)) {
    throw usageError(
      'a task and the number of an event are needed, or --events <file> and the number',
      'find the number with: bgagent events <task>',
    );
  }
  return { ...(events === undefined && { taskId: first }), seq: Number(number) };
}

/** Numbers of events are those of one task. */
function onlyTask(events: readonly EventView[]): readonly EventView[] {
  const tasks = new Set(events.map(({ task_id }) => task_id));
  if (tasks.size <= 1) return events;
  throw new CliError('EVENTS_INVALID', `the file holds events of ${String(tasks.size)} tasks`, {
    suggestion: 'write those of one with: bgagent events <task> --json > events.json',
  });
}

interface RuleQuery {
  readonly taskId: string | undefined;
  readonly events: readonly EventView[];
  readonly flags: ExplainFlags;
}

/** The rules that hold now: those of the task's repository, or, for a file, the built-in ones and those that are named. */
async function rulesFor(context: CommandContext, { taskId, events, flags }: RuleQuery): Promise<readonly RuleView[]> {
  const repo = events.at(-1)?.repo;
  if (taskId !== undefined && repo !== undefined && flags.hard === undefined && flags.soft === undefined) {
    try {
      return (await clientOf(context, flags).getPolicies(flags.repo ?? repo)).rules;
    } catch {
      // Its repository may be gone, or its policies broken: what was recorded is still worth reading.
    }
  }
  const { policies, files } = await choosePolicies(context, flags);
  return (await loadEngine(policies, files)).rules.map(toRuleView);
}

function toRuleView({ ruleId, approvalTimeoutS, ...rest }: RuleSummary): RuleView {
  return { rule_id: ruleId, ...(approvalTimeoutS !== undefined && { approval_timeout_s: approvalTimeoutS }), ...rest };
}
