import { parseSessionId } from '../ids/ids.ts';
import type { TaskAmendment } from '../ports/task-repository.ts';
import { isTerminal, taskStatuses } from '../task/task-status.ts';
import type { Failure, SessionStop, StoredHandle, Task, TaskPatch } from '../task/task.ts';
import { formatIso, parseIso } from '../time/iso-time.ts';
import type { StopOutcome } from './session-status.ts';

/** What was learned of the end of a session: by a stop, by a look at the substrate (`ended`), or nothing (`failed`). */
export type SessionEnd =
  | StopOutcome
  | { readonly kind: 'ended'; readonly provenBy: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What is written together with a handle: from now on the session is open. */
export function openSession(
  sessionHandle: StoredHandle,
  atMs: number,
): Pick<Required<TaskPatch>, 'sessionHandle' | 'sessionSince' | 'sessionOpen'> {
  return { sessionHandle, sessionSince: formatIso(atMs), sessionOpen: 'open' };
}

/**
 * Whether a session may still run: its handle is recorded and its end is not proven. A row from before there was a ledger
 * names no time; its session is taken for open as long as its task has not ended.
 */
export function isSessionOpen(task: Task): boolean {
  if (task.sessionHandle === undefined) return false;
  return task.sessionSince === undefined ? !isTerminal(task.status) : task.sessionOpen !== undefined;
}

/** How the last stop of the task's session ended. One that was noted for a session before it does not count. */
export function lastStopOf({ sessionSince, sessionStop }: Task): SessionStop | undefined {
  return sessionStop !== undefined && sessionStop.at >= (sessionSince ?? '') ? sessionStop : undefined;
}

/** The end of the task's session as it was proven before; `undefined` when it may still run. */
export function provenEndOf(task: Task): Extract<StopOutcome, { kind: 'stopped' | 'already_gone' }> | undefined {
  const stop = isSessionOpen(task) ? undefined : lastStopOf(task);
  if (stop?.outcome === 'stopped') return { kind: 'stopped', provenBy: stop.provenBy ?? '' };
  return stop?.outcome === 'already_gone' || stop?.outcome === 'ended' ? { kind: 'already_gone' } : undefined;
}

/**
 * The write that notes `end` in the entry of the ledger that `task` shows. A proven end closes the entry; one that is not
 * proven is noted only while the entry is open, so that of two stops at once the one that proved it stands.
 */
export function noteEnd(task: Task, end: SessionEnd, atMs: number): TaskAmendment {
  const { taskId, generation, sessionId, sessionSince } = task;
  const entry = { generation, ...(sessionId && { sessionId }), ...(sessionSince && { sessionSince }) };
  // A clock that is behind the one of the start must not make it the stop of a session before.
  const stopMs = sessionSince === undefined ? atMs : Math.max(atMs, parseIso(sessionSince));
  const sessionStop = toStop(end, (lastStopOf(task)?.attempts ?? 0) + 1, stopMs);
  const note = { taskId, atMs, whileIn: taskStatuses };
  if (end.kind !== 'requested' && end.kind !== 'failed') {
    return { ...note, patch: { sessionStop }, remove: ['sessionOpen'], expectSession: entry };
  }
  if (sessionSince !== undefined) {
    return { ...note, patch: { sessionStop }, expectSession: { ...entry, sessionOpen: 'open' } };
  }
  const entered = { sessionSince: task.startedAt ?? task.statusCreatedAt, sessionOpen: 'open' } as const;
  return { ...note, patch: { sessionStop, ...entered }, expectSession: entry };
}

function toStop(end: SessionEnd, attempts: number, atMs: number): SessionStop {
  return {
    outcome: end.kind,
    ...('provenBy' in end && { provenBy: end.provenBy }),
    ...('failure' in end && { failure: end.failure }),
    at: formatIso(atMs),
    attempts,
  };
}

/** One line of the ledger: who runs where. */
export interface SessionEntry {
  readonly task: Task;
  readonly sessionId: string;
  readonly computeType: string;
  readonly generation: number;
  readonly since: string;
  readonly isOpen: boolean;
  readonly lastStop: SessionStop | undefined;
}

/** The entry of a task that got a session; the handle, not the row, says which one it is. */
export function entryOf(task: Task): SessionEntry | undefined {
  const handle = task.sessionHandle;
  if (handle === undefined) return undefined;
  return {
    task,
    sessionId: handle.sessionId,
    computeType: handle.strategyType,
    generation: parseSessionId(handle.sessionId)?.generation ?? task.generation,
    since: task.sessionSince ?? task.startedAt ?? task.statusCreatedAt,
    isOpen: isSessionOpen(task),
    lastStop: lastStopOf(task),
  };
}
