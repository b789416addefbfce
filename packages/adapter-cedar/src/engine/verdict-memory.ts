/** Longer keys are not kept: such a command hardly comes twice. */
const maxKeyChars = 4_000;

/**
 * The verdicts on questions that came before, the least recently asked dropped first. A verdict is a pure function of its
 * question: nothing of time or of a store goes into it.
 */
export class VerdictMemory {
  readonly #entries = new Map<string, readonly string[]>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  find(key: string): readonly string[] | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found;
  }

  keep(key: string, ruleIds: readonly string[]): void {
    if (key.length > maxKeyChars) return;
    this.#entries.set(key, ruleIds);
    if (this.#entries.size <= this.#maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
