import type { HydratedContext } from '../forge/hydrated-context.ts';
import type { RepoId, TaskId } from '../ids/ids.ts';
import type { TaskType } from '../task/task.ts';
import type { CallOptions } from './call-options.ts';

/** A repository as a forge addresses it. */
export interface ForgeRepo {
  readonly repo: RepoId;
  readonly cloneUrl: string;
}

export interface PreflightQuery extends ForgeRepo {
  readonly taskType: TaskType;
  readonly baseBranch?: string;
  readonly prNumber?: number;
  readonly protectedBranches: readonly string[];
}

export type PreflightResult =
  /** `baseBranch` is the one the task will be based on. */
  | { readonly kind: 'passed'; readonly baseBranch: string }
  | {
      readonly kind: 'failed';
      readonly code:
        'NOT_A_REPOSITORY' | 'EMPTY_REPOSITORY' | 'BRANCH_NOT_FOUND' | 'BRANCH_PROTECTED' | 'PREFLIGHT_FAILED';
      readonly message: string;
    };

export interface ContextQuery extends ForgeRepo {
  readonly issueNumber?: number;
  readonly prNumber?: number;
  readonly maxTokens: number;
}

export interface PullRequestInput extends ForgeRepo {
  readonly taskId: TaskId;
  readonly branch: string;
  readonly baseBranch: string;
  readonly headSha: string;
  readonly title: string;
  readonly body: string;
}

export interface PullRequest {
  readonly number: number;
  readonly url: string;
}

export interface EvidenceQuery extends ForgeRepo {
  readonly taskId: TaskId;
  readonly branch: string;
  readonly baseBranch: string;
  readonly wipRef: string;
}

/** What the remote shows of a task's work. Fields are absent for what is not there. */
export interface DeliveryEvidence {
  readonly branchSha?: string;
  readonly wipSha?: string;
  readonly baseSha?: string;
  readonly pullRequest?: PullRequest & { readonly state: 'open' | 'merged' | 'closed'; readonly headSha: string };
  /** From the merge base with the base branch to the head of branch, or of the WIP ref when there is no branch. */
  readonly diff: {
    readonly commits: number;
    readonly filesChanged: number;
    readonly insertions: number;
    readonly deletions: number;
  };
}

/**
 * Where the repository lives. Evidence comes from the remote, never from a session's clone.
 *
 * All methods throw AbcaError SERVICE_UNAVAILABLE (retryable) when the forge does not answer.
 */
export interface Forge {
  /** Whether the task can be done at all, before any compute is spent. */
  preflight(query: PreflightQuery, options?: CallOptions): Promise<PreflightResult>;
  /** Issue, pull request and comments, sanitized, oldest comments cut first. */
  fetchContext(query: ContextQuery, options?: CallOptions): Promise<HydratedContext>;
  /** The task's open pull request: found or opened, its head brought up to date. Repeating it opens no second one. */
  ensurePullRequest(input: PullRequestInput, options?: CallOptions): Promise<PullRequest>;
  gatherEvidence(query: EvidenceQuery, options?: CallOptions): Promise<DeliveryEvidence>;
}
