import { redactOrHide, stripEscapes } from '@abca/core';

/** A comment of HTML; one that is not closed hides all that follows. */
const htmlComments = /<!--[\s\S]*?(?:-->|$)/g;
/** Characters that show nothing: joiners, direction marks, tags, selectors. Emoji lose their variants, texts their traps. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** Elements whose content a page does not show as text. */
const unshownElements =
  /<(picture|script|style|template|noscript|iframe|object|svg|math)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/gi;
/** Names of elements that GitHub lets through, with attributes: `alt` and `title` hold text that nobody sees. */
const attributes =
  /<(a|abbr|b|blockquote|br|code|dd|del|details|div|dl|dt|em|h[1-6]|hr|i|img|ins|kbd|li|ol|p|pre|q|s|samp|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|ul)\s[^<>]*>/gi;
/** `[//]: # (text)` and other definitions of links: nothing of the line is shown. */
const linkDefinitions = /^ {0,3}\[[^\]\n]{1,200}\]:[^\n]*$/gm;
/** `![text](address)`: the text is seen only where the picture is not. */
const pictures = /!\[[^\]\n]{0,1000}\]\(/g;
/** Marks of the platform's own: a block's boundary, and the tags that a session's blocks are made of. */
const boundaries = /abca-data-(?=\d)/gi;
const blockTags =
  /<(?=\s*\/?\s*(?:task|untrusted-forge-content|user_denial|user_nudge|system|system-reminder|assistant|human|user)\b)/gi;

/**
 * Text of anybody as an agent may be given it: what a person would not see on the page is gone, what imitates the platform's own
 * marks is broken, secrets are hidden. Linear in the length of the text.
 */
export function sanitizeForgeText(text: string): string {
  const seen = withoutUnshown(stripEscapes(text).replaceAll(invisible, ''))
    .replaceAll(attributes, '<$1>')
    .replaceAll(linkDefinitions, '')
    .replaceAll(pictures, '![](');
  const harmless = seen.replaceAll(boundaries, 'abca_data_').replaceAll(blockTags, '‹');
  return redactOrHide(harmless).trim();
}

/** What taking one away makes of two halves is taken away too, up to so many times: nobody nests by accident. */
const rounds = 4;

function withoutUnshown(text: string): string {
  let seen = text;
  for (let round = 0; round < rounds; round += 1) {
    const less = seen.replaceAll(htmlComments, '').replaceAll(unshownElements, '');
    if (less === seen) break;
    seen = less;
  }
  return seen.replaceAll('<!--', '‹!--');
}

/** A short text on one line: a name, a path, a title. */
export function sanitizeLine(text: string, chars = 300): string {
  return sanitizeForgeText(text).replaceAll(/\s+/g, ' ').slice(0, chars);
}
