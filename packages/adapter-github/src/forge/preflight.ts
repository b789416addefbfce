import {
  AbcaError,
  type CallOptions,
  type PreflightQuery,
  type PreflightResult,
  type PullRequestHead,
} from '@abca/core';
import type { GitHubClient } from '../client/github-client.ts';
import { unlessMissing } from '../client/not-found.ts';
import type { AnswerOf, GitHubApi } from '../client/octokit.ts';
import { parseRepoAddress, type RepoAddress } from '../client/repo-address.ts';
import { findRef } from './find-ref.ts';

type Failed = Extract<PreflightResult, { kind: 'failed' }>;
type Repository = AnswerOf<'GET /repos/{owner}/{repo}'>;

/** Whether a task can be done on the repository at all. GitHub not answering is an error, not a failure. */
export async function checkBefore(
  client: GitHubClient,
  query: PreflightQuery,
  options: CallOptions,
): Promise<PreflightResult> {
  try {
    const address = parseRepoAddress(query, client.webUrl);
    // A review is written too, so every type of task needs to write.
    const work = { repo: query.repo, access: 'write', what: 'a look before the task' } as const;
    return await client.run(work, (api) => check(api, address, query), options);
  } catch (error) {
    if (AbcaError.is(error, 'NOT_A_REPOSITORY')) return failed('NOT_A_REPOSITORY', error.message);
    if (AbcaError.is(error, 'FORGE_ACCESS_DENIED')) return failed('FORGE_ACCESS_DENIED', error.message);
    throw error;
  }
}

async function check(api: GitHubApi, address: RepoAddress, query: PreflightQuery): Promise<PreflightResult> {
  const { data: repository } = await api.request('GET /repos/{owner}/{repo}', { ...address });
  const unusable = checkRepository(repository, query);
  if (unusable !== undefined) return unusable;
  if (query.prNumber === undefined) return checkBase(api, address, { ...query, repository });
  return checkPull(api, address, { ...query, prNumber: query.prNumber });
}

function checkRepository(repository: Repository, { repo }: PreflightQuery): Failed | undefined {
  if (repository.archived) {
    return failed('PREFLIGHT_FAILED', `${repo} is archived: nothing can be written there; unarchive it`);
  }
  // For a token of an app GitHub does not show what it may do here: that was looked at when the token was made.
  const { permissions } = repository;
  if (permissions?.push === false && permissions.pull) {
    return failed('FORGE_ACCESS_DENIED', `the token may not write ${repo}: grant its owner write access there`);
  }
  return undefined;
}

async function checkBase(
  api: GitHubApi,
  address: RepoAddress,
  query: PreflightQuery & { readonly repository: Repository },
): Promise<PreflightResult> {
  const branch = query.baseBranch ?? query.repository.default_branch;
  if ((await findRef(api, address, `refs/heads/${branch}`)) === undefined) {
    const { data } = await api.request('GET /repos/{owner}/{repo}/branches', { ...address, per_page: 20 });
    const names = data.map(({ name }) => name);
    if (names.length === 0) return failed('EMPTY_REPOSITORY', `${query.repo} has no commit; push a first one`);
    return failed('BRANCH_NOT_FOUND', `${query.repo} has no branch ${branch}; it has ${names.join(', ')}`);
  }
  if (query.protectedBranches.includes(branch)) {
    const message = `base branch ${branch} is protected; name another with a base branch of the task`;
    return failed('BRANCH_PROTECTED', message);
  }
  return { kind: 'passed', baseBranch: branch };
}

async function checkPull(
  api: GitHubApi,
  address: RepoAddress,
  { repo, taskType, protectedBranches, prNumber }: PreflightQuery & { readonly prNumber: number },
): Promise<PreflightResult> {
  const pull = (
    await unlessMissing(
      api.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...address, pull_number: prNumber }),
    )
  )?.data;
  const name = `pull request #${String(prNumber)}`;
  if (pull === undefined) return failed('PREFLIGHT_FAILED', `${repo} has no ${name}; check its number`);
  if (pull.state !== 'open') {
    const state = pull.merged ? 'merged' : 'closed';
    return failed('PREFLIGHT_FAILED', `${name} of ${repo} is ${state}; reopen it, or submit a new task`);
  }
  const isOwn = pull.head.repo?.full_name.toLowerCase() === repo.toLowerCase();
  if (taskType === 'pr_iteration' && isOwn && protectedBranches.includes(pull.head.ref)) {
    return failed('BRANCH_PROTECTED', `${name} is from the protected branch ${pull.head.ref}: it may not be written`);
  }
  const pullRequest: PullRequestHead = {
    number: prNumber,
    url: pull.html_url,
    headSha: pull.head.sha,
    headRef: `refs/pull/${String(prNumber)}/head`,
    ...(isOwn && { headBranch: pull.head.ref }),
  };
  return { kind: 'passed', baseBranch: pull.base.ref, pullRequest };
}

function failed(code: Failed['code'], message: string): Failed {
  return { kind: 'failed', code, message };
}
