import type { Approval, ApprovalStatus, PendingApproval } from '../approval/approval.ts';
import type { NewTaskEvent } from '../events/task-event.ts';
import type { RequestId, SessionId, TaskId, UserId } from '../ids/ids.ts';
import type { Task } from '../task/task.ts';
import type { CallOptions } from './call-options.ts';

/** A request to be opened by the session that the task belongs to. */
export interface NewApproval {
  /** PENDING. */
  readonly approval: Approval;
  /** Only while this session is the task's. */
  readonly expectSession: { readonly sessionId: SessionId; readonly generation: number };
  readonly atMs: number;
  /** Written in the same transaction. */
  readonly events: readonly NewTaskEvent[];
}

export type RequestResult =
  | { readonly kind: 'requested'; readonly task: Task }
  /** The task is not RUNNING, or not this session's. `task` is as it is now. */
  | { readonly kind: 'lost'; readonly task: Task | undefined };

/** What a person decided. */
export type Decision =
  { readonly kind: 'approve'; readonly scope: string } | { readonly kind: 'deny'; readonly reason?: string };

export interface ApprovalDecision {
  readonly taskId: TaskId;
  readonly requestId: RequestId;
  /** Who decides. Only the owner of the request may. */
  readonly userId: UserId;
  readonly decision: Decision;
  readonly atMs: number;
  /** Written in the same transaction. */
  readonly events: readonly NewTaskEvent[];
}

export type DecideResult =
  | { readonly kind: 'decided'; readonly approval: Approval }
  /** Not there, or somebody else's: a caller cannot tell which. */
  | { readonly kind: 'not_found' }
  /** It has its decision, or its time is over. */
  | { readonly kind: 'already_decided'; readonly status: Exclude<ApprovalStatus, 'PENDING'> }
  /** The task does not wait for this request any more. */
  | { readonly kind: 'task_moved_on' };

export type ExpireResult =
  | { readonly kind: 'expired'; readonly approval: Approval }
  /** Somebody was faster. `approval` is as it is now. */
  | { readonly kind: 'lost'; readonly approval: Approval }
  | { readonly kind: 'absent' };

export interface PendingPage {
  readonly approvals: readonly PendingApproval[];
  readonly nextToken?: string;
}

/**
 * Requests for a person's approval. A request and the status of its task change together, in one transaction: a task is
 * AWAITING_APPROVAL exactly while it names a request, and the first decision on a request wins. The end of a task that
 * waits closes its request in the transaction of that end, see `TaskRepository.transition`. Safe to call concurrently from
 * several processes.
 *
 * All methods throw AbcaError SERVICE_UNAVAILABLE (retryable) when the store throttles or does not answer, STORE_ERROR for
 * other refusals, STORE_CORRUPT for an item that is not an approval.
 */
export interface ApprovalRepository {
  /**
   * Store the request and move the task RUNNING → AWAITING_APPROVAL on it, with the events, all or nothing. Repeated with
   * the same request after an answer that was lost, it answers `requested` again and changes nothing.
   */
  request(request: NewApproval, options?: CallOptions): Promise<RequestResult>;

  /**
   * Decide a request of the caller that is PENDING and not expired, while its task waits for it. All of that holds at the
   * moment of the write.
   */
  decide(decision: ApprovalDecision, options?: CallOptions): Promise<DecideResult>;

  /** PENDING → TIMED_OUT. A decision that came before it stands. */
  expire(
    request: { readonly taskId: TaskId; readonly requestId: RequestId; readonly atMs: number },
    options?: CallOptions,
  ): Promise<ExpireResult>;

  /** Read with strong consistency. */
  find(
    key: { readonly taskId: TaskId; readonly requestId: RequestId },
    options?: CallOptions,
  ): Promise<Approval | undefined>;

  /**
   * PENDING and unexpired requests of one user, oldest first. May lag behind writes by moments.
   *
   * @param query.limit 1 to 100
   */
  listPending(
    query: { readonly userId: UserId; readonly nowMs: number; readonly limit: number; readonly nextToken?: string },
    options?: CallOptions,
  ): Promise<PendingPage>;
}
