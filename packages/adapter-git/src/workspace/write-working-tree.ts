import { join } from 'node:path';
import { AbcaError } from '@abca/core';
import type { GitCall } from '../git/git.ts';
import type { WorkingCopy } from './working-copy.ts';

/** The working tree as a tree object. */
export interface WorkingTree {
  readonly tree: string;
  /** What git could not read, in its words. Empty in nearly every case. */
  readonly unreadable: readonly string[];
}

const withoutCommit = /^error: '(.*)\/' does not have a commit checked out$/;

/**
 * Write everything in the working tree that is not ignored as a tree object, through the platform's index.
 *
 * A git repository that the agent made in a subfolder is stored with its files: git alone would store a link to a commit
 * that no remote has.
 *
 * @param head commit whose tracked files stay tracked although a rule ignores them
 */
export async function writeWorkingTree(copy: WorkingCopy, head: string): Promise<WorkingTree> {
  const tracked = await linksIn(copy, ['ls-tree', '-r', '-z', head]);
  await copy.git.output(['read-tree', '--reset', head], copy.call);
  const unreadable = await addAll(copy, copy.call, tracked, '');
  return { tree: (await copy.git.output(['write-tree'], copy.call)).trim(), unreadable };
}

async function addAll(copy: WorkingCopy, call: GitCall, known: ReadonlySet<string>, under: string): Promise<string[]> {
  const exclude = ['-c', `core.excludesFile=${join(copy.agentGitDir, 'info', 'exclude')}`];
  const args = [...exclude, 'add', '--all', '--ignore-errors'];
  const result = await copy.git.run(args, call);
  const problems = result.exitCode === 0 ? [] : result.stderr.split('\n').filter((line) => line.startsWith('error: '));
  const bare = problems.flatMap((line) => withoutCommit.exec(line)?.[1] ?? []);
  const unreadable = problems.filter((line) => !withoutCommit.test(line));
  if (result.exitCode !== 0 && (problems.length === 0 || isDiskFull(result.stderr)))
    throw copy.git.failure(['add'], result);
  const linked = [...(await linksIn(copy, ['ls-files', '-s', '-z'], call))].filter((path) => !known.has(path));
  for (const path of [...linked, ...bare]) {
    unreadable.push(...(await addNested(copy, call, { path, under, linked: linked.includes(path) })));
  }
  return unreadable;
}

interface Nested {
  /** Path below the tree that it was found in. */
  readonly path: string;
  /** Path of that tree below the checkout. */
  readonly under: string;
  /** Whether it is in the index as a link. */
  readonly linked: boolean;
}

/** Put the files of a repository in a subfolder where the link would be. */
async function addNested(copy: WorkingCopy, outer: GitCall, nested: Nested): Promise<string[]> {
  const path = join(nested.under, nested.path);
  const dir = join(copy.checkout.dir, path);
  const indexFile = join(copy.scratchDir, `nested-${Buffer.from(path).toString('hex').slice(-180)}`);
  const environment = { ...outer.environment, GIT_WORK_TREE: dir, GIT_INDEX_FILE: indexFile };
  const inner = { ...outer, cwd: dir, environment };
  await copy.git.output(['read-tree', '--empty'], inner);
  const unreadable = await addAll(copy, inner, new Set(), path);
  const tree = (await copy.git.output(['write-tree'], inner)).trim();
  if (nested.linked) await copy.git.output(['update-index', '--force-remove', '--', nested.path], outer);
  await copy.git.output(['read-tree', `--prefix=${nested.path}/`, tree], outer);
  return unreadable;
}

/** Paths of commit links: mode 160000. */
async function linksIn(copy: WorkingCopy, args: readonly string[], call = copy.call): Promise<Set<string>> {
  const entries = (await copy.git.output(args, call)).split('\0').filter((entry) => entry.startsWith('160000 '));
  return new Set(entries.map((entry) => entry.slice(entry.indexOf('\t') + 1)));
}

function isDiskFull(stderr: string): boolean {
  return /No space left on device|Disk quota exceeded/i.test(stderr);
}

/** @throws AbcaError WORKSPACE_ERROR when something could not be read: a commit may not silently leave files out */
export function assertComplete(working: WorkingTree): void {
  if (working.unreadable.length === 0) return;
  const shown = working.unreadable.slice(0, 5).join('; ');
  throw new AbcaError('WORKSPACE_ERROR', `commit would leave files out: ${shown}; make them readable`);
}
