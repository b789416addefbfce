import { createHash } from 'node:crypto';
import { copyFile, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AbcaError, type CallOptions, type Checkout } from '@abca/core';
import { makeOwnGitFolder } from '../git/own-git-folder.ts';
import type { Git, GitCall } from '../git/git.ts';

/**
 * One checkout as the platform sees it: the files and objects are the agent's, the git folder and the index are the
 * platform's own. Made anew for each operation; only the index stays, as a cache of file times that saves hashing
 * everything again.
 */
export interface WorkingCopy {
  readonly git: Git;
  readonly checkout: Checkout;
  /** Address of the remote, as it was given: never what the checkout's configuration says. */
  readonly cloneUrl: string;
  /** The agent's `.git`. */
  readonly agentGitDir: string;
  /** Folder for further indexes. */
  readonly scratchDir: string;
  /** The platform's index. */
  readonly indexFile: string;
  /** What each git process on this copy is called with. */
  readonly call: GitCall;
}

/** @throws AbcaError WORKSPACE_ERROR when the agent removed or replaced its `.git` folder */
export async function openWorkingCopy(
  git: Git,
  source: { readonly checkout: Checkout; readonly cloneUrl: string },
  options: CallOptions,
): Promise<WorkingCopy> {
  const { checkout, cloneUrl } = source;
  const agentGitDir = join(checkout.dir, '.git');
  const objects = join(agentGitDir, 'objects');
  if (!(await isFolder(agentGitDir)) || !(await isFolder(objects))) {
    throw new AbcaError('WORKSPACE_ERROR', `checkout lost its git folder: ${agentGitDir} is not a folder any more`);
  }
  const scratchDir = scratchFolder(git, checkout.dir);
  const indexFile = join(scratchDir, 'index');
  await mkdir(scratchDir, { recursive: true, mode: 0o700 });
  // A lock is left behind when the platform was killed in an operation. Operations on one checkout never overlap.
  await rm(`${indexFile}.lock`, { force: true });
  const gitDir = await makeOwnGitFolder({ gitDir: join(scratchDir, 'git'), shaLength: checkout.baseSha.length });
  const environment = {
    GIT_DIR: gitDir,
    GIT_WORK_TREE: checkout.dir,
    GIT_OBJECT_DIRECTORY: objects,
    GIT_INDEX_FILE: indexFile,
  };
  const call = { cwd: checkout.dir, environment, ...(options.signal && { signal: options.signal }) };
  return { git, checkout, cloneUrl, agentGitDir, scratchDir, indexFile, call };
}

/** Forget what is remembered of a checkout folder. */
export async function forgetWorkingCopy(git: Git, dir: string): Promise<void> {
  await rm(scratchFolder(git, dir), { recursive: true, force: true });
}

/**
 * Commit that the agent's work stands on. HEAD, wherever the agent moved it, as long as it holds the branch; else the
 * branch; else the base.
 */
export async function findHead(copy: WorkingCopy): Promise<string> {
  const branch = (await readAgentRef(copy, `refs/heads/${copy.checkout.branch}`)) ?? copy.checkout.baseSha;
  const head = await readAgentRef(copy, 'HEAD');
  if (head === undefined || head === branch) return branch;
  const holdsBranch = await copy.git.run(['merge-base', '--is-ancestor', branch, head], copy.call);
  return holdsBranch.exitCode === 0 ? head : branch;
}

/**
 * Resolve a ref of the agent's git folder. Reads the name only: looking at the object could make git fetch it with the
 * agent's settings.
 */
export async function readAgentRef(copy: WorkingCopy, ref: string): Promise<string | undefined> {
  const result = await copy.git.run(['rev-parse', '--verify', '--quiet', ref], agentCall(copy));
  return result.exitCode === 0 ? result.stdout.trim() : undefined;
}

/** Move a ref of the agent's git folder. */
export async function writeAgentRef(copy: WorkingCopy, ref: string, sha: string): Promise<void> {
  await copy.git.output(['update-ref', '--no-deref', ref, sha], agentCall(copy));
}

/** Make the agent's index show what was committed, so that its `git status` is clean. */
export async function publishIndex(copy: WorkingCopy): Promise<void> {
  const target = join(copy.agentGitDir, 'index');
  await copyFile(copy.indexFile, `${target}.abca`);
  await rename(`${target}.abca`, target);
}

export async function treeOf(copy: WorkingCopy, commit: string): Promise<string> {
  return (await copy.git.output(['rev-parse', '--verify', `${commit}^{tree}`], copy.call)).trim();
}

function agentCall(copy: WorkingCopy): GitCall {
  const { GIT_INDEX_FILE: _index, GIT_OBJECT_DIRECTORY: _objects, ...environment } = copy.call.environment ?? {};
  return { ...copy.call, environment: { ...environment, GIT_DIR: copy.agentGitDir } };
}

function scratchFolder(git: Git, dir: string): string {
  return join(git.homeDir, 'checkouts', createHash('sha256').update(dir).digest('hex').slice(0, 24));
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
