import type { TaskId } from '@abca/core';

/** Most tasks whose numbers are kept. A number that was dropped is read again. */
const most = 1_000;

/** The last event number seen of each task, for the tasks that were written to last. */
export class LastNumbers {
  readonly #numbers = new Map<TaskId, number>();

  find(taskId: TaskId): number | undefined {
    return this.#numbers.get(taskId);
  }

  /** Note `seq`; a log never gets shorter, so a lower number than the one known is old news. */
  raise(taskId: TaskId, seq: number): number {
    const highest = Math.max(seq, this.#numbers.get(taskId) ?? 0);
    this.#numbers.delete(taskId);
    this.#numbers.set(taskId, highest);
    if (this.#numbers.size > most) this.#dropOldest();
    return highest;
  }

  #dropOldest(): void {
    const oldest = this.#numbers.keys().next();
    if (oldest.done !== true) this.#numbers.delete(oldest.value);
  }
}
