/** Numbers that look random and are the same in every run. */
export interface Chance {
  /** From 0 to 1, never 1. */
  next(): number;
  /** From 0 to `n` - 1. */
  below(n: number): number;
  /** Whether something happens that happens with `share` from 0 to 1. */
  hits(share: number): boolean;
}

/** The mulberry32 generator. @param seed 32 bits */
export function chanceOf(seed: number): Chance {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (n) => Math.floor(next() * n), hits: (share) => next() < share };
}

/** A number from 0 to 1 that belongs to `text`. */
export function shareOf(text: string): number {
  let hash = 2_166_136_261;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  return chanceOf(hash).next();
}
