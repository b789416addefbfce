import type { ForgeRepo } from '@abca/core';

/** A remote repository as a contract suite plays with it, past the port under test. */
export interface RemoteControl {
  readonly repo: ForgeRepo;
  /** Content by path at a ref of the remote; `undefined` when the ref is not there. */
  files(ref: string): Promise<Readonly<Record<string, string>> | undefined>;
  sha(ref: string): Promise<string | undefined>;
  /** Somebody else's commit on a branch, which starts at `main` when it is new. Answers its sha. */
  commit(branch: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** From now on pushes to branches are refused, and the remote says `reason`. */
  refuseBranches(reason: string): Promise<void>;
}
