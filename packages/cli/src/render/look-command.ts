import type { ReceiptView } from '../client/wire-types.ts';
import { shellCommand } from './shell-quote.ts';

/** Where the work of a task lies, as seen from this machine. */
export type Remote =
  /** A bare repository in a folder of this machine. */
  | { readonly kind: 'bare'; readonly path: string }
  /** A folder of this machine with a working copy. */
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/**
 * A shell command that shows what the task changed and works when pasted; for a remote that is not on this machine, inside any
 * clone of it. `undefined` when there is nothing to look at.
 */
export function lookCommand(receipt: ReceiptView, remote: Remote): string | undefined {
  const saved = receipt.outcome === 'work_saved';
  const work = saved ? receipt.wip_ref : receipt.branch;
  const base = receipt.base_branch ?? receipt.base_sha;
  if (work === undefined || base === undefined) return undefined;
  if (receipt.outcome !== 'delivered' && !saved) return undefined;
  switch (remote.kind) {
    case 'bare':
      return shellCommand(['git', `--git-dir=${remote.path}`, 'diff', `${base}...${work}`]);
    case 'folder':
      return shellCommand(['git', '-C', remote.path, 'diff', `${base}...${work}`]);
    case 'url':
      return `${shellCommand(['git', 'fetch', remote.url, work])} && ${shellCommand(['git', 'diff', `${receipt.base_sha ?? base}...FETCH_HEAD`])}`;
    default:
      return remote satisfies never;
  }
}
