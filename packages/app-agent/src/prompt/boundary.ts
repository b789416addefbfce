/**
 * A word that occurs in none of `texts`, so that no text can end the block it is quoted in, whoever wrote it. Pure: the
 * same texts give the same word.
 */
export function boundaryFor(texts: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const word = `abca-data-${String(number)}`;
    if (!texts.some((text) => text.includes(word))) return word;
  }
}
