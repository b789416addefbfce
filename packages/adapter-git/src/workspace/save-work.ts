import { AbcaError, type SaveResult } from '@abca/core';
import { readRemoteRefs } from '../git/remote-refs.ts';
import { parsePush } from './push-result.ts';
import { findHead, treeOf, type WorkingCopy } from './working-copy.ts';
import { writeWorkingTree } from './write-working-tree.ts';

/** What the WIP ref of the remote was last seen to hold. */
export interface SavedWork {
  /** Commit the work stood on. */
  readonly head: string;
  readonly tree: string;
  /** What the WIP ref points at. */
  readonly sha: string;
  /** A commit of an earlier session that the saved commit holds as a second parent. */
  readonly earlier?: string;
}

/** What a save did, and what to remember of it. */
export interface SaveStep {
  readonly result: SaveResult;
  readonly saved?: SavedWork;
}

/** Pushes of the WIP ref against another writer, before giving up. Two writers at once are already a fault elsewhere. */
const attempts = 3;

/**
 * Put the working tree on the WIP ref. A save replaces the save before it, but never one that this session did not make:
 * that one becomes a second parent.
 */
export async function saveWorkingTree(copy: WorkingCopy, known: SavedWork | undefined): Promise<SaveStep> {
  const head = await findHead(copy);
  const { tree } = await writeWorkingTree(copy, head);
  if (known?.head === head && known.tree === tree) return { result: { kind: 'unchanged' }, saved: known };
  const { startSha } = copy.checkout;
  if (known === undefined && head === startSha && tree === (await treeOf(copy, startSha))) {
    return { result: { kind: 'unchanged' } };
  }
  let last = known;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const seen = await seenOnRemote(copy, last, { head, tree });
    if (seen.unchanged) return { result: { kind: 'unchanged' }, saved: seen.saved };
    const sha = await commitWork(copy, { head, tree, ...(seen.earlier !== undefined && { earlier: seen.earlier }) });
    if (await pushWip(copy, sha, seen.expected)) {
      const saved = { head, tree, sha, ...(seen.earlier !== undefined && { earlier: seen.earlier }) };
      return { result: { kind: 'saved', sha }, saved };
    }
    last = undefined;
  }
  throw new AbcaError('WORKSPACE_ERROR', `work was not saved: ${copy.checkout.wipRef} keeps moving on the remote`, {
    retryable: true,
  });
}

type Seen =
  | { readonly unchanged: true; readonly saved: SavedWork }
  /** `expected`: where the ref must be for the push, empty for nowhere. */
  | { readonly unchanged: false; readonly expected: string; readonly earlier?: string };

async function seenOnRemote(
  copy: WorkingCopy,
  known: SavedWork | undefined,
  work: Omit<SavedWork, 'sha'>,
): Promise<Seen> {
  if (known) {
    return { unchanged: false, expected: known.sha, ...(known.earlier !== undefined && { earlier: known.earlier }) };
  }
  const { wipRef } = copy.checkout;
  const remote = { cloneUrl: copy.cloneUrl, operation: 'read' } as const;
  const sha = (await readRemoteRefs(copy.git, copy.cloneUrl, [wipRef], copy.call)).refs.get(wipRef);
  if (sha === undefined) return { unchanged: false, expected: '' };
  const fetch = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', copy.cloneUrl, wipRef];
  await copy.git.output(fetch, { ...copy.call, remote });
  if ((await treeOf(copy, sha)) === work.tree && (sha === work.head || (await firstParent(copy, sha)) === work.head)) {
    return { unchanged: true, saved: { ...work, sha } };
  }
  const held = await copy.git.run(['merge-base', '--is-ancestor', sha, work.head], copy.call);
  return { unchanged: false, expected: sha, ...(held.exitCode !== 0 && { earlier: sha }) };
}

async function firstParent(copy: WorkingCopy, sha: string): Promise<string | undefined> {
  const result = await copy.git.run(['rev-parse', '--verify', '--quiet', `${sha}^1`], copy.call);
  return result.exitCode === 0 ? result.stdout.trim() : undefined;
}

/** The commit to save: the head itself when there is nothing beyond it. */
async function commitWork(copy: WorkingCopy, work: Omit<SavedWork, 'sha'>): Promise<string> {
  if (work.earlier === undefined && (await treeOf(copy, work.head)) === work.tree) return work.head;
  const parents = [work.head, ...(work.earlier === undefined ? [] : [work.earlier])].flatMap((sha) => ['-p', sha]);
  const message = `Work in progress on ${copy.checkout.branch}`;
  return (await copy.git.output(['commit-tree', work.tree, ...parents, '-m', message], copy.call)).trim();
}

/** @returns false when the ref was not where it was expected */
async function pushWip(copy: WorkingCopy, sha: string, expected: string): Promise<boolean> {
  const { wipRef } = copy.checkout;
  const lease = `--force-with-lease=${wipRef}:${expected}`;
  const args = ['push', '--porcelain', '--no-verify', lease, '--', copy.cloneUrl, `${sha}:${wipRef}`];
  const result = await copy.git.run(args, { ...copy.call, remote: { cloneUrl: copy.cloneUrl, operation: 'write' } });
  const outcome = parsePush(result);
  switch (outcome.kind) {
    case 'done':
      return true;
    case 'refused':
      if (outcome.stale) return false;
      throw new AbcaError('WORKSPACE_ERROR', `work was not saved: the remote refused ${wipRef}: ${outcome.reason}`);
    case 'failed':
      throw copy.git.failure(['push'], result);
    default:
      return outcome satisfies never;
  }
}
