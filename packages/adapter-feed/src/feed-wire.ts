import type { TaskId } from '@abca/core';

/** Header that a session shows its key in. */
export const keyHeader = 'x-abca-key';

/** Header of an answer: what the caller knows from now on, to be shown with its next question. */
export const markHeader = 'x-abca-mark';

/** Where to wait for news of a task: what came after `mark` is told at once. */
export function changesPath(taskId: TaskId, mark: string): string {
  return `/tasks/${encodeURIComponent(taskId)}/changes?after=${encodeURIComponent(mark)}`;
}

/** The task and mark of such a path; `undefined` for any other. */
export function parseChangesPath(path: string): { readonly taskId: TaskId; readonly mark: string } | undefined {
  const url = new URL(path, 'http://feed');
  const [, task] = /^\/tasks\/([^/]+)\/changes$/.exec(url.pathname) ?? [];
  if (task === undefined) return undefined;
  return { taskId: decodeURIComponent(task) as TaskId, mark: url.searchParams.get('after') ?? '' };
}
