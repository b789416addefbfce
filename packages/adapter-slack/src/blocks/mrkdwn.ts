import { parseIso, stripEscapes, preview, redactOrHide, type IsoTime } from '@abca/core';
import type { MrkdwnElement, PlainTextElement } from '@slack/types';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const zeroWidthSpace = '\u200b';

/**
 * `text` as Slack shows it and not as it obeys it: redacted, without control characters, with no mention, link or ping of its
 * own making, and at most `chars` characters long as it is sent.
 */
export function shown(text: string, chars: number): string {
  return escaped(preview(text, chars * 4), chars);
}

/** {@link shown} on one line. */
export function shownLine(text: string, chars: number): string {
  return shown(oneLine(text), chars);
}

/** {@link shownLine} as code. */
export function shownCode(text: string, chars: number): string {
  return `\`${shown(oneLine(text).replaceAll('`', "'"), chars - 2)}\``;
}

/** {@link shown} as a block of code, whose lines stay. */
export function shownCodeBlock(text: string, chars: number): string {
  const fence = '```';
  return `${fence}\n${shown(text.replaceAll('`', "'"), chars - 2 * fence.length - 2)}\n${fence}`;
}

/** A link to `url`, or its text when it is none that a browser opens. */
export function shownLink(url: string, label: string, chars = 500): string {
  const isSafe = /^https?:\/\/[^\s<>|"]{1,400}$/.test(url);
  return isSafe ? `<${url.replaceAll('&', '&amp;')}|${shownLine(label, 80)}>` : shownCode(url, chars);
}

/** A moment in the time zone of whoever reads it. */
export function shownTime(time: IsoTime): string {
  const seconds = Math.floor(parseIso(time) / 1000);
  return `<!date^${String(seconds)}^{date_short_pretty} {time_secs}|${time}>`;
}

/** A text object that Slack makes no links or mentions of by itself. */
export function mrkdwn(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** A text object that has no markup. At most `chars` characters. */
export function plain(text: string, chars = 75): PlainTextElement {
  const clean = oneLine(redactOrHide(stripEscapes(text)));
  return { type: 'plain_text', text: cut(clean, chars, (each) => each), emoji: false };
}

function escaped(text: string, chars: number): string {
  const quiet = text.replaceAll(/@(?=channel|here|everyone)/gi, `@${zeroWidthSpace}`).replaceAll('```', "'''");
  return cut(quiet, chars, (character) => escapes[character] ?? character);
}

/** As much of `text` as fits when each character is written by `write`, with a mark where it was cut. */
function cut(text: string, chars: number, write: (character: string) => string): string {
  const pieces = Array.from(text, write);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length <= chars) return pieces.join('');
  let kept = '';
  for (const piece of pieces) {
    if (kept.length + piece.length > chars - 1) break;
    kept += piece;
  }
  return `${kept}…`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
