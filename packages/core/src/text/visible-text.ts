/**
 * Characters that show nothing, some of which change how what is around them is read: direction marks and overrides, joiners,
 * spaces without a width, soft hyphens, selectors of variants, tags, and the two separators that break a line.
 */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}]/gu;

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
