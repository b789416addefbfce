import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AbcaError, type CallOptions } from '@abca/core';
import { parseCloneUrl } from '../git/clone-url.ts';
import type { Git, GitCall } from '../git/git.ts';
import { makeOwnGitFolder } from '../git/own-git-folder.ts';

/** A git folder for one call of the forge. */
export interface ForgeScratch {
  readonly git: Git;
  readonly cloneUrl: string;
  /** What each git process in the folder is called with. */
  readonly call: GitCall;
  /** Whether objects of the remote are readable here without fetching them. */
  readonly sharesObjects: boolean;
}

/**
 * Do something in a temporary git folder and remove it. For a repository on a path its objects are borrowed, so that
 * nothing is copied however large it is.
 */
export async function withScratch<T>(
  git: Git,
  remote: { readonly cloneUrl: string; readonly shaLength: number },
  options: CallOptions,
  work: (scratch: ForgeScratch) => Promise<T>,
): Promise<T> {
  const parent = join(git.homeDir, 'forge');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(parent, 'call-'));
  const borrowFrom = objectsFolder(remote.cloneUrl, git.protocols);
  try {
    const gitDir = await makeOwnGitFolder({
      gitDir: join(dir, 'git'),
      shaLength: remote.shaLength,
      ...(borrowFrom !== undefined && { borrowFrom }),
    });
    const call = { ...options, cwd: gitDir, environment: { GIT_DIR: gitDir } };
    return await work({ git, cloneUrl: remote.cloneUrl, call, sharesObjects: borrowFrom !== undefined });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** @throws AbcaError NOT_A_REPOSITORY when git may not be given the address */
export function assertCloneUrl(git: Git, cloneUrl: string): void {
  const url = parseCloneUrl(cloneUrl, git.protocols);
  if (url.kind === 'refused')
    throw new AbcaError('NOT_A_REPOSITORY', `address of the repository is refused: ${url.why}`);
}

function objectsFolder(cloneUrl: string, protocols: readonly string[] | undefined): string | undefined {
  const url = parseCloneUrl(cloneUrl, protocols);
  if (url.kind !== 'path') return undefined;
  return [join(url.path, 'objects'), join(url.path, '.git', 'objects')].find((folder) => existsSync(folder));
}
