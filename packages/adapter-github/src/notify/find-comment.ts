import { parseIso, type CallOptions, type Task } from '@abca/core';
import type { GitHubClient } from '../client/github-client.ts';
import type { GitHubApi } from '../client/octokit.ts';
import type { RepoAddress } from '../client/repo-address.ts';
import { isMarked } from '../forge/markers.ts';

/** GitHub's clock may be behind ours by this much, milliseconds. */
const clockMarginMs = 60 * 60 * 1000;

/**
 * The task's comment among those since the task began. Only one that the platform itself wrote: anybody can write its mark.
 *
 * @returns its id; `undefined` when there is none
 */
export async function findComment(
  client: GitHubClient,
  api: GitHubApi,
  where: RepoAddress & { readonly number: number; readonly task: Task },
  options: CallOptions,
): Promise<number | undefined> {
  const { owner, repo, number, task } = where;
  const since = new Date(parseIso(task.createdAt) - clockMarginMs).toISOString();
  const query = { owner, repo, issue_number: number, since, per_page: 100 };
  for await (const { data } of api.paginate.iterator(
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    query,
  )) {
    for (const comment of data) {
      const isOurs = isMarked(comment.body, 'status', task.taskId) && (await client.isSelf(api, comment.user, options));
      if (isOurs) return Number(comment.id);
    }
  }
  return undefined;
}
