const plainWord = /^[A-Za-z0-9_/.:=@%+,-]+$/;

/** `word` as a POSIX shell reads it back unchanged. */
export function shellQuote(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command line that works when pasted. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}
