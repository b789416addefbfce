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

/** Characters that turn the direction of text around, or that nobody sees. */
const deceiving = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** `text` as it is meant to be read by whoever decides on it: what could make it look like another text is spelled out. */
export function visibleText(text: string): string {
  return text.replaceAll(deceiving, (character) => String.raw`\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
}
