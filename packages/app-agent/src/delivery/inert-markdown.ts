import { preview, redactOrHide, stripEscapes, visibleText } from '@abca/core';

/**
 * Words of an agent or a person inside of a text of the platform. Redacted and cut; nothing of them begins a comment, which is
 * what the platform knows its own texts by, and none of them calls the platform.
 */
export function inertText(text: string, chars: number): string {
  const clean = visibleText(redactOrHide(stripEscapes(text)))
    .replaceAll('<!--', '&lt;!--')
    .replaceAll(/@(abca)\b/gi, '@\u200B$1')
    .trim();
  if (clean.length <= chars) return clean;
  return `${clean.slice(0, chars).replace(/[\uD800-\uDBFF]$/, '')}\n\n… (cut)`;
}

/** The same as a quotation: whatever it opens (a fence, a list, a tag) ends with it. */
export function quotation(text: string, chars: number): string {
  return inertText(text, chars).replaceAll(/^/gm, '> ');
}

/** One line of the same, as code: nothing in it is formatted, linked or mentioned. */
export function codeSpan(text: string): string {
  const line = visibleText(preview(text)).replaceAll(/\s+/g, ' ').trim();
  const longest = (line.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const ticks = '`'.repeat(longest + 1);
  // The space keeps a tick at an end apart from ours; nobody sees it.
  return line === '' ? '(nothing)' : `${ticks} ${line} ${ticks}`;
}
