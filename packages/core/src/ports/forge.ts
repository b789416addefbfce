import type { HydratedContext } from '../forge/hydrated-context.ts';
import type { RepoId, TaskId } from '../ids/ids.ts';
import type { TaskType } from '../task/task.ts';
import type { CallOptions } from './call-options.ts';

/** The kinds of forges that a repository can be on. */
export const forgeTypes = ['git', 'github'] as const;
export type ForgeType = (typeof forgeTypes)[number];

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
  /** `baseBranch` is the one the task will be based on; `pullRequest` is there when the task names one. */
  | { readonly kind: 'passed'; readonly baseBranch: string; readonly pullRequest?: PullRequestHead }
  | {
      readonly kind: 'failed';
      readonly code:
        | 'FORGE_ACCESS_DENIED'
        | 'NOT_A_REPOSITORY'
        | 'EMPTY_REPOSITORY'
        | 'BRANCH_NOT_FOUND'
        | 'BRANCH_PROTECTED'
        | 'PREFLIGHT_FAILED';
      readonly message: string;
    };

/** Where the work of an open pull request stands. */
export interface PullRequestHead {
  readonly number: number;
  readonly url: string;
  /** Branch of the repository itself that it is from. Absent when it is from a fork: nothing can be pushed there. */
  readonly headBranch?: string;
  readonly headSha: string;
  /** Ref of the repository that shows its head, also from a fork. */
  readonly headRef: string;
}

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
  /** Open it as a draft. One that is open already stays as it is. @default false */
  readonly draft?: boolean;
}

/** A review to be left on a pull request. */
export interface ReviewInput extends ForgeRepo {
  readonly taskId: TaskId;
  readonly prNumber: number;
  /** What was read: the review is shown as one of it. */
  readonly headSha: string;
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
  /** For a task that reviews: the pull request whose review is looked for. */
  readonly reviewOf?: number;
}

/** What the remote shows of a task's work. Fields are absent for what is not there. */
export interface DeliveryEvidence {
  readonly branchSha?: string;
  readonly wipSha?: string;
  readonly baseSha?: string;
  readonly pullRequest?: PullRequest & { readonly state: 'open' | 'merged' | 'closed'; readonly headSha: string };
  /** The review that the task left, for `reviewOf`. */
  readonly review?: { readonly url: string };
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
  readonly type: ForgeType;
  /** Whether the task can be done at all, before any compute is spent. */
  preflight(query: PreflightQuery, options?: CallOptions): Promise<PreflightResult>;
  /** Issue, pull request and comments, sanitized, oldest comments cut first. */
  fetchContext(query: ContextQuery, options?: CallOptions): Promise<HydratedContext>;
  /** The task's open pull request: found or opened, its head brought up to date. Repeating it opens no second one. */
  ensurePullRequest(input: PullRequestInput, options?: CallOptions): Promise<PullRequest>;
  /** Leave a comment-only review, the task's only one on this pull request: repeating it leaves no second one. */
  submitReview(input: ReviewInput, options?: CallOptions): Promise<{ readonly url: string }>;
  gatherEvidence(query: EvidenceQuery, options?: CallOptions): Promise<DeliveryEvidence>;
}
