import type { CallOptions, PreflightQuery, PullRequestHead } from '@abca/core';
import type { Git } from '../git/git.ts';
import type { RemoteRefs } from '../git/remote-refs.ts';
import { withScratch } from './forge-scratch.ts';
import { readNotes, type NotedPull } from './pull-notes.ts';
import { pullHeadRef, pullNumbers, pullUrl } from './pull-refs.ts';
import { fetchCommits, stateOf, type PullState } from './pull-state.ts';

/** The pull request that a task names, or why it cannot be worked on. */
export type NamedPull =
  | {
      readonly kind: 'open';
      readonly baseBranch: string;
      readonly head: PullRequestHead & { readonly headBranch: string };
    }
  | { readonly kind: 'unusable'; readonly why: string };

/** Look at the pull request `number`. All branches and all refs of pull requests are in `refs`. */
export async function findNamedPull(
  git: Git,
  query: Pick<PreflightQuery, 'cloneUrl'> & { readonly number: number; readonly refs: RemoteRefs },
  options: CallOptions,
): Promise<NamedPull> {
  const { cloneUrl, number, refs } = query;
  const headSha = refs.refs.get(pullHeadRef(number));
  if (headSha === undefined || !pullNumbers(refs).includes(number))
    return unusable('there is none; name one that is open');
  return withScratch(git, { cloneUrl, shaLength: headSha.length }, options, async (scratch) => {
    const [pull] = await readNotes(scratch, refs, [number]);
    const baseSha = pull && refs.refs.get(`refs/heads/${pull.note.baseBranch}`);
    if (pull === undefined || baseSha === undefined) return unusable('its note or its base branch is gone');
    const branchSha = refs.refs.get(`refs/heads/${pull.note.branch}`);
    await fetchCommits(scratch, refs, [baseSha, headSha]);
    const state = await stateOf(scratch, { pull, baseSha, branchSha });
    return state === 'open' ? openPull(cloneUrl, pull) : unusable(describe(state, branchSha));
  });
}

function openPull(cloneUrl: string, { number, headSha, note }: NotedPull): NamedPull {
  const head = {
    number,
    url: pullUrl(cloneUrl, number),
    headBranch: note.branch,
    headSha,
    headRef: pullHeadRef(number),
  };
  return { kind: 'open', baseBranch: note.baseBranch, head };
}

function describe(state: Exclude<PullState, 'open'>, branchSha: string | undefined): string {
  if (state === 'merged') return 'it is merged; submit a new task';
  const how = branchSha === undefined ? 'its branch is gone' : 'its branch went on without it';
  return `it is closed: ${how}; submit a new task with that base branch`;
}

function unusable(why: string): NamedPull {
  return { kind: 'unusable', why };
}
