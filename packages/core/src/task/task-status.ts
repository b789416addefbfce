import { AbcaError } from '../errors/abca-error.ts';

/** The state table: every status and where a task may go from it. Everything about states is derived from this. */
export const taskEdges = {
  SUBMITTED: ['QUEUED', 'HYDRATING', 'FAILED', 'CANCELLED'],
  QUEUED: ['SUBMITTED', 'FAILED', 'CANCELLED'],
  HYDRATING: ['RUNNING', 'AWAITING_APPROVAL', 'FAILED', 'CANCELLED'],
  RUNNING: ['AWAITING_APPROVAL', 'FINALIZING', 'FAILED', 'CANCELLED', 'TIMED_OUT'],
  AWAITING_APPROVAL: ['RUNNING', 'FAILED', 'CANCELLED'],
  FINALIZING: ['COMPLETED', 'FAILED', 'TIMED_OUT'],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
  TIMED_OUT: [],
} as const satisfies Record<string, readonly string[]>;

/** Where a task stands. */
export type TaskStatus = keyof typeof taskEdges;

/** All statuses, in the order of a task's way. */
export const taskStatuses = Object.keys(taskEdges) as readonly TaskStatus[];

/** The statuses a task never leaves. */
export type TerminalStatus = { [S in TaskStatus]: (typeof taskEdges)[S]['length'] extends 0 ? S : never }[TaskStatus];

/** Whether a task in `status` has ended. */
export function isTerminal(status: TaskStatus): status is TerminalStatus {
  return taskEdges[status].length === 0;
}

/** Whether the state table has an edge from `from` to `to`. */
export function isEdge(from: TaskStatus, to: TaskStatus): boolean {
  return (taskEdges[from] as readonly TaskStatus[]).includes(to);
}

/** @throws AbcaError ILLEGAL_TRANSITION when the state table has no such edge */
export function assertEdge(from: TaskStatus, to: TaskStatus): void {
  if (isEdge(from, to)) return;
  const allowed = taskEdges[from].join(', ') || 'none, it is terminal';
  throw new AbcaError(
    'ILLEGAL_TRANSITION',
    `a task cannot go from ${from} to ${to}; from ${from} it may go to: ${allowed}`,
  );
}

/** The statuses in which a person may cancel. FINALIZING is left out: it finishes, in seconds. */
export function isCancellable(status: TaskStatus): boolean {
  return isEdge(status, 'CANCELLED');
}

/** The statuses in which a session may hold the task's lease. */
export const sessionStatuses = ['HYDRATING', 'RUNNING', 'AWAITING_APPROVAL'] as const satisfies readonly TaskStatus[];

/** The statuses in which a task holds one of its user's slots: from admission until it ends. */
export const slotStatuses = [
  'HYDRATING',
  'RUNNING',
  'AWAITING_APPROVAL',
  'FINALIZING',
] as const satisfies readonly TaskStatus[];
