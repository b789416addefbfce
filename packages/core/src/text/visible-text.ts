/**
 * Characters that show nothing and change how what is around them is read: direction marks and overrides, joiners, spaces
 * without a width, soft hyphens, tags.
 */
const invisible =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g;

/**
 * `text` with every character that is not seen written out, such as `<U+202E>`. For what a person reads to decide on it: a
 * command must not look like another one.
 */
export function visibleText(text: string): string {
  return text.replaceAll(invisible, (found) => {
    const hex = (found.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `<U+${hex.padStart(4, '0')}>`;
  });
}
