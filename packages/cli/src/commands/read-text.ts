import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import type { CliIo } from '../io/cli-io.ts';

/** More than any text that the platform takes; a larger input is a mistake and is not read to its end. */
const textBytes = 1024 * 1024;

/**
 * The text of a file, or of standard input when `file` is `-`, to the byte.
 *
 * @param maxBytes a larger one is refused
 * @throws CliError FILE_UNREADABLE
 */
export async function readText(
  file: string,
  io: Pick<CliIo, 'stdin' | 'cwd'>,
  maxBytes: number = textBytes,
): Promise<string> {
  const name = file === '-' ? 'standard input' : resolve(io.cwd, file);
  try {
    const bytes = file === '-' ? await readAll(io.stdin, maxBytes) : await readFile(name);
    if (bytes.length > maxBytes) throw new Error(`it is larger than ${String(maxBytes)} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new CliError('FILE_UNREADABLE', `${name} cannot be read: ${(error as Error).message}`, {
      exitCode: exitCodes.usage,
      suggestion: 'name a text file in UTF-8, or - for standard input',
      cause: error,
    });
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks);
}
