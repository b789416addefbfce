import { tokens, type Forge, type ForgePeople, type ForgeTokens, type Notifier, type RepoId } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { startFakeGitHub, type FakeGitHub } from '@abca/wire-fakes/github';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { quick } from './github-world.test-kit.ts';
import { gitHubModule, gitHubModulesOf, type GitHubModuleOptions } from './module.ts';

const repo = 'acme/shop' as RepoId;
let github: FakeGitHub;

beforeEach(async () => {
  github = await startFakeGitHub();
  github.addRepository({ repo: 'acme/shop' });
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toStrictEqual([]);
});

function containerWith(fields: Pick<GitHubModuleOptions, 'credentials'>): Container {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(new FakeClock());
  // With a slash at its end, as people write it.
  container.load(gitHubModule({ apiUrl: `${github.apiUrl}/`, retry: quick, ...fields }));
  return container;
}

describe('gitHubModule()', () => {
  test('adds GitHub to forges and channels, with one source of tokens for all', async () => {
    const { appId, privateKey } = github.app;
    const container = containerWith({ credentials: { kind: 'app', appId, privateKey } });
    github.installApp({ account: 'acme' });
    github.people.set('ann', 'acme/shop', 'write');

    const [forge] = container.getAll<Forge>(tokens.forge);
    const [notifier] = container.getAll<Notifier>(tokens.notifier);
    const query = { repo, cloneUrl: `${github.url}/acme/shop.git` };
    const passed = await forge?.preflight({ ...query, taskType: 'new_task', protectedBranches: [] });
    const permission = await container.get<ForgePeople>(tokens.forgePeople).permissionOf({ ...query, login: 'ann' });
    await container.get<ForgeTokens>(tokens.forgeTokens).get({ repo, access: 'write' });

    expect([forge?.type, notifier?.channel]).toStrictEqual(['github', 'github']);
    expect(passed).toStrictEqual({ kind: 'passed', baseBranch: 'main' });
    expect(permission).toBe('write');
    expect(github.tokens.map(({ permissions }) => permissions['contents'])).toStrictEqual(['write', 'read']);
  });

  test('works with a personal access token', async () => {
    github.people.set('ann', 'acme/shop', 'write');
    const { token } = github.addPersonalToken({ login: 'ann' });
    const container = containerWith({ credentials: { kind: 'token', token } });

    expect(await container.get<ForgeTokens>(tokens.forgeTokens).get({ repo, access: 'read' })).toStrictEqual({ token });
    expect(
      await container.get<ForgePeople>(tokens.forgePeople).permissionOf({
        repo,
        cloneUrl: `${github.url}/acme/shop.git`,
        login: 'ann',
      }),
    ).toBe('write');
  });

  test('asks GitHub nothing before somebody does', () => {
    const container = containerWith({ credentials: { kind: 'token', token: 'x' } });

    container.getAll(tokens.forge);
    container.getAll(tokens.notifier);

    expect(github.requests).toStrictEqual([]);
  });
});

describe('gitHubModulesOf()', () => {
  test.each([
    [{}, 0],
    [{ ABCA_GITHUB_TOKEN: 'x' }, 1],
    [{ ABCA_GITHUB_APP_ID: '1', ABCA_GITHUB_APP_PRIVATE_KEY: 'pem' }, 1],
  ])('makes of %j %d', (environment, count) => {
    expect(gitHubModulesOf(environment)).toHaveLength(count);
  });

  test.each([
    { ABCA_GITHUB_APP_ID: '1' },
    { ABCA_GITHUB_APP_PRIVATE_KEY: 'pem' },
    { ABCA_GITHUB_APP_ID: '1', ABCA_GITHUB_APP_PRIVATE_KEY: 'pem', ABCA_GITHUB_TOKEN: 'x' },
    { ABCA_GITHUB_TOKEN: 'x', ABCA_GITHUB_URL: 'ftp://x' },
  ])('refuses what is there by half: %j', (environment) => {
    expect(() => gitHubModulesOf(environment)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('goes where ABCA_GITHUB_URL says', async () => {
    github.people.set('ann', 'acme/shop', 'write');
    const { token } = github.addPersonalToken({ login: 'ann' });
    const container = new Container();
    container.bind(tokens.clock).toConstantValue(new FakeClock());
    container.load(...gitHubModulesOf({ ABCA_GITHUB_TOKEN: token, ABCA_GITHUB_URL: github.apiUrl }));

    await container.get<ForgePeople>(tokens.forgePeople).permissionOf({
      repo,
      cloneUrl: `${github.url}/acme/shop.git`,
      login: 'ann',
    });

    expect(github.count('repos/get-collaborator-permission-level')).toBe(1);
  });
});
