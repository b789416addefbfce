/** What a piece of text means; the terminal's edge chooses the colour. */
export type Tone = 'title' | 'good' | 'bad' | 'warn' | 'accent' | 'dim';

/** A piece of a line. Its text may come from a server and is stripped of escape sequences where it is written. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}

/** One line for a person. Renderers are pure and make these; nothing but the printer writes. */
export type Line = readonly Span[];

/** A span of `text`. */
export function span(text: string, tone?: Tone): Span {
  return tone === undefined ? { text } : { text, tone };
}

/** The text of `line` without its meaning. */
export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** `text` on one line: whatever a server sends, it cannot make lines of its own. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
