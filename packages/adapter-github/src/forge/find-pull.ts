import type { TaskId } from '@abca/core';
import type { AnswerOf, GitHubApi } from '../client/octokit.ts';
import type { RepoAddress } from '../client/repo-address.ts';
import { isMarked } from './markers.ts';

export type ListedPull = AnswerOf<'GET /repos/{owner}/{repo}/pulls'>[number];

/** Pull requests from a branch of the repository itself, newest first: a fork's branch may bear the same name. */
export async function listPullsFrom(api: GitHubApi, address: RepoAddress, branch: string): Promise<ListedPull[]> {
  const head = `${address.owner}:${branch}`;
  const { data } = await api.request('GET /repos/{owner}/{repo}/pulls', {
    ...address,
    state: 'all',
    head,
    per_page: 100,
  });
  const fullName = `${address.owner}/${address.repo}`.toLowerCase();
  return data.filter((pull) => pull.head.ref === branch && pull.head.repo?.full_name.toLowerCase() === fullName);
}

/**
 * The pull request of a task among those from its branch: the one that bears its mark, an open one first; else the open one that
 * the task goes on with, whoever opened it; else the newest. A branch is one task's, but for those that go on with its work.
 */
export function choosePull(pulls: readonly ListedPull[], taskId: TaskId): ListedPull | undefined {
  const marked = pulls.filter(({ body }) => isMarked(body, 'pull', taskId));
  return marked.find(isOpen) ?? pulls.find(isOpen) ?? marked[0] ?? pulls[0];
}

export function isOpen({ state }: ListedPull): boolean {
  return state === 'open';
}
