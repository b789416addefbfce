import { AbcaError } from '../errors/abca-error.ts';
import type { RequestId, SessionId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { formatIso } from '../time/iso-time.ts';
import { assertEdge, isTerminal, type TaskStatus } from './task-status.ts';
import type { Task, TaskPatch } from './task.ts';

/** A wish to move a task along one edge. */
export interface StatusMove {
  readonly from: TaskStatus;
  readonly to: TaskStatus;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly patch?: TaskPatch;
  /** Only when this session still is the task's. */
  readonly expectSession?: { readonly sessionId: SessionId; readonly generation: number };
  /** Only when this still is the request that the task waits for. */
  readonly expectRequest?: RequestId;
}

/** What a store has to write, and on which condition. Names are those of {@link Task}. */
export interface StatusWrite {
  readonly set: Partial<Task>;
  readonly remove: readonly (keyof Task)[];
  readonly condition: Readonly<
    Partial<
      Pick<Task, 'status' | 'sessionId' | 'generation' | 'sessionSince' | 'sessionOpen' | 'awaitingApprovalRequestId'>
    >
  >;
}

/**
 * The one builder of status writes.
 *
 * Sets the status and its time (every edge, AWAITING_APPROVAL too: an age counted from an older status once stranded
 * gates at once), the lease on entering RUNNING, the open request on entering AWAITING_APPROVAL and its removal on
 * leaving, the end and the ttl on a terminal status.
 *
 * @throws AbcaError ILLEGAL_TRANSITION when the state table has no such edge
 */
export function buildStatusWrite(move: StatusMove): StatusWrite {
  assertEdge(move.from, move.to);
  assertRequestId(move);
  const at = formatIso(move.atMs);
  return {
    set: {
      ...move.patch,
      ...(move.to === 'RUNNING' && { leaseExpiresAt: formatIso(move.atMs + limits.heartbeatLostMs) }),
      ...(isTerminal(move.to) && { endedAt: at, ttl: Math.ceil((move.atMs + limits.taskTtlMs) / 1000) }),
      status: move.to,
      statusCreatedAt: at,
      updatedAt: at,
    },
    remove: move.from === 'AWAITING_APPROVAL' ? ['awaitingApprovalRequestId'] : [],
    condition: {
      status: move.from,
      ...move.expectSession,
      ...(move.expectRequest !== undefined && { awaitingApprovalRequestId: move.expectRequest }),
    },
  };
}

function assertRequestId(move: StatusMove): void {
  const named = move.patch?.awaitingApprovalRequestId !== undefined;
  if (named === (move.to === 'AWAITING_APPROVAL')) return;
  throw new AbcaError(
    'ILLEGAL_TRANSITION',
    named
      ? `only a move to AWAITING_APPROVAL names an approval request; this one goes to ${move.to}`
      : 'a move to AWAITING_APPROVAL names the approval request it waits for',
  );
}

/** `task` as it is once `write` has been applied. For stores in memory and for what is returned to callers. */
export function applyStatusWrite(task: Task, write: StatusWrite): Task {
  const fields = Object.entries({ ...task, ...write.set }).filter(
    ([field]) => !write.remove.includes(field as keyof Task),
  );
  return Object.fromEntries(fields) as Task;
}

/** Whether `task` fulfils the condition of `write`. */
export function meetsCondition(task: Task, condition: StatusWrite['condition']): boolean {
  return Object.entries(condition).every(([field, value]) => task[field as keyof Task] === value);
}
