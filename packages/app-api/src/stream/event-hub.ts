import type { EventFeed, EventLog, Logger, TaskId } from '@abca/core';
import type { EventSource } from './event-source.ts';
import { TaskChannel } from './task-channel.ts';

/** What a hub reads from, and its sizes. */
export interface EventHubOptions {
  readonly events: EventLog;
  readonly feed: EventFeed;
  readonly logger: Logger;
  /** Events per read. Default 200. */
  readonly pageSize?: number;
  /** Most events kept for one watcher that is slow to take them; beyond it that watcher reads the log again. Default 1,000. */
  readonly bufferedEvents?: number;
}

/**
 * Shares one reader per task among all who watch it in this process: a wake-up costs one read, however many watch. A
 * watcher that is late or slow reads the log by itself until it has caught up and never holds up the others.
 */
export class EventHub {
  readonly #options: Required<EventHubOptions>;
  readonly #channels = new Map<TaskId, TaskChannel>();
  #closed = false;

  constructor(options: EventHubOptions) {
    this.#options = { pageSize: 200, bufferedEvents: 1000, ...options };
  }

  /**
   * Events of a task after `after`, live; the source ends after a terminal event, and when the hub closes.
   *
   * @param after 0, or the number of an event that exists: the shared reader goes on from where its first watcher stands
   */
  watch(taskId: TaskId, after: number): EventSource {
    let channel = this.#channels.get(taskId);
    if (channel === undefined) {
      channel = new TaskChannel(taskId, this.#options, () => this.#channels.delete(taskId));
      this.#channels.set(taskId, channel);
    }
    const source = channel.watch(after);
    if (this.#closed) source.close();
    return source;
  }

  /** Tasks that are watched now. */
  get watchedTasks(): number {
    return this.#channels.size;
  }

  /** End all sources, also those that are asked for later. */
  close(): void {
    this.#closed = true;
    for (const channel of [...this.#channels.values()]) channel.close();
  }
}
