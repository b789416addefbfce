import {
  AbcaError,
  preview,
  redactOrHide,
  type CallOptions,
  type PullRequest,
  type PullRequestInput,
} from '@abca/core';
import { RequestError } from '@octokit/request-error';
import type { GitHubClient } from '../client/github-client.ts';
import { once, type GitHubApi } from '../client/octokit.ts';
import { parseRepoAddress, type RepoAddress } from '../client/repo-address.ts';
import { findRef } from './find-ref.ts';
import { choosePull, isOpen, listPullsFrom, type ListedPull } from './find-pull.ts';
import { isMarked, markerOf } from './markers.ts';

/** Longest title and body of a pull request, characters. GitHub takes 65,536 for a body. */
const mostChars = { title: 250, body: 65_000 };

/**
 * The task's pull request, found or opened. GitHub itself keeps two from being open for one branch, so what is lost on the way
 * back, or made by somebody else at the same time, is found by looking again.
 */
export function ensurePullRequest(
  client: GitHubClient,
  input: PullRequestInput,
  options: CallOptions,
): Promise<PullRequest> {
  const address = parseRepoAddress(input, client.webUrl);
  const work = { repo: input.repo, access: 'write', what: `a pull request from ${input.branch}` } as const;
  return client.run(
    work,
    async (api) => {
      await assertDelivered(api, address, input);
      const known = await find(api, address, input);
      return answer(known ?? (await open(api, address, input)));
    },
    options,
  );
}

/** Its own one, also when somebody has closed it: a second one would not be welcome. Else the open one of the branch. */
async function find(api: GitHubApi, address: RepoAddress, input: PullRequestInput): Promise<ListedPull | undefined> {
  const pull = choosePull(await listPullsFrom(api, address, input.branch), input.taskId);
  return pull !== undefined && (isOpen(pull) || isMarked(pull.body, 'pull', input.taskId)) ? pull : undefined;
}

async function open(api: GitHubApi, address: RepoAddress, input: PullRequestInput): Promise<Opened> {
  try {
    const { data } = await api.request('POST /repos/{owner}/{repo}/pulls', {
      ...address,
      head: input.branch,
      base: input.baseBranch,
      title: preview(input.title, mostChars.title),
      body: bodyOf(input),
      draft: input.draft ?? false,
      ...once,
    });
    return data;
  } catch (error) {
    const mayBeThere = error instanceof RequestError && (error.status === 422 || error.status >= 500);
    const there = mayBeThere ? await find(api, address, input) : undefined;
    if (there !== undefined) return there;
    throw error;
  }
}

type Opened = Pick<ListedPull, 'number' | 'html_url'>;

function bodyOf({ taskId, body }: PullRequestInput): string {
  const text = redactOrHide(body);
  const cut = text.length <= mostChars.body ? text : `${text.slice(0, mostChars.body)}\n\n…`;
  return `${markerOf('pull', taskId)}\n${cut}`;
}

async function assertDelivered(api: GitHubApi, address: RepoAddress, input: PullRequestInput): Promise<void> {
  const sha = await findRef(api, address, `refs/heads/${input.branch}`);
  if (sha === input.headSha) return;
  const what = `pull request was not opened: ${input.branch} is at ${sha ?? 'nothing'}, not at ${input.headSha}`;
  throw new AbcaError('NOT_DELIVERED', `${what}; push the branch first`);
}

function answer({ number, html_url: url }: Opened): PullRequest {
  return { number, url };
}
