import { AbcaError, type CallOptions, type DeliveryEvidence, type EvidenceQuery } from '@abca/core';
import type { Git } from '../git/git.ts';
import { readRemoteRefs, type RemoteRefs } from '../git/remote-refs.ts';
import { withScratch, type ForgeScratch } from './forge-scratch.ts';
import { findPull, pullUrl, reviewRef, reviewUrl, taskPullRef, type PullRefs } from './pull-refs.ts';
import { fetchCommits, stateOf, type PullState } from './pull-state.ts';

const noDiff = { commits: 0, filesChanged: 0, insertions: 0, deletions: 0 } as const;

/** What the remote shows of a task. One listing of its refs is the truth; the fetched objects only explain it. */
export async function gatherEvidence(git: Git, query: EvidenceQuery, options: CallOptions): Promise<DeliveryEvidence> {
  const branchRef = `refs/heads/${query.branch}`;
  const baseRef = `refs/heads/${query.baseBranch}`;
  const patterns = [branchRef, baseRef, query.wipRef, taskPullRef(query.taskId), 'refs/abca/pulls/*'];
  const refs = await readRemoteRefs(git, query.cloneUrl, patterns, options);
  const branchSha = refs.refs.get(branchRef);
  const wipSha = refs.refs.get(query.wipRef);
  const baseSha = refs.refs.get(baseRef);
  const pull = findPull(refs, query.taskId);
  const head = branchSha ?? wipSha;
  const found = {
    ...defined({ branchSha }),
    ...defined({ wipSha }),
    ...defined({ baseSha }),
    ...reviewIn(refs, query),
  };
  if (baseSha === undefined || (head === undefined && pull === undefined)) {
    return { ...found, ...(pull && { pullRequest: describePull(query, pull, 'closed') }), diff: noDiff };
  }
  return withScratch(git, { cloneUrl: query.cloneUrl, shaLength: baseSha.length }, options, async (scratch) => {
    await fetchCommits(scratch, refs, [baseSha, head, pull?.headSha]);
    const diff = head === undefined ? noDiff : await measure(scratch, baseSha, head);
    if (!pull) return { ...found, diff };
    const state = await stateOf(scratch, { pull, baseSha, branchSha });
    return { ...found, pullRequest: describePull(query, pull, state), diff };
  });
}

/** The review is on the remote when its ref is. */
function reviewIn({ refs }: RemoteRefs, query: EvidenceQuery): Pick<DeliveryEvidence, 'review'> {
  const { reviewOf, taskId, cloneUrl } = query;
  if (reviewOf === undefined || !refs.has(reviewRef(reviewOf, taskId))) return {};
  return { review: { url: reviewUrl(cloneUrl, reviewOf, taskId) } };
}

function defined<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}

function describePull(
  query: EvidenceQuery,
  pull: PullRefs,
  state: PullState,
): NonNullable<DeliveryEvidence['pullRequest']> {
  return { number: pull.number, url: pullUrl(query.cloneUrl, pull.number), state, headSha: pull.headSha };
}

async function measure(scratch: ForgeScratch, baseSha: string, head: string): Promise<DeliveryEvidence['diff']> {
  const { git, call } = scratch;
  const mergeBase = await git.run(['merge-base', baseSha, head], call);
  const from = mergeBase.exitCode === 0 ? mergeBase.stdout.trim() : await emptyTree(scratch);
  const range = mergeBase.exitCode === 0 ? `${from}..${head}` : head;
  const commits = Number((await git.output(['rev-list', '--count', range], call)).trim());
  const args = ['diff', '--shortstat', '--find-renames', '--no-ext-diff', '--no-textconv', from, head, '--'];
  return { commits, ...parseShortstat(await git.output(args, call)) };
}

async function emptyTree(scratch: ForgeScratch): Promise<string> {
  return (
    await scratch.git.output(['hash-object', '-t', 'tree', '-w', '--stdin'], { ...scratch.call, input: '' })
  ).trim();
}

/** Reads ` 3 files changed, 10 insertions(+), 2 deletions(-)`; empty output is no change. */
export function parseShortstat(text: string): Omit<DeliveryEvidence['diff'], 'commits'> {
  const count = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
  const stat = {
    filesChanged: count(/(\d+) files? changed/),
    insertions: count(/(\d+) insertions?\(\+\)/),
    deletions: count(/(\d+) deletions?\(-\)/),
  };
  if (text.trim() !== '' && stat.filesChanged === 0) {
    throw new AbcaError('INTERNAL_ERROR', `diff statistics were not understood: ${text.trim()}`);
  }
  return stat;
}
