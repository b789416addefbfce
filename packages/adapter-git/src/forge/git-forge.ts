import {
  emptyContext,
  type CallOptions,
  type ContextQuery,
  type DeliveryEvidence,
  type EvidenceQuery,
  type Forge,
  type HydratedContext,
  type PreflightQuery,
  type PreflightResult,
  type PullRequest,
  type PullRequestInput,
  type ReviewInput,
} from '@abca/core';
import { Git } from '../git/git.ts';
import type { GitOptions } from '../git/git-options.ts';
import { ensurePullRequest } from './ensure-pull-request.ts';
import { mapForgeError } from './forge-error.ts';
import { assertCloneUrl } from './forge-scratch.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { listPullRequests, type ListedPullRequest } from './list-pull-requests.ts';
import { checkBefore } from './preflight.ts';
import { submitReview } from './submit-review.ts';

/**
 * {@link Forge} for a plain git repository, on a path or behind an address. It keeps pull requests as refs of the
 * repository itself: `git fetch <url> refs/abca/pulls/1/head` shows the first.
 */
export class GitForge implements Forge {
  readonly type = 'git';
  readonly #git: Git;

  constructor(options: GitOptions) {
    this.#git = new Git(options, mapForgeError);
  }

  preflight(query: PreflightQuery, options: CallOptions = {}): Promise<PreflightResult> {
    return checkBefore(this.#git, query, options);
  }

  /** Always empty: a plain repository has neither issues nor comments. */
  fetchContext(_query: ContextQuery, options: CallOptions = {}): Promise<HydratedContext> {
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason as Error);
    return Promise.resolve(emptyContext);
  }

  /** @throws AbcaError NOT_DELIVERED when the branch on the remote is not at the head that is proposed */
  async ensurePullRequest(input: PullRequestInput, options: CallOptions = {}): Promise<PullRequest> {
    assertCloneUrl(this.#git, input.cloneUrl);
    return ensurePullRequest(this.#git, input, options);
  }

  /** Kept as a document in a ref of the pull request. @throws AbcaError NOT_DELIVERED when there is no such pull request */
  async submitReview(input: ReviewInput, options: CallOptions = {}): Promise<{ readonly url: string }> {
    assertCloneUrl(this.#git, input.cloneUrl);
    return submitReview(this.#git, input, options);
  }

  async gatherEvidence(query: EvidenceQuery, options: CallOptions = {}): Promise<DeliveryEvidence> {
    assertCloneUrl(this.#git, query.cloneUrl);
    return gatherEvidence(this.#git, query, options);
  }

  /** The pull requests that the repository keeps, oldest first. */
  async listPullRequests(cloneUrl: string, options: CallOptions = {}): Promise<ListedPullRequest[]> {
    assertCloneUrl(this.#git, cloneUrl);
    return listPullRequests(this.#git, cloneUrl, options);
  }
}
