import type { CallOptions, DeliveryEvidence, EvidenceQuery } from '@abca/core';
import type { GitHubClient } from '../client/github-client.ts';
import { unlessMissing } from '../client/not-found.ts';
import type { AnswerOf, GitHubApi } from '../client/octokit.ts';
import { parseRepoAddress, type RepoAddress } from '../client/repo-address.ts';
import { choosePull, listPullsFrom, type ListedPull } from './find-pull.ts';
import { findRef } from './find-ref.ts';
import { findReview } from './submit-review.ts';

type Diff = DeliveryEvidence['diff'];
const noDiff: Diff = { commits: 0, filesChanged: 0, insertions: 0, deletions: 0 };

/** Most files that GitHub names in a comparison. */
const mostFiles = 300;

/** GitHub brings the head of a pull request up to date a moment after a push. How often, and how long, it is waited for. */
const headLooks = { tries: 3, waitMs: 1000 };

/** What GitHub shows of a task. Nothing is asked of a session. */
export function gatherEvidence(
  client: GitHubClient,
  query: EvidenceQuery,
  options: CallOptions,
): Promise<DeliveryEvidence> {
  const address = parseRepoAddress(query, client.webUrl);
  const work = { repo: query.repo, access: 'read', what: `what there is of ${query.branch}` } as const;
  return client.run(
    work,
    async (api) => {
      const [branchSha, wipSha, baseSha, pulls, review] = await Promise.all([
        findRef(api, address, `refs/heads/${query.branch}`),
        findRef(api, address, query.wipRef),
        findRef(api, address, `refs/heads/${query.baseBranch}`),
        listPullsFrom(api, address, query.branch),
        query.reviewOf === undefined
          ? undefined
          : findReview(client, api, { ...address, taskId: query.taskId, prNumber: query.reviewOf }),
      ]);
      const listed = choosePull(pulls, query.taskId);
      const pull = listed && (await settledPull({ client, api, address, options }, listed, branchSha));
      const head = branchSha ?? wipSha;
      const diff =
        baseSha === undefined || head === undefined ? noDiff : await measure(api, address, { baseSha, head, pull });
      return {
        ...(branchSha !== undefined && { branchSha }),
        ...(wipSha !== undefined && { wipSha }),
        ...(baseSha !== undefined && { baseSha }),
        ...(pull && { pullRequest: describe(pull) }),
        ...(review && { review }),
        diff,
      };
    },
    options,
  );
}

type ShownPull = ListedPull | AnswerOf<'GET /repos/{owner}/{repo}/pulls/{pull_number}'>;

interface Looking {
  readonly client: GitHubClient;
  readonly api: GitHubApi;
  readonly address: RepoAddress;
  readonly options: CallOptions;
}

/** The pull request once its head is that of the branch, or as it is after a few looks. */
async function settledPull(
  { client, api, address, options }: Looking,
  listed: ListedPull,
  branchSha: string | undefined,
): Promise<ShownPull> {
  let pull: ShownPull = listed;
  for (let look = 1; look <= headLooks.tries; look += 1) {
    if (pull.state !== 'open' || branchSha === undefined || pull.head.sha === branchSha) return pull;
    await client.clock.sleep(headLooks.waitMs, options);
    pull = (
      await api.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...address, pull_number: listed.number })
    ).data;
  }
  return pull;
}

function describe(pull: ShownPull): NonNullable<DeliveryEvidence['pullRequest']> {
  const merged = pull.merged_at !== null;
  const state = pull.state === 'open' ? 'open' : merged ? 'merged' : 'closed';
  return { number: pull.number, url: pull.html_url, state, headSha: pull.head.sha };
}

/** From where the work left the base. A comparison names 300 files at most: beyond that the pull request has the sums. */
async function measure(
  api: GitHubApi,
  address: RepoAddress,
  { baseSha, head, pull }: { readonly baseSha: string; readonly head: string; readonly pull: ShownPull | undefined },
): Promise<Diff> {
  const compared = await unlessMissing(
    api.request('GET /repos/{owner}/{repo}/compare/{basehead}', {
      ...address,
      basehead: `${baseSha}...${head}`,
      per_page: 1,
    }),
  );
  if (compared === undefined) return noDiff;
  const { ahead_by: commits, files = [] } = compared.data;
  if (files.length >= mostFiles && pull?.head.sha === head) {
    const { data } = await api.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
      ...address,
      pull_number: pull.number,
    });
    const { changed_files: filesChanged, additions: insertions, deletions } = data;
    return { commits, filesChanged, insertions, deletions };
  }
  const sum = (of: 'additions' | 'deletions'): number => files.reduce((total, file) => total + file[of], 0);
  return { commits, filesChanged: files.length, insertions: sum('additions'), deletions: sum('deletions') };
}
