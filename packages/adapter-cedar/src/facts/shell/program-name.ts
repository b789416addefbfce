import { programName } from './text.ts';

/** What a program is known as: without its folder, in lower case as a case-insensitive disk finds it, without `.exe`. */
export function programOf(word: string): string {
  const name = programName(word);
  return name.toLowerCase().replace(/\.exe$/, '');
}
