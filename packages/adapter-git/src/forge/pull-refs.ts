import type { TaskId } from '@abca/core';
import type { RemoteRefs } from '../git/remote-refs.ts';

/*
 * A pull request of a plain repository is three refs, made in one atomic push:
 *   refs/abca/pulls/<n>/head   the commit that is proposed
 *   refs/abca/pulls/<n>/note   a JSON document that never changes
 *   refs/abca/<task>/pull      the same document again: it makes the pull request unique per task, and finds it
 * and one more for each task that reviewed it:
 *   refs/abca/pulls/<n>/reviews/<task>   a JSON document that never changes
 */

/** A task's pull request as the remote's refs show it. */
export interface PullRefs {
  readonly number: number;
  readonly headSha: string;
}

export const pullHeadRef = (number: number): string => `refs/abca/pulls/${String(number)}/head`;
export const pullNoteRef = (number: number): string => `refs/abca/pulls/${String(number)}/note`;
export const taskPullRef = (taskId: TaskId): string => `refs/abca/${taskId}/pull`;

export const reviewRef = (number: number, taskId: TaskId): string =>
  `refs/abca/pulls/${String(number)}/reviews/${taskId}`;

/** Address of a review, as that of a pull request. */
export const reviewUrl = (cloneUrl: string, number: number, taskId: TaskId): string =>
  `${cloneUrl}#${reviewRef(number, taskId)}`;

/** Address of a pull request: `git fetch` takes its two halves. */
export const pullUrl = (cloneUrl: string, number: number): string => `${cloneUrl}#${pullHeadRef(number)}`;

const noteRef = /^refs\/abca\/pulls\/([1-9]\d{0,8})\/note$/;

/** Number by note sha. The number is in the note, so no two share one. */
function numbersOf(refs: RemoteRefs): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, sha] of refs.refs) {
    const number = noteRef.exec(name)?.[1];
    if (number !== undefined) numbers.set(sha, Number(number));
  }
  return numbers;
}

/** The pull request of a task, when it has one. */
export function findPull(refs: RemoteRefs, taskId: TaskId): PullRefs | undefined {
  const noteSha = refs.refs.get(taskPullRef(taskId));
  const number = noteSha === undefined ? undefined : numbersOf(refs).get(noteSha);
  const headSha = number === undefined ? undefined : refs.refs.get(pullHeadRef(number));
  return number === undefined || headSha === undefined ? undefined : { number, headSha };
}

/** Numbers of all pull requests, ascending. */
export function pullNumbers(refs: RemoteRefs): number[] {
  return [...numbersOf(refs).values()].sort((a, b) => a - b);
}
