/**
 * Runs the jobs of one key one after the other, those of different keys side by side. Writers of one process then never
 * take each other for a conflict; those of other processes are still met by conditions.
 */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Run `job` after those of `key` that came before, whether they succeeded or not. */
  async run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const done = before.then(job, job);
    const tail = done.catch(() => undefined);
    this.#tails.set(key, tail);
    try {
      return await done;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
