import { parsePreApproval, type CedarPolicies } from '@abca/core';
import type { EventView } from '../client/wire-types.ts';
import { securityOf } from '../commands/repo-policy.ts';
import { readText } from '../commands/read-text.ts';
import { CliError, exitCodes, usageError, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { loadEngine } from './load-engine.ts';
import { joinPolicies, type PolicyFile } from './policy-texts.ts';
import { readEvents } from './read-events.ts';
import { recordedTasks } from './recorded-calls.ts';
import { replay, type Replay } from './replay.ts';
import { tellReplay } from './tell-replay.ts';

/** Flags that say which policies are meant. */
export interface PolicyChoice extends PlatformChoice {
  readonly hard?: string;
  readonly soft?: string;
  readonly disable?: readonly string[];
  readonly repo?: string;
}

export interface TestFlags extends PolicyChoice, JsonFlags {
  readonly events: readonly string[];
  readonly preApprove?: readonly string[];
  readonly exitCode?: true;
}

const replayFields = ['flips', 'totals', 'tasks', 'not_replayed'] satisfies (keyof Replay)[];

/** Judge the calls that tasks have made by other policies, and say which decisions change. */
export async function runPolicyTest(context: CommandContext, flags: TestFlags): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, replayFields, io.stdout) : undefined;
  const scopes = flags.preApprove ?? [];
  for (const scope of scopes) assertScope(scope);
  const { policies, files } = await choosePolicies(context, flags);
  const engine = await loadEngine(policies, files);
  const events: EventView[] = [];
  for (const source of flags.events) events.push(...(await readEvents(context, source, flags)));
  const tasks = recordedTasks(events);
  if (tasks.every(({ calls, unusable }) => calls.length + unusable.length === 0)) throw nothingToReplay(flags.events);
  const result = await replay(engine, tasks, scopes);
  if (json !== undefined) out.raw(await json.format(result));
  else tellReplay(context, result);
  return flags.exitCode === true && result.flips.length > 0 ? exitCodes.error : exitCodes.ok;
}

/** The policies that the flags mean: those of a repository, if one is named, with what else is named in their place. */
export async function choosePolicies(
  context: CommandContext,
  flags: PolicyChoice,
): Promise<{ readonly policies: CedarPolicies; readonly files: readonly PolicyFile[] }> {
  const { hard, soft, disable, repo } = flags;
  const known =
    repo === undefined ? {} : (securityOf(await clientOf(context, flags).getRepo(repo)).cedar_policies ?? {});
  const named = [
    ...(hard === undefined ? [] : [{ tier: 'hard', name: hard } as const]),
    ...(soft === undefined ? [] : [{ tier: 'soft', name: soft } as const]),
  ];
  const files = await Promise.all(
    named.map(async (file): Promise<PolicyFile> => ({ ...file, text: await readText(file.name, context.io) })),
  );
  const policies = { ...known, ...joinPolicies(files), ...(disable !== undefined && { disable: [...disable] }) };
  return { policies, files };
}

function assertScope(scope: string): void {
  try {
    parsePreApproval(scope);
  } catch (error) {
    throw usageError((error as Error).message, 'see the scopes of a request with: bgagent pending');
  }
}

function nothingToReplay(sources: readonly string[]): CliError {
  return new CliError('EVENTS_INVALID', `no decision on a tool call is recorded in ${sources.join(', ')}`, {
    suggestion: 'name tasks that have called tools, or files written with: bgagent events <task> --json',
  });
}
