import { tokens } from '@abca/core';
import { ContainerModule } from 'inversify';
import { GitForge } from './forge/git-forge.ts';
import type { GitOptions } from './git/git-options.ts';
import { GitWorkspace } from './workspace/git-workspace.ts';

/** Binds `tokens.workspace` and `tokens.forge` to the git program, one instance of each. */
export function gitModule(options: GitOptions): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.workspace)
      .toResolvedValue(() => new GitWorkspace(options), [])
      .inSingletonScope();
    bind(tokens.forge)
      .toResolvedValue(() => new GitForge(options), [])
      .inSingletonScope();
  });
}
