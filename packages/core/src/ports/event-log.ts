import type { EventOwner, NewTaskEvent, TaskEvent } from '../events/task-event.ts';
import type { TaskId } from '../ids/ids.ts';
import type { CallOptions } from './call-options.ts';

/**
 * One gapless, totally ordered log per task. Writers may be several processes; each append takes the next numbers.
 */
export interface EventLog {
  /**
   * Append in the given order, all or nothing. At most 50 at a time.
   *
   * @returns the stored events, numbered without a gap among themselves
   * @throws AbcaError SERVICE_UNAVAILABLE (retryable) or STORE_ERROR; `details.reason` holds the store's own error name
   */
  append(owner: EventOwner, events: readonly NewTaskEvent[], options?: CallOptions): Promise<readonly TaskEvent[]>;

  /** Events with `seq > after`, in order, at most `limit` (1 to 1,000). Read with strong consistency. */
  read(
    query: { readonly taskId: TaskId; readonly after: number; readonly limit: number },
    options?: CallOptions,
  ): Promise<readonly TaskEvent[]>;
}

/** Tells that a log may have grown, so that a reader need not poll at full speed. */
export interface EventFeed {
  /**
   * Resolves when the log of `taskId` may hold events after `after`, or after a bounded time of the implementation's
   * choice. A wake-up without news is allowed, a missed one is not: the bound is the net. Resolves at once on abort.
   */
  changed(query: { readonly taskId: TaskId; readonly after: number }, options?: CallOptions): Promise<void>;
}
