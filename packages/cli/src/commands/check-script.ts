import { readFile } from 'node:fs/promises';
import { parseScript } from '@abca/scripted-model';
import { CliError } from '../errors/cli-error.ts';

/**
 * See that a script of the scripted model can be played, before anything is started.
 *
 * @throws CliError CONFIG_INVALID
 */
export async function checkScript(file: string): Promise<void> {
  try {
    parseScript(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new CliError('CONFIG_INVALID', `${file} is no script of the scripted model: ${(error as Error).message}`, {
      suggestion: 'see the format in the README of @abca/scripted-model',
      cause: error,
    });
  }
}
