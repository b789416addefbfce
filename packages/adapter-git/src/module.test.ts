import { tokens } from '@abca/core';
import { expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { GitForge } from './forge/git-forge.ts';
import { gitModule } from './module.ts';
import { GitWorkspace } from './workspace/git-workspace.ts';

test('gitModule() binds one workspace and one forge', () => {
  const container = new Container();
  container.load(gitModule({ homeDir: '/home/git', pathEnv: '/bin' }));

  expect(container.get(tokens.workspace)).toBeInstanceOf(GitWorkspace);
  expect(container.get(tokens.forge)).toBeInstanceOf(GitForge);
  expect(container.get(tokens.workspace)).toBe(container.get(tokens.workspace));
});
