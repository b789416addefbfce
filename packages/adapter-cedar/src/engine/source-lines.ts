/** A part of a text with the line it starts on, from 1. */
export interface LocatedPart {
  readonly text: string;
  readonly line: number;
}

/**
 * Where parts of `text` stand in it, each in a place of its own. Long parts are placed first, because a short one may
 * also stand inside of them.
 */
export function locate(text: string, parts: readonly string[]): readonly LocatedPart[] {
  const taken: { from: number; to: number }[] = [];
  const lines = new Map<number, number>();
  const byLength = parts.map((part, index) => ({ part, index })).sort((a, b) => b.part.length - a.part.length);
  for (const { part, index } of byLength) {
    const at = findFree(text, part, taken);
    taken.push({ from: at, to: at + part.length });
    lines.set(index, text.slice(0, at).split('\n').length);
  }
  return parts.map((part, index) => ({ text: part, line: lines.get(index) ?? 1 }));
}

function findFree(text: string, part: string, taken: readonly { from: number; to: number }[]): number {
  let at = text.indexOf(part);
  while (at >= 0) {
    const overlap = taken.find(({ from, to }) => at < to && from < at + part.length);
    if (overlap === undefined) return at;
    at = text.indexOf(part, overlap.to);
  }
  return 0;
}

/** The line of a position that counts bytes of UTF-8, as Cedar does. */
export function lineAt(text: string, byteOffset: number): number {
  return Buffer.from(text, 'utf8').subarray(0, byteOffset).toString('utf8').split('\n').length;
}
