import type { triggerDefaults } from '@abca/core';
import type { AddRepoBody, RepoView } from '../client/wire-types.ts';
import type { ApiClient } from '../client/api-client.ts';
import { CliError, exitCodes, usageError, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { repoFields } from '../output/wire-fields.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { formatAge } from '../render/format.ts';
import { parseRepoAddress } from './repo-address.ts';

export interface RepoFlags extends PlatformChoice, JsonFlags {}

export interface RepoAddFlags extends RepoFlags {
  readonly name?: string;
  readonly defaultBranch?: string;
  readonly protect?: readonly string[];
  readonly maxTurns?: number;
  readonly maxBudget?: number;
  readonly forge?: NonNullable<AddRepoBody['forge']>;
  /** Pull requests are opened as drafts. */
  readonly draft?: true;
  /** What is said on GitHub starts tasks. Each of the two words below asks for it as well. */
  readonly triggers?: true;
  readonly triggerLabel?: string;
  readonly triggerMention?: string;
}

/** Add a repository, or replace its settings; its name is the data. Its policies stay: they have commands of their own. */
export async function runRepoAdd(context: CommandContext, address: string, flags: RepoAddFlags): Promise<ExitCode> {
  const { cloneUrl, repo } = parseRepoAddress(address, context.io.cwd);
  const { defaultBranch, forge } = flags;
  const blueprint = blueprintOf(flags);
  const client = clientOf(context, flags);
  const name = (flags.name ?? repo) as RepoView['repo'];
  const before = await findRepo(client, name);
  const security = before?.blueprint.security;
  const added = await client.addRepo({
    repo: name,
    clone_url: cloneUrl,
    ...(forge !== undefined && { forge }),
    ...(defaultBranch !== undefined && { default_branch: defaultBranch }),
    blueprint: { ...blueprint, ...(security !== undefined && { security }) },
  });
  return showRepo(context, added, { flags, lines: [`added ${added.clone_url}`, ...forgeLines(added, before)] });
}

/** @throws CliError USAGE when words of GitHub are to start tasks of a repository that is not there */
function blueprintOf(flags: RepoAddFlags): NonNullable<AddRepoBody['blueprint']> {
  const { protect, maxTurns, maxBudget, draft, triggers, triggerLabel: label, triggerMention: mention } = flags;
  const wantsTriggers = triggers === true || label !== undefined || mention !== undefined;
  if (wantsTriggers && flags.forge !== 'github') {
    throw usageError('triggers are words on GitHub, and the repository is not said to be there', 'add --forge github');
  }
  return {
    ...(protect !== undefined && { protected_branches: [...protect] }),
    ...(maxTurns !== undefined && { max_turns: maxTurns }),
    ...(maxBudget !== undefined && { max_budget_usd: maxBudget }),
    ...(draft !== undefined && { pull_request: { draft } }),
    ...(wantsTriggers && {
      triggers: { ...(label !== undefined && { label }), ...(mention !== undefined && { mention }) },
    }),
  };
}

/** The compiler holds these against core's own, whose module is too heavy to load here. */
const words: typeof triggerDefaults = { label: 'abca', mention: '@abca' };

/** What holds on the forge from now on, or no longer. */
function forgeLines({ forge, blueprint: { triggers } }: RepoView, before: RepoView | undefined): readonly string[] {
  if (triggers !== undefined) {
    const { label = words.label, mention = words.mention, run_as } = triggers;
    const whose = run_as === undefined ? '' : ` of ${run_as}`;
    return [`the label ${label} on an issue, or a comment that begins with ${mention}, starts a task${whose}`];
  }
  if (before?.forge === 'github' && forge !== 'github') {
    return [
      'it is not on GitHub any more: no pull requests there, nothing there starts tasks; undo with --forge github',
    ];
  }
  return before?.blueprint.triggers === undefined
    ? []
    : ['nothing on GitHub starts its tasks any more; undo with --triggers'];
}

async function findRepo(client: ApiClient, name: string): Promise<RepoView | undefined> {
  try {
    return await client.getRepo(name);
  } catch (error) {
    if (error instanceof CliError && ['REPO_NOT_FOUND', 'NOT_FOUND'].includes(error.code)) return undefined;
    throw error;
  }
}

/** Take no more tasks for a repository. */
export async function runRepoRemove(context: CommandContext, repo: string, flags: RepoFlags): Promise<ExitCode> {
  const removed = await clientOf(context, flags).removeRepo(repo);
  return showRepo(context, removed, { flags, lines: ['removed; tasks that run go on'] });
}

/** The repositories that tasks may be submitted for. */
export async function runRepoList(context: CommandContext, flags: RepoFlags): Promise<ExitCode> {
  const { io, out, talk } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, repoFields, io.stdout) : undefined;
  const repos = await clientOf(context, flags).listRepos();
  if (json !== undefined) out.raw(await json.format(repos));
  else if (repos.length === 0) talk.say('no repositories; add one with: bgagent repo add <path or URL>');
  else await printRepos(context, repos);
  return exitCodes.ok;
}

async function showRepo(
  { io, out, talk }: CommandContext,
  repo: RepoView,
  { flags, lines }: { readonly flags: RepoFlags; readonly lines: readonly string[] },
): Promise<ExitCode> {
  if (wantsJson(flags)) out.raw(await jsonFormat(flags, repoFields, io.stdout).format(repo));
  else {
    for (const line of lines) talk.say(line);
    out.say(repo.repo);
  }
  return exitCodes.ok;
}

async function printRepos({ io, out }: CommandContext, repos: readonly RepoView[]): Promise<void> {
  const { tabbedRows, tableLines } = await import('../render/table.ts');
  const row = ({ repo, clone_url, default_branch }: RepoView, time: string): string[] => [
    repo,
    clone_url,
    default_branch ?? '',
    time,
  ];
  if (out.isTerminal) {
    const rows = repos.map((repo) => row(repo, formatAge(io.nowMs() - Date.parse(repo.updated_at))));
    out.print(...tableLines(['REPO', 'ADDRESS', 'BRANCH', 'CHANGED'], rows));
  } else out.raw(tabbedRows(repos.map((repo) => row(repo, repo.updated_at))));
}
