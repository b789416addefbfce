import type { RepoView } from '../client/wire-types.ts';
import type { ApiClient } from '../client/api-client.ts';
import { CliError, exitCodes, type ExitCode } from '../errors/cli-error.ts';
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
}

/** Add a repository, or replace its settings; its name is the data. Its policies stay: they have commands of their own. */
export async function runRepoAdd(context: CommandContext, address: string, flags: RepoAddFlags): Promise<ExitCode> {
  const { cloneUrl, repo } = parseRepoAddress(address, context.io.cwd);
  const { defaultBranch, protect, maxTurns, maxBudget } = flags;
  const client = clientOf(context, flags);
  const name = (flags.name ?? repo) as RepoView['repo'];
  const security = (await findRepo(client, name))?.blueprint.security;
  const added = await client.addRepo({
    repo: name,
    clone_url: cloneUrl,
    ...(defaultBranch !== undefined && { default_branch: defaultBranch }),
    blueprint: {
      ...(protect !== undefined && { protected_branches: [...protect] }),
      ...(maxTurns !== undefined && { max_turns: maxTurns }),
      ...(maxBudget !== undefined && { max_budget_usd: maxBudget }),
      ...(security !== undefined && { security }),
    },
  });
  return showRepo(context, added, flags, `added ${added.clone_url}`);
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
  return showRepo(context, removed, flags, 'removed; tasks that run go on');
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

async function showRepo(context: CommandContext, repo: RepoView, flags: RepoFlags, what: string): Promise<ExitCode> {
  const { io, out, talk } = context;
  if (wantsJson(flags)) out.raw(await jsonFormat(flags, repoFields, io.stdout).format(repo));
  else {
    talk.say(what);
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
