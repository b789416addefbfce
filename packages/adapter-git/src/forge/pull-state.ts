import type { DeliveryEvidence } from '@abca/core';
import type { RemoteRefs } from '../git/remote-refs.ts';
import type { ForgeScratch } from './forge-scratch.ts';
import type { PullRefs } from './pull-refs.ts';

export type PullState = NonNullable<DeliveryEvidence['pullRequest']>['state'];

/** Merged when the base holds it; open while it is what the branch shows; closed when the branch is gone or went on without it. */
export async function stateOf(
  scratch: ForgeScratch,
  shas: { readonly pull: PullRefs; readonly baseSha: string; readonly branchSha: string | undefined },
): Promise<PullState> {
  const merged = await scratch.git.run(['merge-base', '--is-ancestor', shas.pull.headSha, shas.baseSha], scratch.call);
  if (merged.exitCode === 0) return 'merged';
  return shas.branchSha === shas.pull.headSha ? 'open' : 'closed';
}

/** Bring the commits here, by the refs that showed them: not every server hands out a commit by its name. */
export async function fetchCommits(
  scratch: ForgeScratch,
  refs: RemoteRefs,
  shas: readonly (string | undefined)[],
): Promise<void> {
  if (scratch.sharesObjects) return;
  const names = shas.flatMap((sha) => [...refs.refs].find(([, value]) => value === sha)?.[0] ?? []);
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', scratch.cloneUrl, ...new Set(names)];
  await scratch.git.output(args, { ...scratch.call, remote: { cloneUrl: scratch.cloneUrl, operation: 'read' } });
}
