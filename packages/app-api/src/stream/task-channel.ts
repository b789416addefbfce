import type { TaskEvent, TaskId } from '@abca/core';
import type { EventHubOptions } from './event-hub.ts';
import type { EventSource } from './event-source.ts';
import { Watcher } from './watcher.ts';

/** The watchers of one task and the loop that reads its log for all of them. The loop runs while somebody has caught up. */
export class TaskChannel {
  readonly #taskId: TaskId;
  readonly #options: Required<EventHubOptions>;
  readonly #onEmpty: () => void;
  readonly #watchers = new Set<Watcher>();
  readonly #stop = new AbortController();
  /** Number of the last event the loop has read. `undefined` until it runs. */
  #position: number | undefined;

  constructor(taskId: TaskId, options: Required<EventHubOptions>, onEmpty: () => void) {
    this.#taskId = taskId;
    this.#options = options;
    this.#onEmpty = onEmpty;
  }

  watch(after: number): EventSource {
    const watcher: Watcher = new Watcher(after, {
      read: (position) => this.#read(position),
      pageSize: this.#options.pageSize,
      bufferedEvents: this.#options.bufferedEvents,
      onCaughtUp: (tail) => this.#catchUp(tail),
      onClose: () => {
        this.#remove(watcher);
      },
    });
    this.#watchers.add(watcher);
    return watcher;
  }

  close(): void {
    for (const watcher of [...this.#watchers]) watcher.close();
  }

  #read(after: number): Promise<readonly TaskEvent[]> {
    return this.#options.events.read({ taskId: this.#taskId, after, limit: this.#options.pageSize });
  }

  /** Whether a watcher that has read up to `tail` may rely on the loop from now on. */
  #catchUp(tail: number): boolean {
    if (this.#position === undefined) {
      this.#position = tail;
      void this.#run();
    }
    return tail >= this.#position;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stop.signal.aborted) await this.#step(this.#position ?? 0);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #step(after: number): Promise<void> {
    const batch = await this.#read(after);
    const position = batch.at(-1)?.seq ?? after;
    this.#position = position;
    if (batch.length > 0) for (const watcher of [...this.#watchers]) watcher.offer(batch);
    // A full page tells of more; else the feed knows of what has come since, so that no read is needed to find nothing.
    if (batch.length === this.#options.pageSize || this.#stop.signal.aborted) return;
    await this.#options.feed.changed({ taskId: this.#taskId, after: position }, { signal: this.#stop.signal });
  }

  /** Watchers are cut off and resume from their last event: a reader that retries for them would hide a store that is down. */
  #fail(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#options.logger.warn('event stream interrupted', { taskId: this.#taskId, error });
    this.close();
  }

  #remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#stop.abort();
    this.#onEmpty();
  }
}
