/** A part of a text with the line it starts on, from 1. */
export interface LocatedPart {
  readonly text: string;
  readonly line: number;
}

/** Where parts of `text` stand in it. Equal parts are found one after the other. */
export function locate(text: string, parts: readonly string[]): readonly LocatedPart[] {
  const seen = new Map<string, number>();
  return parts.map((part) => {
    const from = seen.get(part) ?? 0;
    const at = Math.max(0, text.indexOf(part, from));
    seen.set(part, at + 1);
    return { text: part, line: lineOfIndex(text, at) };
  });
}

/** The line of a position that counts bytes of UTF-8, as Cedar does. */
export function lineAt(text: string, byteOffset: number): number {
  return Buffer.from(text, 'utf8').subarray(0, byteOffset).toString('utf8').split('\n').length;
}

function lineOfIndex(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
