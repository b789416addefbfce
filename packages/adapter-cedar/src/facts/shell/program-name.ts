import { programName } from './text.ts';

/** What a program is known as: without its folder, in lower case as a case-insensitive disk finds it, without `.exe` and the like. */
export function programOf(word: string): string {
  const name = programName(word);
  return name.toLowerCase().replace(/\.(?:exe|cmd|bat)$/, '');
}
