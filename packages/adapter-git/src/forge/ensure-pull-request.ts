import { AbcaError, type CallOptions, type PullRequest, type PullRequestInput } from '@abca/core';
import type { Git } from '../git/git.ts';
import { readRemoteRefs, type RemoteRefs } from '../git/remote-refs.ts';
import { withScratch, type ForgeScratch } from './forge-scratch.ts';
import { formatNote } from './pull-note.ts';
import { readNotes, type NotedPull } from './pull-notes.ts';
import { findPull, pullHeadRef, pullNoteRef, pullNumbers, pullUrl, taskPullRef, type PullRefs } from './pull-refs.ts';
import { pushRefs, writeDocument, type RefUpdate } from './push-refs.ts';

/** Numbers that others may take before us. Each lost attempt means that another pull request was opened. */
const attempts = 50;

/**
 * Open the task's pull request, or bring its head up to date. Every push expects the refs to be as they were read, so of
 * two callers one writes and the other reads again: a task never gets a second pull request, a number is never used twice.
 */
export async function ensurePullRequest(git: Git, input: PullRequestInput, options: CallOptions): Promise<PullRequest> {
  const remote = { cloneUrl: input.cloneUrl, shaLength: input.headSha.length };
  return withScratch(git, remote, options, async (scratch) => {
    await assertDelivered(scratch, input);
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const refs = await readPulls(scratch, input);
      const own = findPull(refs, input.taskId);
      if (own?.headSha === input.headSha) return answer(input, own.number);
      const adopted = own ? undefined : await pullOfBranch(scratch, refs, input.branch);
      const number = (own ?? adopted)?.number ?? (pullNumbers(refs).at(-1) ?? 0) + 1;
      const updates = own
        ? [moveHead(own, input)]
        : adopted
          ? [{ ref: taskPullRef(input.taskId), from: '', to: adopted.noteSha }, moveHead(adopted, input)]
          : await openingUpdates(scratch, input, number);
      if (await pushRefs(scratch, updates, 'pull request was not opened')) return answer(input, number);
    }
    throw new AbcaError('SERVICE_UNAVAILABLE', 'pull request was not opened: its refs keep moving', {
      retryable: true,
    });
  });
}

/** The pull request of another task that the branch is the head of: a task that goes on with it makes it its own too. */
async function pullOfBranch(scratch: ForgeScratch, refs: RemoteRefs, branch: string): Promise<NotedPull | undefined> {
  return (await readNotes(scratch, refs)).findLast(({ note }) => note.branch === branch);
}

function moveHead(pull: PullRefs, input: PullRequestInput): RefUpdate {
  return { ref: pullHeadRef(pull.number), from: pull.headSha, to: input.headSha };
}

async function openingUpdates(scratch: ForgeScratch, input: PullRequestInput, number: number): Promise<RefUpdate[]> {
  const note = await writeDocument(scratch, formatNote(input, number));
  return [
    { ref: taskPullRef(input.taskId), from: '', to: note },
    { ref: pullNoteRef(number), from: '', to: note },
    { ref: pullHeadRef(number), from: '', to: input.headSha },
  ];
}

function readPulls(scratch: ForgeScratch, input: PullRequestInput): Promise<RemoteRefs> {
  return readRemoteRefs(scratch.git, scratch.cloneUrl, ['refs/abca/pulls/*', taskPullRef(input.taskId)], scratch.call);
}

/** A pull request shows what the branch on the remote shows: its commit must be there, and be here to be pushed as a ref. */
async function assertDelivered(scratch: ForgeScratch, input: PullRequestInput): Promise<void> {
  const { git, cloneUrl, call } = scratch;
  const ref = `refs/heads/${input.branch}`;
  const sha = (await readRemoteRefs(git, cloneUrl, [ref], call)).refs.get(ref);
  if (sha !== input.headSha) {
    const what = `pull request was not opened: ${input.branch} is at ${sha ?? 'nothing'}, not at ${input.headSha}`;
    throw new AbcaError('NOT_DELIVERED', `${what}; push the branch first`);
  }
  if (scratch.sharesObjects) return;
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--depth=1', '--', cloneUrl, ref];
  await git.output(args, { ...call, remote: { cloneUrl, operation: 'read' } });
}

function answer(input: PullRequestInput, number: number): PullRequest {
  return { number, url: pullUrl(input.cloneUrl, number) };
}
