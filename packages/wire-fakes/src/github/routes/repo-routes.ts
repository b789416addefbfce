import { ApiError, notFound } from '../wire/api-error.ts';
import { ok, page, type Answer, type RepoCall } from '../wire/call.ts';
import type { Repository } from '../world/repository.ts';
import { renderAccount, renderRepository } from './render.ts';

export function getRepository({ world, repository, token }: RepoCall): Answer {
  // What an app may do is not shown here: only its installation says that.
  const permission = world.people.permissionOf(token.account.login, repository.fullName);
  const is = (...levels: readonly string[]): boolean => token.kind === 'personal' && levels.includes(permission);
  const permissions = { admin: is('admin'), push: is('admin', 'write'), pull: is('admin', 'write', 'read') };
  return ok(renderRepository(world, repository, permissions));
}

export async function listBranches(call: RepoCall): Promise<Answer> {
  return page(
    call,
    (await branchesOf(call.repository)).map(([name, sha]) => renderBranch(call, name, sha)),
  );
}

export async function getBranch(call: RepoCall): Promise<Answer> {
  const found = (await branchesOf(call.repository)).find(([name]) => name === call.path['branch']);
  if (found === undefined) throw new ApiError(404, 'Branch not found');
  return ok(renderBranch(call, ...found));
}

export async function getRef({ world, repository, path }: RepoCall): Promise<Answer> {
  const refs = await repository.git.refs();
  if (refs.size === 0) throw new ApiError(409, 'Git Repository is empty.');
  const ref = `refs/${path['ref'] ?? ''}`;
  const sha = refs.get(ref);
  if (sha === undefined) throw notFound();
  const url = `${world.apiUrl}/repos/${repository.fullName}/git`;
  return ok({
    ref,
    node_id: 'REF_1',
    url: `${url}/${ref}`,
    object: { type: 'commit', sha, url: `${url}/commits/${sha}` },
  });
}

/** Most files of a comparison. @see https://docs.github.com/rest/commits/commits#compare-two-commits */
const mostFiles = 300;

export async function compare({ world, repository, path, query }: RepoCall): Promise<Answer> {
  const [base = '', head = ''] = (path['basehead'] ?? '').split('...');
  const refs = await repository.git.refs();
  const shaOf = (name: string): string => refs.get(`refs/heads/${name}`) ?? name;
  const found = await repository.git.compare(shaOf(base), shaOf(head));
  if (found === undefined) throw notFound();
  const perPage = Math.min(Number(query['per_page'] ?? 250), 250);
  const at = Number(query['page'] ?? 1);
  const commit = (sha: string): Readonly<Record<string, unknown>> => ({
    sha,
    node_id: `C_${sha}`,
    url: `${world.apiUrl}/repos/${repository.fullName}/commits/${sha}`,
  });
  const { aheadBy, behindBy } = found;
  return ok({
    url: `${world.apiUrl}/repos/${repository.fullName}/compare/${base}...${head}`,
    status: aheadBy === 0 ? (behindBy === 0 ? 'identical' : 'behind') : behindBy === 0 ? 'ahead' : 'diverged',
    ahead_by: aheadBy,
    behind_by: behindBy,
    total_commits: aheadBy,
    merge_base_commit: commit(found.mergeBase),
    commits: found.commits.slice((at - 1) * perPage, at * perPage).map(commit),
    files:
      at > 1
        ? []
        : found.files.slice(0, mostFiles).map((file) => ({
            sha: '0'.repeat(40),
            filename: file.filename,
            status: 'modified',
            additions: file.additions,
            deletions: file.deletions,
            changes: file.additions + file.deletions,
          })),
  });
}

export function getPermission({ world, repository, path }: RepoCall): Answer {
  const account = world.people.find(path['username'] ?? '');
  if (account === undefined) throw notFound();
  const permission = world.people.permissionOf(account.login, repository.fullName);
  const shown = permission === 'none' && !repository.private ? 'read' : permission;
  return ok({ permission: shown, role_name: shown, user: renderAccount(world, account) });
}

export function listCheckRuns(call: RepoCall): Answer {
  const runs = call.repository.checkRuns.get(call.path['ref'] ?? '') ?? [];
  const rendered = runs.map((run, at) => ({
    id: at + 1,
    node_id: `CR_${String(at + 1)}`,
    head_sha: call.path['ref'],
    name: run.name,
    status: run.status,
    conclusion: run.conclusion ?? null,
    output: { title: run.title ?? null, summary: run.summary ?? null, text: null, annotations_count: 0 },
  }));
  return page(call, rendered, (shown) => ({ total_count: runs.length, check_runs: shown }));
}

async function branchesOf({ git }: Repository): Promise<[string, string][]> {
  const prefix = 'refs/heads/';
  return [...(await git.refs())]
    .filter(([ref]) => ref.startsWith(prefix))
    .map(([ref, sha]) => [ref.slice(prefix.length), sha]);
}

function renderBranch({ world, repository }: RepoCall, name: string, sha: string): Readonly<Record<string, unknown>> {
  const url = `${world.apiUrl}/repos/${repository.fullName}/commits/${sha}`;
  return { name, commit: { sha, url }, protected: false };
}
