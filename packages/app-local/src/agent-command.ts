import { AbcaError } from '@abca/core';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const program = '@abca/app-agent/program';

/**
 * The command line of the agent program: its source where this code runs from source too, else its bundle.
 *
 * @throws AbcaError CONFIG_INVALID when it is not there
 */
export function agentCommand(): readonly [string, ...string[]] {
  const file = createRequire(import.meta.url).resolve(program);
  if (!existsSync(file)) {
    throw new AbcaError(
      'CONFIG_INVALID',
      `the agent program ${file} is missing; build it with: npx nx bundle app-agent`,
    );
  }
  const fromSource = file.endsWith('.ts') ? ['--conditions=@abca/source', '--disable-warning=ExperimentalWarning'] : [];
  return [process.execPath, ...fromSource, file];
}
