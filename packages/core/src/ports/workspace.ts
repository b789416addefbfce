import type { CallOptions } from './call-options.ts';

/** Which checkout a session works in. */
export interface CheckoutInput {
  readonly cloneUrl: string;
  /** Absent: the remote's default branch. */
  readonly baseBranch?: string;
  /** Branch to create, or to continue when the remote already has it. */
  readonly branch: string;
  /** Ref of the remote to stand at, such as the head of a pull request. Absent: the branch, else the base branch. */
  readonly startRef?: string;
  /** Ref of the remote that holds the task's saved work. */
  readonly wipRef: string;
  /** Absolute path of a folder that does not exist or is empty. */
  readonly dir: string;
}

export interface Checkout {
  readonly dir: string;
  readonly baseBranch: string;
  readonly baseSha: string;
  /** Where the branch stood when it was checked out. */
  readonly startSha: string;
  readonly branch: string;
  readonly wipRef: string;
}

export type SaveResult = { readonly kind: 'saved'; readonly sha: string } | { readonly kind: 'unchanged' };

export type CommitResult =
  | { readonly kind: 'committed'; readonly sha: string }
  | {
      readonly kind: 'nothing_to_commit';
      /** Head of the branch: the agent may have committed itself. */ readonly sha: string;
    };

export type PushResult =
  { readonly kind: 'pushed'; readonly sha: string } | { readonly kind: 'rejected'; readonly reason: string };

/**
 * The checkout of one session. The agent works in it with its own tools; these verbs are the platform's. Credentials are
 * asked for per operation and never stored in the checkout.
 *
 * All methods throw AbcaError WORKSPACE_ERROR (retryable when the remote did not answer) or WORKSPACE_DISK_FULL.
 */
export interface Workspace {
  /**
   * Clone and stand on the branch, which starts at `startRef`, else where the remote has it, else at the base branch.
   *
   * @throws AbcaError NOT_A_REPOSITORY, EMPTY_REPOSITORY or BRANCH_NOT_FOUND (of the base branch and of `startRef`)
   */
  checkout(input: CheckoutInput, options?: CallOptions): Promise<Checkout>;

  /**
   * Put everything that is in the working tree, committed or not, on the remote's work-in-progress ref. Changes neither
   * the index nor the branch nor the working tree. `unchanged` when the remote has it already, or there is nothing beyond where the checkout began.
   */
  saveWork(checkout: Checkout, options?: CallOptions): Promise<SaveResult>;

  /** Commit what is in the working tree on the branch, ignored files left out. */
  commit(checkout: Checkout, message: string, options?: CallOptions): Promise<CommitResult>;

  /** Push the branch. `rejected` when the remote refuses it: a hook, a protection, a diverged branch. */
  push(checkout: Checkout, options?: CallOptions): Promise<PushResult>;
}
