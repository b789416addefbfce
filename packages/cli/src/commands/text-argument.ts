import { usageError } from '../errors/cli-error.ts';
import type { CliIo } from '../io/cli-io.ts';
import { readText } from './read-text.ts';

/** A text that a command line gives in one of two ways, and how both are called in messages. */
export interface TextArgument {
  /** The text itself; `-` reads standard input. */
  readonly text: string | undefined;
  /** A file that holds it; `-` reads standard input. */
  readonly file: string | undefined;
  readonly names: readonly [text: string, file: string];
}

/**
 * The text that is meant; `undefined` when none is given.
 *
 * @throws CliError USAGE when it is given twice, FILE_UNREADABLE
 */
export async function textArgument(
  { text, file, names }: TextArgument,
  io: Pick<CliIo, 'stdin' | 'cwd'>,
): Promise<string | undefined> {
  if (text !== undefined && file !== undefined) {
    throw usageError(`both ${names[0]} and ${names[1]} are given`, 'give one of them');
  }
  if (file !== undefined) return readText(file, io);
  return text === '-' ? readText('-', io) : text;
}
