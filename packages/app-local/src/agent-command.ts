import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AbcaError } from '@abca/core';

/**
 * The command line of the agent program: its bundle where this code is one too, its source in the workspace.
 *
 * @throws AbcaError CONFIG_INVALID when neither is there
 */
export function agentCommand(): readonly [string, ...string[]] {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith('.ts')) {
    const source = fileURLToPath(new URL('../../app-agent/src/main.ts', import.meta.url));
    return [process.execPath, '--conditions=@abca/source', '--disable-warning=ExperimentalWarning', source];
  }
  const bundle = ['./agent.mjs', './agent/main.mjs']
    .map((name) => fileURLToPath(new URL(name, import.meta.url)))
    .find((file) => existsSync(file));
  if (bundle === undefined)
    throw new AbcaError('CONFIG_INVALID', `the agent program is not beside ${here}; build it with: npm run build`);
  return [process.execPath, bundle];
}
