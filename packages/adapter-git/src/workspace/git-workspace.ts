import {
  AbcaError,
  type CallOptions,
  type Checkout,
  type CheckoutInput,
  type CommitResult,
  type PushResult,
  type SaveResult,
  type Workspace,
} from '@abca/core';
import { Git } from '../git/git.ts';
import type { GitOptions } from '../git/git-options.ts';
import { checkoutBranch } from './checkout.ts';
import { commitWorkingTree } from './commit.ts';
import { pushBranch } from './push.ts';
import { saveWorkingTree, type SavedWork } from './save-work.ts';
import { openWorkingCopy, type WorkingCopy } from './working-copy.ts';
import { mapFileError, mapWorkspaceError } from './workspace-error.ts';

/** What a workspace remembers of a checkout it made. */
interface Remembered {
  readonly cloneUrl: string;
  saved?: SavedWork;
  /** End of the operation that runs now. Operations on one checkout take turns. */
  busy: Promise<unknown>;
}

/**
 * {@link Workspace} on the git program. The agent works in the checkout with tools of its own; what it does to the `.git`
 * folder there (configuration, hooks, index, other branches) neither runs in the platform's operations nor misleads them.
 */
export class GitWorkspace implements Workspace {
  readonly #git: Git;
  readonly #checkouts = new Map<string, Remembered>();

  constructor(options: GitOptions) {
    this.#git = new Git(options, mapWorkspaceError);
  }

  async checkout(input: CheckoutInput, options: CallOptions = {}): Promise<Checkout> {
    try {
      const checkout = await checkoutBranch(this.#git, input, options);
      this.#checkouts.set(input.dir, { cloneUrl: input.cloneUrl, busy: Promise.resolve() });
      return checkout;
    } catch (error) {
      throw unlessAborted(error, options);
    }
  }

  saveWork(checkout: Checkout, options: CallOptions = {}): Promise<SaveResult> {
    return this.#inTurn(checkout, options, async (copy, remembered) => {
      const step = await saveWorkingTree(copy, remembered.saved);
      if (step.saved) remembered.saved = step.saved;
      return step.result;
    });
  }

  commit(checkout: Checkout, message: string, options: CallOptions = {}): Promise<CommitResult> {
    return this.#inTurn(checkout, options, (copy) => commitWorkingTree(copy, message));
  }

  push(checkout: Checkout, options: CallOptions = {}): Promise<PushResult> {
    return this.#inTurn(checkout, options, pushBranch);
  }

  #inTurn<T>(
    checkout: Checkout,
    options: CallOptions,
    work: (copy: WorkingCopy, remembered: Remembered) => Promise<T>,
  ): Promise<T> {
    const remembered = this.#checkouts.get(checkout.dir);
    if (!remembered) {
      const message = `checkout ${checkout.dir} was not made by this workspace; check it out first`;
      return Promise.reject(new AbcaError('WORKSPACE_ERROR', message));
    }
    const turn = remembered.busy.then(async () => {
      try {
        options.signal?.throwIfAborted();
        const source = { checkout, cloneUrl: remembered.cloneUrl };
        return await work(await openWorkingCopy(this.#git, source, options), remembered);
      } catch (error) {
        throw unlessAborted(error, options);
      }
    });
    remembered.busy = turn.catch(() => undefined);
    return turn;
  }
}

/** The port's error, or the signal's own reason when the call was ended by it. */
function unlessAborted(error: unknown, options: CallOptions): unknown {
  return options.signal?.aborted === true && error === options.signal.reason ? error : mapFileError(error);
}
