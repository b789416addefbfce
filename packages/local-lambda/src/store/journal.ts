/** Most bytes of text in one item: under DynamoDB's 400 KB with room for the keys. */
export const CHUNK_BYTES = 350_000;

/** Sort key of an execution's record number `version`: sorts by number. */
export function recordKey(version: number): string {
  return `J#${String(version).padStart(8, '0')}`;
}

/** Sort key of the part number `index` (from 1) of a record that does not fit in one item. */
export function partKey(version: number, writeId: string, index: number): string {
  return `P#${String(version).padStart(8, '0')}#${writeId}#${String(index).padStart(4, '0')}`;
}

/**
 * Cut text into pieces of at most `maxBytes` UTF-8 bytes each, never inside a character.
 * Joining the pieces gives the text back. There is always at least one piece.
 */
export function splitText(text: string, maxBytes: number = CHUNK_BYTES): readonly string[] {
  // A UTF-16 unit is at most three bytes, so most texts are seen to fit without being encoded.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text, 'utf8') <= maxBytes) return [text];
  const bytes = Buffer.from(text, 'utf8');
  const pieces: string[] = [];
  for (let from = 0; from < bytes.length;) {
    let to = Math.min(from + maxBytes, bytes.length);
    while (to < bytes.length && isContinuation(bytes[to])) to -= 1;
    pieces.push(bytes.toString('utf8', from, to));
    from = to;
  }
  return pieces;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}
