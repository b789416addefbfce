import type { CommitResult } from '@abca/core';
import { findHead, publishIndex, readAgentRef, treeOf, writeAgentRef, type WorkingCopy } from './working-copy.ts';
import { assertComplete, writeWorkingTree } from './write-working-tree.ts';

/**
 * Commit the working tree on the branch. When the agent worked on another branch or on a detached HEAD that holds the
 * branch, the branch is moved to that work first: it would not be delivered otherwise.
 */
export async function commitWorkingTree(copy: WorkingCopy, message: string): Promise<CommitResult> {
  const head = await findHead(copy);
  const working = await writeWorkingTree(copy, head);
  assertComplete(working);
  const changed = working.tree !== (await treeOf(copy, head));
  const sha = changed ? await commitTree(copy, working.tree, { parent: head, message }) : head;
  const ref = `refs/heads/${copy.checkout.branch}`;
  if ((await readAgentRef(copy, ref)) !== sha) await writeAgentRef(copy, ref, sha);
  if (!changed) return { kind: 'nothing_to_commit', sha };
  await publishIndex(copy);
  return { kind: 'committed', sha };
}

async function commitTree(
  copy: WorkingCopy,
  tree: string,
  commit: { readonly parent: string; readonly message: string },
): Promise<string> {
  const args = ['commit-tree', tree, '-p', commit.parent, '-F', '-'];
  return (await copy.git.output(args, { ...copy.call, input: `${commit.message.trimEnd()}\n` })).trim();
}
