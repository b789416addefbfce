import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FakeClock } from '@abca/core/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startFakeGitHub, type FakeGitHub, type IssuedToken, type RepoControl } from '../index.ts';

const run = promisify(execFile);
let root: string;
let clock: FakeClock;
let github: FakeGitHub;
let shop: RepoControl;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'abca-git-http-'));
  await git('init', '--quiet', '--bare', '--template=', '-b', 'main', join(root, 'remote.git'));
  clock = new FakeClock();
  github = await startFakeGitHub({ clock });
  shop = github.addRepository({ repo: 'acme/shop', gitDir: join(root, 'remote.git') });
  github.people.set('ann', 'acme/shop', 'write');
});
afterEach(async () => {
  await github.close();
  await rm(root, { recursive: true, force: true });
});

async function git(...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ann',
    GIT_AUTHOR_EMAIL: 'ann@example.invalid',
    GIT_COMMITTER_NAME: 'Ann',
    GIT_COMMITTER_EMAIL: 'ann@example.invalid',
  };
  return (await run('git', [...args], { env, cwd: root })).stdout.trim();
}

/** What git says when it fails. */
async function complaintOf(...args: readonly string[]): Promise<string> {
  return git(...args).then(
    () => 'none',
    (error: { readonly stderr: string }) => error.stderr,
  );
}

function urlFor({ token }: Pick<IssuedToken, 'token'>): string {
  return shop.cloneUrl.replace('http://', `http://x-access-token:${token}@`);
}

/** A clone with a first commit that is pushed. */
async function pushFirst(token: IssuedToken): Promise<string> {
  const clone = join(root, 'clone');
  await git('clone', '--quiet', urlFor(token), clone);
  await writeFile(join(clone, 'a.txt'), 'one\n');
  await git('-C', clone, 'add', '.');
  await git('-C', clone, 'commit', '--quiet', '-m', 'first');
  await git('-C', clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  return clone;
}

describe('FakeGitHub, git over HTTP', () => {
  test('takes a push and gives it to a clone', async () => {
    const token = github.addPersonalToken({ login: 'ann' });
    await pushFirst(token);

    await git('clone', '--quiet', urlFor(token), join(root, 'again'));

    expect(await readFile(join(root, 'again', 'a.txt'), 'utf8')).toBe('one\n');
    expect(token.used).toStrictEqual({ api: 0, gitReads: 2, gitWrites: 1 });
    expect(github.requests.map(({ credential }) => credential).filter((one) => one !== undefined)).toStrictEqual(
      expect.arrayContaining([token.token]),
    );
  });

  test('refuses a token that has expired in between', async () => {
    const token = github.addPersonalToken({ login: 'ann', expiresAtMs: clock.nowMs() + 3_600_000 });
    const clone = await pushFirst(token);
    await git('-C', clone, 'commit', '--quiet', '--allow-empty', '-m', 'second');
    await clock.advance(3_600_000);

    expect(await complaintOf('-C', clone, 'push', 'origin', 'HEAD:refs/heads/main')).toMatch(
      /Authentication failed|could not read Username/,
    );
    expect(await complaintOf('-C', clone, 'fetch', 'origin')).toMatch(/Authentication failed|could not read Username/);
    const fresh = github.addPersonalToken({ login: 'ann' });

    await git('-C', clone, 'push', '--quiet', urlFor(fresh), 'HEAD:refs/heads/main');

    expect(await git('-C', join(root, 'remote.git'), 'rev-list', '--count', 'main')).toBe('2');
  });

  test.each([
    ['no credential', 'http://', /could not read Username/],
    ['a token of nobody', 'http://x-access-token:ghs_none@', /Authentication failed|could not read Username/],
  ])('refuses %s', async (_, scheme, complaint) => {
    expect(await complaintOf('ls-remote', shop.cloneUrl.replace('http://', scheme))).toMatch(complaint);
  });

  test('lets a token that may only read read', async () => {
    const clone = await pushFirst(github.addPersonalToken({ login: 'ann' }));
    const reader = github.addPersonalToken({ login: 'ann', permissions: { contents: 'read' } });

    expect(await git('ls-remote', '--heads', urlFor(reader))).toMatch(/refs\/heads\/main$/);
    expect(await complaintOf('-C', clone, 'push', urlFor(reader), 'HEAD:refs/heads/x')).toContain('403');
  });

  test('lets a person who may only read push nothing, whatever the token says', async () => {
    const clone = await pushFirst(github.addPersonalToken({ login: 'ann' }));
    github.people.set('bob', 'acme/shop', 'read');

    const complaint = await complaintOf(
      '-C',
      clone,
      'push',
      urlFor(github.addPersonalToken({ login: 'bob' })),
      'HEAD:refs/heads/x',
    );

    expect(complaint).toContain('403');
  });

  test('does not show a repository to a token of another one', async () => {
    github.addRepository({ repo: 'acme/other' });
    const other = github.addPersonalToken({ login: 'ann', repositories: ['acme/other'] });

    expect(await complaintOf('ls-remote', urlFor(other))).toContain('not found');
  });

  test('shows the heads of pull requests, which nobody pushes to', async () => {
    const token = github.addPersonalToken({ login: 'ann' });
    const clone = await pushFirst(token);
    await git('-C', clone, 'commit', '--quiet', '--allow-empty', '-m', 'second');
    await git('-C', clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/fix');
    const pull = await shop.openPull({ title: 'Fix', head: 'fix' });

    const shown = await git('ls-remote', urlFor(token), 'refs/pull/*/head');

    expect(shown).toBe(`${pull.headSha}\trefs/pull/1/head`);
    expect(await complaintOf('-C', clone, 'push', 'origin', 'HEAD~1:refs/pull/1/head')).toMatch(/hidden ref|rejected/);
    await git('-C', clone, 'commit', '--quiet', '--allow-empty', '-m', 'third');
    await git('-C', clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/fix');

    // It follows its branch.
    expect(await git('ls-remote', urlFor(token), 'refs/pull/1/head')).toBe(
      `${await git('-C', clone, 'rev-parse', 'HEAD')}\trefs/pull/1/head`,
    );
  });

  test('fails as it is told to', async () => {
    const token = github.addPersonalToken({ login: 'ann' });
    await pushFirst(token);
    github.failNext({ match: 'git-upload-pack', status: 503 });

    expect(await complaintOf('ls-remote', urlFor(token))).toContain('503');
    expect(await complaintOf('ls-remote', urlFor(token))).toBe('none');
  });
});
