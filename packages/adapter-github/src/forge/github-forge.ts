import type {
  CallOptions,
  ContextQuery,
  DeliveryEvidence,
  EvidenceQuery,
  Forge,
  HydratedContext,
  PreflightQuery,
  PreflightResult,
  PullRequest,
  PullRequestInput,
  ReviewInput,
} from '@abca/core';
import type { GitHubClient } from '../client/github-client.ts';
import { fetchContext } from '../context/fetch-context.ts';
import { ensurePullRequest } from './ensure-pull-request.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { checkBefore } from './preflight.ts';
import { submitReview } from './submit-review.ts';

/**
 * {@link Forge} on GitHub, by its API alone. Besides what the port says, its methods throw AbcaError FORGE_ACCESS_DENIED when a
 * permission is missing, which is named, and NOT_A_REPOSITORY when the clone URL is not that of the repository.
 */
export class GitHubForge implements Forge {
  readonly type = 'github';
  readonly #client: GitHubClient;

  constructor(client: GitHubClient) {
    this.#client = client;
  }

  preflight(query: PreflightQuery, options: CallOptions = {}): Promise<PreflightResult> {
    return checkBefore(this.#client, query, options);
  }

  /** @throws AbcaError PREFLIGHT_FAILED when there is no such issue or pull request */
  async fetchContext(query: ContextQuery, options: CallOptions = {}): Promise<HydratedContext> {
    return fetchContext(this.#client, query, options);
  }

  /** @throws AbcaError NOT_DELIVERED when the branch is not at the head that is proposed */
  async ensurePullRequest(input: PullRequestInput, options: CallOptions = {}): Promise<PullRequest> {
    return ensurePullRequest(this.#client, input, options);
  }

  async submitReview(input: ReviewInput, options: CallOptions = {}): Promise<{ readonly url: string }> {
    return submitReview(this.#client, input, options);
  }

  async gatherEvidence(query: EvidenceQuery, options: CallOptions = {}): Promise<DeliveryEvidence> {
    return gatherEvidence(this.#client, query, options);
  }
}
