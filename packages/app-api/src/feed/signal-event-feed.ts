import type { CallOptions, Clock, EventFeed, TaskId } from '@abca/core';
import { settleOnAbort } from './settle-on-abort.ts';

/** Tasks whose last notification is remembered. Beyond it the oldest are forgotten; the net time covers them. */
const rememberedTasks = 10_000;

/**
 * An {@link EventFeed} fed by whoever writes events in the same process.
 *
 * A notification that comes while its reader is busy reading is kept until that reader waits again. Where the writer names
 * the number of its event this is exact for any number of readers; without a number it is kept for the next one that waits.
 */
export class SignalEventFeed implements EventFeed {
  readonly #clock: Clock;
  readonly #netMs: number;
  readonly #onWait: () => void;
  readonly #waiting = new Map<TaskId, Set<() => void>>();
  readonly #lastSeq = new Map<TaskId, number>();

  /**
   * @param options.netMs longest wait for a notification, milliseconds; default 1,000
   * @param options.onWait called whenever a reader begins to wait, for a writer who looks for news only then
   */
  constructor(options: { readonly clock: Clock; readonly netMs?: number; readonly onWait?: () => void }) {
    this.#clock = options.clock;
    this.#netMs = options.netMs ?? 1000;
    this.#onWait = options.onWait ?? (() => undefined);
  }

  /** Whether any reader waits now. */
  get hasWaiters(): boolean {
    return this.#waiting.size > 0;
  }

  /**
   * The log of `taskId` has grown.
   *
   * @param seq number of the last event, where the writer knows it
   */
  notify(taskId: TaskId, seq?: number): void {
    const waiting = this.#waiting.get(taskId);
    if (seq !== undefined) this.#remember(taskId, Math.max(seq, this.#lastSeq.get(taskId) ?? 0));
    else if (waiting === undefined) this.#remember(taskId, Number.POSITIVE_INFINITY);
    waiting?.forEach((wake) => {
      wake();
    });
  }

  async changed(query: { readonly taskId: TaskId; readonly after: number }, options: CallOptions = {}): Promise<void> {
    const { signal } = options;
    if (signal?.aborted === true || this.#hasNews(query.taskId, query.after)) return;
    const woken = new AbortController();
    const wake = (): void => {
      woken.abort();
    };
    const until = signal === undefined ? woken.signal : AbortSignal.any([woken.signal, signal]);
    this.#addWaiter(query.taskId, wake);
    try {
      await settleOnAbort(this.#clock.sleep(this.#netMs, { signal: until }), until);
    } finally {
      this.#removeWaiter(query.taskId, wake);
    }
  }

  #hasNews(taskId: TaskId, after: number): boolean {
    const seq = this.#lastSeq.get(taskId);
    if (seq === undefined || seq <= after) return false;
    if (seq === Number.POSITIVE_INFINITY) this.#lastSeq.delete(taskId);
    return true;
  }

  #remember(taskId: TaskId, seq: number): void {
    this.#lastSeq.delete(taskId);
    this.#lastSeq.set(taskId, seq);
    if (this.#lastSeq.size <= rememberedTasks) return;
    const [oldest] = this.#lastSeq.keys();
    if (oldest !== undefined) this.#lastSeq.delete(oldest);
  }

  #addWaiter(taskId: TaskId, wake: () => void): void {
    const waiting = this.#waiting.get(taskId) ?? new Set();
    this.#waiting.set(taskId, waiting.add(wake));
    this.#onWait();
  }

  #removeWaiter(taskId: TaskId, wake: () => void): void {
    const waiting = this.#waiting.get(taskId);
    waiting?.delete(wake);
    if (waiting?.size === 0) this.#waiting.delete(taskId);
  }
}
