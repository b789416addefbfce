import type { RepoId } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { startFakeGitHub, type FakeGitHub } from '@abca/wire-fakes/github';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { quick } from '../github-world.test-kit.ts';
import { PatForgeTokens } from './pat-forge-tokens.ts';

const repo = 'acme/shop' as RepoId;
let github: FakeGitHub;

beforeEach(async () => {
  github = await startFakeGitHub();
});
afterEach(() => github.close());

function tokensOf(token: string): PatForgeTokens {
  return new PatForgeTokens({ token, clock: new FakeClock(), apiUrl: github.apiUrl, retry: quick });
}

describe('PatForgeTokens', () => {
  test('get() hands the token out until GitHub refused it, and does not say it then', async () => {
    const tokens = tokensOf('ghp_0123456789abcdef0123');

    expect(await tokens.get({ repo })).toStrictEqual({ token: 'ghp_0123456789abcdef0123' });
    const error: unknown = await tokens.get({ repo, refuse: 'ghp_0123456789abcdef0123' }).catch((e: unknown) => e);

    expect(error).toMatchObject({ code: 'FORGE_ACCESS_DENIED', message: expect.stringContaining('make a new one') });
    expect(String(error)).not.toContain('ghp_');
  });

  test('get() ends with the reason of its signal', async () => {
    const reason = new Error('enough');

    await expect(tokensOf('x').get({ repo }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('login() is that of its owner, asked for once', async () => {
    const tokens = tokensOf(github.addPersonalToken({ login: 'ann' }).token);

    expect([await tokens.login(), await tokens.login()]).toStrictEqual(['ann', 'ann']);
    expect(github.count('users/get-authenticated')).toBe(1);
  });

  test('login() says that the token is refused', async () => {
    await expect(tokensOf('ghp_unknown').login()).rejects.toMatchObject({ code: 'FORGE_ACCESS_DENIED' });
  });
});
