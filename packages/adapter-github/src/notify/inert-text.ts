import { preview, visibleText } from '@abca/core';

/**
 * Words of a person, an agent or a program inside of a comment: as code, where nobody is mentioned, nothing is linked and no mark
 * is read. Redacted and cut.
 */
export function codeSpan(text: string, chars = 200): string {
  const line = preview(visibleText(text), chars).replaceAll(/\s+/g, ' ').trim();
  const ticks = '`'.repeat(longestRun(line) + 1);
  // A span that begins or ends with a tick needs the space; a browser does not show it.
  return line === '' ? '' : `${ticks} ${line} ${ticks}`;
}

/** The same for several lines. */
export function codeBlock(text: string, chars = 1500): string {
  const shown = preview(visibleText(text), chars);
  const fence = '`'.repeat(Math.max(3, longestRun(shown) + 1));
  return `${fence}text\n${shown}\n${fence}`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}
