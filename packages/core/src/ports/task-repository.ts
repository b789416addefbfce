import type { NewTaskEvent } from '../events/task-event.ts';
import type { SessionId, TaskId, UserId } from '../ids/ids.ts';
import type { StatusMove } from '../task/status-write.ts';
import type { TaskStatus } from '../task/task-status.ts';
import type { Task, TaskPatch } from '../task/task.ts';
import type { IsoTime } from '../time/iso-time.ts';
import type { CallOptions } from './call-options.ts';

/** A task to be stored for the first time. */
export interface NewTask {
  readonly task: Task;
  /** Client's key for this submit; keys of different users never meet. */
  readonly idempotency?: {
    readonly key: string;
    /** Hash of the request: the same key with another request is an error. */ readonly requestHash: string;
  };
  readonly events: readonly NewTaskEvent[];
}

export type CreateTaskResult =
  | { readonly kind: 'created'; readonly task: Task }
  /** The key was used before for the same request: this is the task it made. */
  | { readonly kind: 'replayed'; readonly task: Task }
  /** The key was used before for another request, which made this task. */
  | { readonly kind: 'key_reused'; readonly task: Task };

/** A move along one edge, with the events that tell of it. */
export interface TaskTransition extends StatusMove {
  readonly taskId: TaskId;
  /** Written in the same transaction: whoever wins the move writes them, once. */
  readonly events: readonly NewTaskEvent[];
}

export type TransitionResult =
  | { readonly kind: 'moved'; readonly task: Task }
  /** The condition did not hold. `task` is as it is now. */
  | { readonly kind: 'lost'; readonly task: Task }
  | { readonly kind: 'absent' };

/** New field values without a change of status. */
export interface TaskAmendment {
  readonly taskId: TaskId;
  readonly patch: TaskPatch;
  readonly atMs: number;
  /** Fields that are taken away. */
  readonly remove?: readonly (keyof TaskPatch)[];
  /** Only in one of these statuses. */
  readonly whileIn: readonly TaskStatus[];
  /** Only when this session still is the task's, field by field; what is not named is not looked at. */
  readonly expectSession?: Partial<Pick<Task, 'sessionId' | 'sessionSince' | 'sessionOpen'>> & Pick<Task, 'generation'>;
  /** Written in the same transaction. */
  readonly events?: readonly NewTaskEvent[];
}

export interface LeaseRenewal {
  readonly taskId: TaskId;
  readonly sessionId: SessionId;
  readonly generation: number;
  readonly leaseExpiresAt: IsoTime;
}

export type LeaseResult =
  | { readonly kind: 'renewed'; readonly task: Task }
  /** Cancelled, ended or replaced: the session must stop itself. */
  | { readonly kind: 'lost'; readonly task: Task | undefined };

export interface TaskPage {
  readonly tasks: readonly Task[];
  /** Pass to the next call; absent on the last page. Opaque. */
  readonly nextToken?: string;
}

export interface TaskQuery {
  readonly userId: UserId;
  /** Filters before `limit` counts. Absent: all. */
  readonly statuses?: readonly TaskStatus[];
  /** 1 to 100. */
  readonly limit: number;
  readonly nextToken?: string;
}

/**
 * Durable store of tasks, keyed by id. Every write is conditional, and a lost race is a value, not an exception. Safe to
 * call concurrently from several processes.
 *
 * All methods throw AbcaError SERVICE_UNAVAILABLE (retryable) when the store throttles or does not answer, STORE_ERROR
 * for other refusals, STORE_CORRUPT for an item that is not a task.
 */
export interface TaskRepository {
  /** Store the task, its idempotency key and its events in one transaction. */
  create(newTask: NewTask, options?: CallOptions): Promise<CreateTaskResult>;

  /** Read with strong consistency; `undefined` when the task does not exist. */
  find(taskId: TaskId, options?: CallOptions): Promise<Task | undefined>;

  /**
   * Move a task along one edge of the state table, if it still is where the caller saw it, and append the events that tell
   * of it, in one transaction.
   *
   * A move from AWAITING_APPROVAL to a terminal status closes the request that the task waited for, PENDING → STRANDED, in
   * the same transaction: nobody is asked about a task that has ended. A request that was decided stays as it is.
   *
   * @throws AbcaError ILLEGAL_TRANSITION when the state table has no such edge
   */
  transition(move: TaskTransition, options?: CallOptions): Promise<TransitionResult>;

  /** Change fields without changing the status, and append the events that tell of it, in one transaction. `moved` when done. */
  amend(amendment: TaskAmendment, options?: CallOptions): Promise<TransitionResult>;

  /**
   * Extend the lease of a session while it is the task's own and the task is HYDRATING, RUNNING or AWAITING_APPROVAL. An
   * expired lease may be renewed as long as nobody acted on it.
   */
  renewLease(renewal: LeaseRenewal, options?: CallOptions): Promise<LeaseResult>;

  /** Tasks of one user, newest first. May lag behind writes by moments. */
  list(query: TaskQuery, options?: CallOptions): Promise<TaskPage>;

  /** Tasks of all users in one status, longest in it first. May lag behind writes by moments. */
  listByStatus(
    query: { readonly status: TaskStatus; readonly limit: number; readonly nextToken?: string },
    options?: CallOptions,
  ): Promise<TaskPage>;

  /**
   * Tasks of all users, in any status, whose session is open: its end is not proven (`sessionOpen`). Longest open first. May
   * lag behind writes by moments.
   *
   * @param query.limit 1 to 100
   */
  listOpenSessions(
    query: { readonly limit: number; readonly nextToken?: string },
    options?: CallOptions,
  ): Promise<TaskPage>;
}
