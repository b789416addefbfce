/** Conversations whose strikes are remembered. Beyond it the oldest are forgotten, so that a server can run for ever. */
const maxEntries = 10_000;

/** Counts the faults that have struck, per conversation and step. */
export class StrikeCounter {
  readonly #counts = new Map<string, number>();

  /** Strikes so far at `step` of conversation `key`. */
  count(key: string, step: number): number {
    return this.#counts.get(`${step}/${key}`) ?? 0;
  }

  /** One more strike. */
  add(key: string, step: number): void {
    const id = `${step}/${key}`;
    const next = this.count(key, step) + 1;
    this.#counts.delete(id);
    this.#counts.set(id, next);
    const oldest = this.#counts.keys().next().value;
    if (this.#counts.size > maxEntries && oldest !== undefined) this.#counts.delete(oldest);
  }
}
