import { preview, redactOrHide, stripEscapes, visibleText } from '@abca/core';

/** `text` in one line without secrets, cut to `chars`. A line break in a header would begin another one. */
export function oneLine(text: string, chars: number): string {
  const line = redactOrHide(stripEscapes(text)).replaceAll(/\s+/g, ' ').trim();
  return visibleText(preview(line, chars));
}

/** `text` in its lines without secrets, cut to `chars`. */
export function someLines(text: string, chars: number): string {
  return visibleText(preview(text, chars));
}
