import type { TaskId } from '@abca/core';

/** Tasks whose last change is remembered. Beyond it the oldest are forgotten: who asks for one of them is told at once. */
const remembered = 10_000;

/**
 * Who waits for news of which task. Every change has a number; a waiter shows the number it knows, so that nothing that
 * happened while it was away is missed. A number of another board, of a platform that was started anew, is not known and is
 * answered at once.
 */
export class ChangeBoard {
  readonly #epoch: string;
  #last = 0;
  #forgottenUpTo = 0;
  readonly #changes = new Map<TaskId, number>();
  readonly #waiting = new Map<TaskId, Set<() => void>>();

  /** @param epoch unlike that of any other board */
  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  /** What is known now. */
  get mark(): string {
    return `${this.#epoch}.${String(this.#last)}`;
  }

  /** Something happened to the task. */
  notify(taskId: TaskId): void {
    this.#last += 1;
    this.#changes.delete(taskId);
    this.#changes.set(taskId, this.#last);
    if (this.#changes.size > remembered) this.#forgetOldest();
    for (const wake of this.#waiting.get(taskId) ?? []) wake();
  }

  /** Resolves when there is news of the task after `mark`, or when the signal is aborted. Never rejects. */
  changed(taskId: TaskId, mark: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#hasNews(taskId, mark)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(taskId) ?? new Set();
      const wake = (): void => {
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(taskId);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.set(taskId, waiting.add(wake));
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #hasNews(taskId: TaskId, mark: string): boolean {
    const [, epoch, number] = /^(.+)\.(\d{1,15})$/.exec(mark) ?? [];
    const known = Number(number);
    if (epoch !== this.#epoch || known < this.#forgottenUpTo) return true;
    return (this.#changes.get(taskId) ?? 0) > known;
  }

  #forgetOldest(): void {
    const [oldest] = this.#changes;
    if (oldest === undefined) return;
    this.#changes.delete(oldest[0]);
    this.#forgottenUpTo = oldest[1];
  }
}
