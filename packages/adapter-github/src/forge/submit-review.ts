import { AbcaError, redactOrHide, type CallOptions, type ReviewInput, type TaskId } from '@abca/core';
import type { GitHubClient } from '../client/github-client.ts';
import { unlessMissing } from '../client/not-found.ts';
import { once, type GitHubApi } from '../client/octokit.ts';
import { parseRepoAddress, type RepoAddress } from '../client/repo-address.ts';
import { isMarked, markerOf } from './markers.ts';
import { quietMentions } from './quiet-mentions.ts';

/** Longest body of a review, characters. GitHub takes 65,536. */
const mostChars = 65_000;

/**
 * Leave the task's only review, as a comment: it neither approves nor asks for changes. One whose answer was lost is found.
 *
 * @throws AbcaError NOT_DELIVERED when there is no such pull request
 */
export function submitReview(client: GitHubClient, input: ReviewInput, options: CallOptions): Promise<Review> {
  const address = parseRepoAddress(input, client.webUrl);
  const work = { repo: input.repo, access: 'review', what: `a review on #${String(input.prNumber)}` } as const;
  return client.run(work, async (api) => leave(client, api, { ...input, ...address, fullName: input.repo }), options);
}

interface Review {
  readonly url: string;
}

type Leaving = RepoAddress & Omit<ReviewInput, 'repo' | 'cloneUrl'> & { readonly fullName: string };

async function leave(client: GitHubClient, api: GitHubApi, input: Leaving): Promise<Review> {
  const { owner, repo, prNumber, headSha, taskId, body } = input;
  const pull = { owner, repo, pull_number: prNumber };
  if ((await unlessMissing(api.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', pull))) === undefined) {
    const what = `${input.fullName} has no pull request #${String(prNumber)}`;
    throw new AbcaError('NOT_DELIVERED', `review was not left: ${what}; check its number`);
  }
  const known = await findReview(client, api, input);
  if (known !== undefined) return known;
  const text = `${markerOf('review', taskId)}\n${quietMentions(redactOrHide(body)).slice(0, mostChars)}`;
  try {
    const review = { ...pull, commit_id: headSha, event: 'COMMENT', body: text, ...once } as const;
    return { url: (await api.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', review)).data.html_url };
  } catch (error) {
    const left = await findReview(client, api, input).catch(() => undefined);
    if (left !== undefined) return left;
    throw error;
  }
}

/** The review that the platform itself left for a task. Somebody else's with its mark is none. */
export async function findReview(
  client: GitHubClient,
  api: GitHubApi,
  { owner, repo, taskId, prNumber }: RepoAddress & { readonly taskId: TaskId; readonly prNumber: number },
): Promise<Review | undefined> {
  const query = { owner, repo, pull_number: prNumber, per_page: 100 };
  for (const review of await api.paginate('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', query)) {
    if (isMarked(review.body, 'review', taskId) && (await client.isSelf(api, review.user)))
      return { url: review.html_url };
  }
  return undefined;
}
