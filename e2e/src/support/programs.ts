import { fileURLToPath } from 'node:url';

const flags = ['--conditions=@abca/source', '--disable-warning=ExperimentalWarning'];

/** Command line of a program of this folder, run from its source. */
export function programCommand(
  name: 'platform' | 'tiny-agent' | 'idle-agent' | 'event-writer',
  ...args: readonly string[]
): [string, ...string[]] {
  return [process.execPath, ...flags, fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url)), ...args];
}
