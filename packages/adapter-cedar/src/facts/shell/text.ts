/**
 * Texts of the shell as far as they are known before it runs. What is not known is one private-use character in the
 * text, so that `.git/$NAME` still shows its first component. {@link withoutMarks} keeps input from forging one.
 */
export const unknown = '\ue000';
/** Content of a file in the checkout or of its tools' making: unknown, but no code that came from elsewhere. */
export const fileContent = '\ue001';
/** Text that is not known but cannot lead elsewhere: a number, a name, a path below the current folder. */
export const harmless = '\ue002';
/** An unquoted `*`, or any pattern as wide. */
export const star = '\ue003';
/** An unquoted `?` or a bracket: one character. */
export const anyOne = '\ue004';

const marks = /[\ue000-\ue00f]/g;

/** `text` in which no character is taken for a mark. */
export function withoutMarks(text: string): string {
  return text.replaceAll(marks, '\ufffd');
}

/** Whether a part of `text` may be anything. */
export function hasUnknown(text: string): boolean {
  return text.includes(unknown) || text.includes(fileContent);
}

/** Whether nothing of `text` is known but that it is the content of files. */
export function isFileContent(text: string): boolean {
  return text.includes(fileContent) && text.replaceAll(fileContent, '').trim() === '';
}

export function hasGlob(text: string): boolean {
  return text.includes(star) || text.includes(anyOne);
}

/** `text` as facts and people see it. */
export function display(text: string): string {
  return text
    .replaceAll(unknown, '<unknown>')
    .replaceAll(fileContent, '<unknown>')
    .replaceAll(harmless, '<text>')
    .replaceAll(star, '*')
    .replaceAll(anyOne, '?');
}

/** Whether a path component with glob marks can match `name`. In steps of their lengths multiplied. */
export function globMatches(component: string, name: string): boolean {
  if (name.startsWith('.') && !component.startsWith('.')) return false;
  // The prefixes of the name, by length, that the pattern matches so far.
  let lengths: ReadonlySet<number> = new Set([0]);
  for (const char of component.toLowerCase()) {
    lengths = char === star ? fromShortest(lengths, name.length) : advanced(lengths, char, name.toLowerCase());
    if (lengths.size === 0) return false;
  }
  return lengths.has(name.length);
}

function fromShortest(lengths: ReadonlySet<number>, longest: number): ReadonlySet<number> {
  const shortest = Math.min(...lengths);
  return new Set(Array.from({ length: longest - shortest + 1 }, (_, index) => shortest + index));
}

function advanced(lengths: ReadonlySet<number>, char: string, name: string): ReadonlySet<number> {
  return new Set(
    [...lengths]
      .filter((length) => length < name.length && (char === anyOne || char === name[length]))
      .map((length) => length + 1),
  );
}

/** A pattern as a tool such as find takes it, with its wildcards as marks. */
export function globToMarks(pattern: string): string {
  return pattern
    .replaceAll('*', star)
    .replaceAll('?', anyOne)
    .replaceAll(/\[[^\]]*\]/g, anyOne);
}

/** The name that a program is called by, without its folder. */
export function programName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}
