import { forgeContract } from '@abca/core-testing';
import { afterAll, afterEach, describe, expect } from '@jest/globals';
import { createForgeHarness, endWorlds, violations } from '../github-world.test-kit.ts';

afterEach(() => {
  expect(violations()).toStrictEqual([]);
});
afterAll(endWorlds);

describe('GitHubForge', () => {
  forgeContract({ create: createForgeHarness });
});
