import { limits, type RepoId } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { appPermissions, startFakeGitHub, type FakeGitHub } from '@abca/wire-fakes/github';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appTokens, quick } from '../github-world.test-kit.ts';
import { AppForgeTokens } from './app-forge-tokens.ts';

const repo = 'acme/shop' as RepoId;
const minute = 60_000;

let github: FakeGitHub;
let clock: FakeClock;
let tokens: AppForgeTokens;

beforeEach(async () => {
  clock = new FakeClock();
  github = await startFakeGitHub({ clock });
  github.addRepository({ repo: 'acme/shop' });
  github.addRepository({ repo: 'acme/other' });
  tokens = appTokens(github, clock);
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toStrictEqual([]);
});

describe('AppForgeTokens', () => {
  describe('get()', () => {
    test.each([
      ['read', { metadata: 'read', contents: 'read', issues: 'read', pull_requests: 'read', checks: 'read' }],
      ['write', { metadata: 'read', contents: 'write', issues: 'write', pull_requests: 'write', checks: 'read' }],
    ] as const)('makes one for the repository alone, with no more than it takes to %s', async (access, permissions) => {
      github.installApp({ account: 'acme', permissions: { ...appPermissions, administration: 'write' } });

      const { token, expiresAtMs } = await tokens.get({ repo, access });

      expect(github.tokens).toMatchObject([{ token, repositories: ['acme/shop'], permissions }]);
      expect(expiresAtMs).toBe(clock.nowMs() + 60 * minute);
    });

    test('leaves out the checks where the app may not see them', async () => {
      github.installApp({
        account: 'acme',
        permissions: { metadata: 'read', contents: 'read', issues: 'read', pull_requests: 'read' },
      });

      await tokens.get({ repo, access: 'read' });

      expect(github.tokens[0]?.permissions).toStrictEqual({
        metadata: 'read',
        contents: 'read',
        issues: 'read',
        pull_requests: 'read',
      });
    });

    test('keeps a good one through eight hours, with never more than an hour on one', async () => {
      github.installApp({ account: 'acme' });
      const handedOut = new Set<string>();

      for (let spentMs = 0; spentMs < limits.sessionMs; spentMs += minute) {
        const { token, expiresAtMs = 0 } = await tokens.get({ repo, access: 'write' });
        handedOut.add(token);
        expect(expiresAtMs - clock.nowMs()).toBeGreaterThan(5 * minute);
        await clock.advance(minute);
      }

      // One each 55 minutes: 480 / 55 is a little over eight.
      expect(handedOut.size).toBe(9);
      expect(github.tokens).toHaveLength(9);
    });

    test('makes a new one for who needs it longer than it has left', async () => {
      github.installApp({ account: 'acme' });
      const first = await tokens.get({ repo, access: 'read' });
      await clock.advance(20 * minute);

      const same = await tokens.get({ repo, access: 'read', minRemainingMs: 39 * minute });
      const longer = await tokens.get({ repo, access: 'read', minRemainingMs: 41 * minute });

      expect(same.token).toBe(first.token);
      expect(longer.token).not.toBe(first.token);
    });

    test('does not hand out again what GitHub refused', async () => {
      github.installApp({ account: 'acme' });
      const first = await tokens.get({ repo, access: 'read' });

      const next = await tokens.get({ repo, access: 'read', refuse: first.token });

      expect(next.token).not.toBe(first.token);
      expect((await tokens.get({ repo, access: 'read', refuse: first.token })).token).toBe(next.token);
    });

    test('makes one for many who ask at once, and one each for repositories and kinds of access', async () => {
      github.installApp({ account: 'acme' });

      await Promise.all([
        ...[1, 2, 3, 4].map(() => tokens.get({ repo, access: 'read' })),
        ...[1, 2, 3].map(() => tokens.get({ repo, access: 'write' })),
        tokens.get({ repo: 'ACME/shop' as RepoId, access: 'write' }),
        tokens.get({ repo: 'acme/other' as RepoId, access: 'write' }),
      ]);

      expect(github.tokens.map(({ repositories }) => repositories)).toHaveLength(3);
    });

    test('is not kept from others by one who gives up', async () => {
      github.installApp({ account: 'acme' });
      const impatient = new AbortController();
      const reason = new Error('enough');

      const given = tokens.get({ repo, access: 'read' }, { signal: impatient.signal });
      const waiting = tokens.get({ repo, access: 'read' });
      impatient.abort(reason);

      await expect(given).rejects.toBe(reason);
      expect((await waiting).token).toBe(github.tokens[0]?.token);
    });

    test.each([
      [
        { pull_requests: 'read' },
        "the app may not write pull requests in acme/shop: grant 'Pull requests: Read and write' to it",
      ],
      [
        { contents: 'read', issues: undefined },
        "the app may not write contents or write issues in acme/shop: grant 'Contents: Read and write' and 'Issues: Read and write' to it",
      ],
    ] as const)('names what is missing: %j', async (changed, message) => {
      const granted = Object.entries({ ...appPermissions, ...changed }).filter(([, level]) => level !== undefined);
      github.installApp({ account: 'acme', permissions: Object.fromEntries(granted) as typeof appPermissions });

      await expect(tokens.get({ repo, access: 'write' })).rejects.toMatchObject({
        code: 'FORGE_ACCESS_DENIED',
        message,
        retryable: false,
      });
      expect(github.tokens).toStrictEqual([]);
    });

    test('sees at once what has been granted since', async () => {
      const installation = github.installApp({ account: 'acme', permissions: { ...appPermissions, issues: 'read' } });
      await expect(tokens.get({ repo, access: 'write' })).rejects.toMatchObject({ code: 'FORGE_ACCESS_DENIED' });

      installation.permissions = appPermissions;

      await expect(tokens.get({ repo, access: 'write' })).resolves.toHaveProperty('token');
    });

    test('says that the app is not installed, or suspended', async () => {
      await expect(tokens.get({ repo, access: 'read' })).rejects.toMatchObject({
        code: 'FORGE_ACCESS_DENIED',
        message: expect.stringContaining('the app is not installed on acme/shop'),
      });
      github.installApp({ account: 'acme' }).suspended = true;

      await expect(tokens.get({ repo, access: 'read' })).rejects.toMatchObject({
        code: 'FORGE_ACCESS_DENIED',
        message: expect.stringContaining('suspended'),
      });
    });

    test('says that the key is not the one of the app, and none at all', async () => {
      const other = await startFakeGitHub({ clock, app: { appId: 1 } });
      other.installApp({ account: 'acme' });
      const stranger = new AppForgeTokens({
        appId: 2,
        privateKey: github.app.privateKey,
        clock,
        apiUrl: other.apiUrl,
        retry: quick,
      });
      const keyless = new AppForgeTokens({ appId: 1, privateKey: 'secret words', clock, apiUrl: other.apiUrl });

      const errors = await Promise.all(
        [stranger, keyless].map((one) => one.get({ repo, access: 'read' }).catch((error: unknown) => error)),
      );

      await other.close();
      expect(errors).toMatchObject([{ code: 'FORGE_ACCESS_DENIED' }, { code: 'CONFIG_INVALID' }]);
      expect(JSON.stringify(errors) + String(errors)).not.toContain('secret words');
    });

    test.each([
      ['apps/get-repo-installation', { status: 502 }],
      ['apps/get-repo-installation', { reset: true }],
      ['apps/create-installation-access-token', { status: 500 }],
      ['apps/create-installation-access-token', { status: 500, accepted: true }],
      ['apps/create-installation-access-token', { limit: 'secondary', retryAfterS: 1 }],
    ] as const)('goes on when %s fails once with %j', async (match, failure) => {
      github.installApp({ account: 'acme' });
      github.failNext({ match, ...failure });

      const started = performance.now();
      const { token } = await tokens.get({ repo, access: 'read' });

      expect(github.tokens.map((issued) => issued.token)).toContain(token);
      expect(performance.now() - started).toBeLessThan(10_000);
    });

    test.each(['apps/get-repo-installation', 'apps/create-installation-access-token'])(
      'is a retryable error when %s fails for good, and the next call tries anew',
      async (match) => {
        github.installApp({ account: 'acme' });
        github.failNext({ match, status: 503, times: Infinity });

        await expect(tokens.get({ repo, access: 'read' })).rejects.toMatchObject({
          code: 'SERVICE_UNAVAILABLE',
          retryable: true,
        });
        github.heal();

        await expect(tokens.get({ repo, access: 'read' })).resolves.toHaveProperty('token');
      },
    );

    test('goes by the clock of GitHub when its own is wrong by an hour', async () => {
      github.installApp({ account: 'acme' });
      const slow = new FakeClock(clock.nowMs() - 60 * minute);

      const { token } = await appTokens(github, slow).get({ repo, access: 'read' });

      expect(github.tokens[0]?.token).toBe(token);
    });
  });

  test('login() is that of the bot, asked for once', async () => {
    expect([await tokens.login(), await tokens.login()]).toStrictEqual(['abca[bot]', 'abca[bot]']);
    expect(github.count('apps/get-authenticated')).toBe(1);
  });
});
