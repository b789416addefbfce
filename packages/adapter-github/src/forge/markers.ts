import type { TaskId } from '@abca/core';

/** What hides in a text of ours, so that it is found again. */
export type MarkerKind = 'pull' | 'review' | 'status';

/** First line of a text of ours: shown to nobody, found by us. */
export function markerOf(kind: MarkerKind, taskId: TaskId): string {
  return `<!-- abca:${kind} ${taskId} -->`;
}

/** Whether `body` begins with the marker: one that stands elsewhere was quoted or imitated. */
export function isMarked(body: string | null | undefined, kind: MarkerKind, taskId: TaskId): boolean {
  return body?.startsWith(markerOf(kind, taskId)) === true;
}

/** Whether `body` begins with a marker of any task. */
export function isMarkedAtAll(body: string | null | undefined): boolean {
  return /^<!-- abca:(?:pull|review|status) [0-9A-Z]{26} -->/.test(body ?? '');
}
