import { pathToFileURL } from 'node:url';
import { forgeContract, workspaceContract } from '@abca/core-testing';
import { afterAll, describe } from '@jest/globals';
import { createGitWorld, removeWorlds } from './git-world.test-kit.ts';

afterAll(removeWorlds);

describe('GitWorkspace', () => {
  workspaceContract({ create: (files) => createGitWorld(files) });
});

describe('GitForge on a path', () => {
  forgeContract({ create: (files) => createGitWorld(files) });
});

describe('GitForge on a SHA-256 repository', () => {
  forgeContract({ create: (files) => createGitWorld(files, { initArgs: ['--object-format=sha256'] }) });
});

describe('on a file URL', () => {
  const fileUrl = (bare: string): string => pathToFileURL(bare).href;
  workspaceContract({ create: (files) => createGitWorld(files, { cloneUrl: fileUrl }) });
  forgeContract({ create: (files) => createGitWorld(files, { cloneUrl: fileUrl }) });
});
