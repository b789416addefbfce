import { fileURLToPath } from 'node:url';

const flags = ['--conditions=@abca/source', '--disable-warning=ExperimentalWarning'];

/** Command line of a program of this folder, run from its source. */
export function programCommand(
  name: 'platform' | 'tiny-agent' | 'idle-agent' | 'event-writer',
  ...args: readonly string[]
): [string, ...string[]] {
  return [process.execPath, ...flags, fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url)), ...args];
}

/** Command line of a program of the agent, run from its source. */
export function agentProgram(name: 'main' | 'server-main'): [string, ...string[]] {
  return [
    process.execPath,
    ...flags,
    fileURLToPath(new URL(`../../../packages/app-agent/src/${name}.ts`, import.meta.url)),
  ];
}
