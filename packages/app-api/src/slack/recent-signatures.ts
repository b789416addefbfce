import { limits } from '@abca/core';

/** Kept at most: more than one process gets in five minutes that are worth a thought. */
const most = 10_000;

/**
 * Signatures that were taken while they can still be believed: a request that somebody copied is not taken again. Of one process:
 * what slips through to another finds the request decided.
 */
export class RecentSignatures {
  readonly #taken = new Map<string, number>();

  /** Whether it was not taken before; it is then. */
  take(signature: string, nowMs: number): boolean {
    this.#forget(nowMs);
    if (this.#taken.has(signature)) return false;
    this.#taken.set(signature, nowMs);
    return true;
  }

  /** Its time stamp may lie as far in the future as in the past. The oldest come first. */
  #forget(nowMs: number): void {
    for (const [signature, takenMs] of this.#taken) {
      if (this.#taken.size < most && nowMs - takenMs <= 2 * limits.signatureAgeMs) return;
      this.#taken.delete(signature);
    }
  }
}
