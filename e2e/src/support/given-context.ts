import { tokens, type Forge, type HydratedContext } from '@abca/core';
import { ContainerModule } from 'inversify';
import { readFileSync } from 'node:fs';
import { overriding } from './overriding.ts';

/** A forge that has an issue to tell of: a plain repository has none. */
export function givenContext(file: string): ContainerModule {
  const context = JSON.parse(readFileSync(file, 'utf8')) as HydratedContext;
  return new ContainerModule(({ onActivation }) => {
    onActivation<Forge>(tokens.forge, (_context, forge) => overriding(forge, { fetchContext: async () => context }));
  });
}
