import { AbcaError, type CallOptions, type ReviewInput } from '@abca/core';
import type { Git } from '../git/git.ts';
import { readRemoteRefs } from '../git/remote-refs.ts';
import { withScratch } from './forge-scratch.ts';
import { pullHeadRef, pullNumbers, reviewRef, reviewUrl } from './pull-refs.ts';
import { pushRefs, writeDocument } from './push-refs.ts';

/** Writers of one review. Each lost attempt but the first finds the review of the winner. */
const attempts = 3;

/**
 * Leave the task's review as a document beside the pull request's note. The ref is named after the task and is only ever
 * made, never moved: the first review of a task stays its only one.
 */
export async function submitReview(
  git: Git,
  input: ReviewInput,
  options: CallOptions,
): Promise<{ readonly url: string }> {
  const { cloneUrl, prNumber, taskId } = input;
  const ref = reviewRef(prNumber, taskId);
  const url = reviewUrl(cloneUrl, prNumber, taskId);
  return withScratch(git, { cloneUrl, shaLength: input.headSha.length }, options, async (scratch) => {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const refs = await readRemoteRefs(git, cloneUrl, ['refs/abca/pulls/*'], scratch.call);
      if (refs.refs.has(ref)) return { url };
      if (!pullNumbers(refs).includes(prNumber) || !refs.refs.has(pullHeadRef(prNumber))) {
        throw new AbcaError('NOT_DELIVERED', `review was not left: there is no pull request #${String(prNumber)}`);
      }
      const document = await writeDocument(scratch, formatReview(input));
      if (await pushRefs(scratch, [{ ref, from: '', to: document }], 'review was not left')) return { url };
    }
    throw new AbcaError('SERVICE_UNAVAILABLE', 'review was not left: its ref keeps moving', { retryable: true });
  });
}

function formatReview({ prNumber, taskId, repo, headSha, body }: ReviewInput): string {
  return `${JSON.stringify({ number: prNumber, task_id: taskId, repo, head_sha: headSha, body }, null, 2)}\n`;
}
