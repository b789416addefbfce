import type { SessionId, TaskId } from '../ids/ids.ts';
import type { SessionStatus, StopOutcome } from '../session/session-status.ts';
import type { StoredHandle } from '../task/task.ts';
import type { CallOptions } from './call-options.ts';

/**
 * The compute backends of a program, by discriminant. Empty here: each adapter package adds its member by declaration
 * merging, so that a program which imports two adapters gets an exhaustive union and core names none.
 *
 * ```ts
 * declare module '@abca/core' {
 *   interface ComputeBackends { local: LocalSessionHandle }
 * }
 * ```
 */
export interface ComputeBackends {}

/** The discriminants of the adapters in this program. */
export type ComputeType = keyof ComputeBackends;

/** The handles of the adapters in this program. */
export type SessionHandle = ComputeBackends[ComputeType];

/** What a session is started with: ids and names only. User-sized data is read from the store by reference. */
export interface StartSessionInput {
  readonly taskId: TaskId;
  readonly sessionId: SessionId;
  readonly generation: number;
  /** The blueprint's `compute` settings without their type. Each strategy parses what is its own. */
  readonly compute: Readonly<Record<string, unknown>>;
  /** Environment of the agent program. Ids, names and endpoints; never a secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts, watches and ends agent sessions on one substrate. A strategy reports what the substrate shows; core interprets.
 */
export interface ComputeStrategy {
  /** Discriminant of this strategy's handles. */
  readonly type: string;

  /**
   * Start the session, or return the handle of the one that was started before with the same session id: a replayed step
   * starts nothing twice, also after a crash between start and return.
   *
   * @returns a plain JSON handle
   * @throws AbcaError SESSION_START_FAILED, retryable when a later try may succeed
   */
  startSession(input: StartSessionInput, options?: CallOptions): Promise<StoredHandle>;

  /**
   * What the substrate shows of the session now. Total over all states of a session, one that never ran included.
   *
   * @throws AbcaError FOREIGN_HANDLE, SESSION_POLL_FAILED (retryable) or SESSION_ACCESS_DENIED
   */
  pollSession(handle: StoredHandle, options?: CallOptions): Promise<SessionStatus>;

  /**
   * End the session and everything it started. Idempotent.
   *
   * @throws AbcaError FOREIGN_HANDLE, SESSION_STOP_FAILED (retryable or not) or SESSION_ACCESS_DENIED: never for a session that is gone
   */
  stopSession(handle: StoredHandle, options?: CallOptions): Promise<StopOutcome>;
}
