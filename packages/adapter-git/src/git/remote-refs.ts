import type { CallOptions } from '@abca/core';
import type { Git } from './git.ts';

/** The refs that a remote shows. */
export interface RemoteRefs {
  /** Sha by full ref name. */
  readonly refs: ReadonlyMap<string, string>;
  /** Full name of the branch that HEAD stands for. Absent when the remote has none, or it has no commit yet. */
  readonly head?: string;
}

/** Ask the remote for the refs that match `patterns` (all when none are given). */
export async function readRemoteRefs(
  git: Git,
  cloneUrl: string,
  patterns: readonly string[],
  options: CallOptions = {},
): Promise<RemoteRefs> {
  const args = ['ls-remote', '--symref', '--', cloneUrl, ...patterns];
  return parseRefs(await git.output(args, { ...options, remote: { cloneUrl, operation: 'read' } }));
}

/** Reads the output of `git ls-remote --symref`. */
export function parseRefs(output: string): RemoteRefs {
  const refs = new Map<string, string>();
  let head: string | undefined;
  for (const line of output.split('\n')) {
    const [value, name] = line.split('\t');
    if (value === undefined || name === undefined) continue;
    if (value.startsWith('ref: ')) head = name === 'HEAD' ? value.slice('ref: '.length) : head;
    else refs.set(name, value);
  }
  const detached = head ?? branchAt(refs, refs.get('HEAD'));
  refs.delete('HEAD');
  return { refs, ...(detached !== undefined && refs.has(detached) && { head: detached }) };
}

/** A remote with a detached HEAD names no default branch: a branch that stands at the same commit does. */
function branchAt(refs: ReadonlyMap<string, string>, sha: string | undefined): string | undefined {
  return [...refs].find(([name, value]) => value === sha && name.startsWith('refs/heads/'))?.[0];
}

const headsPrefix = 'refs/heads/';

/** Names of the branches, without `refs/heads/`. */
export function branchNames(refs: RemoteRefs): string[] {
  return [...refs.refs.keys()]
    .filter((name) => name.startsWith(headsPrefix))
    .map((name) => name.slice(headsPrefix.length));
}

export type BaseBranch =
  | { readonly kind: 'found'; readonly branch: string; readonly sha: string }
  | { readonly kind: 'missing'; readonly code: 'EMPTY_REPOSITORY' | 'BRANCH_NOT_FOUND'; readonly message: string };

/** The branch a task is based on: the one asked for, else the remote's default. */
export function chooseBase(refs: RemoteRefs, cloneUrl: string, wanted: string | undefined): BaseBranch {
  const names = branchNames(refs);
  if (names.length === 0) {
    const message = `repository is empty: ${cloneUrl} has no branch; push a first commit`;
    return { kind: 'missing', code: 'EMPTY_REPOSITORY', message };
  }
  const branch = wanted ?? refs.head?.slice(headsPrefix.length);
  const sha = branch === undefined ? undefined : refs.refs.get(headsPrefix + branch);
  if (branch !== undefined && sha !== undefined) return { kind: 'found', branch, sha };
  const what = branch === undefined ? 'the remote names no default branch' : `base branch ${branch} does not exist`;
  return { kind: 'missing', code: 'BRANCH_NOT_FOUND', message: `${what}; available: ${listSome(names)}` };
}

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length > 20 ? `${shown} and ${String(names.length - 20)} more` : shown;
}
