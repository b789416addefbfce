import { isTerminalEvent, type TaskEvent } from '@abca/core';
import type { EventSource } from './event-source.ts';

/** What a watcher needs of its channel. */
export interface WatcherLinks {
  read(after: number): Promise<readonly TaskEvent[]>;
  readonly pageSize: number;
  readonly bufferedEvents: number;
  /** Told at the end of the log; `false` when the shared reader is further on already. */
  onCaughtUp(tail: number): boolean;
  onClose(): void;
}

/**
 * One reader of a task's events. It reads the log by itself until it has caught up, then takes what the shared reader
 * offers. Numbers are gapless, so that a batch either continues exactly where this watcher stands, or is left to an own read.
 */
export class Watcher implements EventSource {
  readonly #links: WatcherLinks;
  /** Number of the last event that was handed out or is queued. */
  #tail: number;
  #queue: TaskEvent[] = [];
  #live = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(after: number, links: WatcherLinks) {
    this.#tail = after;
    this.#links = links;
  }

  /** The shared reader has read `batch`. What does not fit is not kept: this watcher reads it again when it gets to it. */
  offer(batch: readonly TaskEvent[]): void {
    if (!this.#live) return;
    const fresh = batch.filter((event) => event.seq > this.#tail);
    const first = fresh[0];
    if (first === undefined) return;
    const fits = this.#queue.length + fresh.length <= this.#links.bufferedEvents;
    if (first.seq === this.#tail + 1 && fits) {
      this.#queue.push(...fresh);
      this.#tail += fresh.length;
    } else {
      this.#live = false;
    }
    this.#wake?.();
  }

  async next(): Promise<readonly TaskEvent[] | undefined> {
    while (!this.#closed) {
      const events = this.#takeQueue() ?? (this.#live ? await this.#pause() : await this.#readOwn());
      if (events !== undefined && !this.#closed) return this.#upToTerminal(events);
    }
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#wake?.();
    this.#links.onClose();
  }

  #takeQueue(): readonly TaskEvent[] | undefined {
    if (this.#queue.length === 0) return undefined;
    const events = this.#queue;
    this.#queue = [];
    return events;
  }

  async #pause(): Promise<undefined> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  async #readOwn(): Promise<readonly TaskEvent[] | undefined> {
    const page = await this.#links.read(this.#tail);
    this.#tail = page.at(-1)?.seq ?? this.#tail;
    if (page.length < this.#links.pageSize && !this.#closed) this.#live = this.#links.onCaughtUp(this.#tail);
    return page.length === 0 ? undefined : page;
  }

  #upToTerminal(events: readonly TaskEvent[]): readonly TaskEvent[] {
    const end = events.findIndex((event) => isTerminalEvent(event.eventType));
    if (end === -1) return events;
    this.close();
    return events.slice(0, end + 1);
  }
}
