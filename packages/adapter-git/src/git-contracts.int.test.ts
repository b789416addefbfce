import { forgeContract, workspaceContract } from '@abca/core-testing';
import { afterAll, describe } from '@jest/globals';
import { createGitWorld, createSshWorld, removeWorlds } from './git-world.test-kit.ts';

afterAll(removeWorlds);

describe('GitWorkspace', () => {
  workspaceContract({ create: (files) => createGitWorld(files) });
});

describe('GitForge on a path', () => {
  forgeContract({ create: (files) => createGitWorld(files) });
});

describe('behind ssh, where objects have to be fetched', () => {
  workspaceContract({ create: createSshWorld });
  forgeContract({ create: createSshWorld });
});
