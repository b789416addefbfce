import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { AbcaError, type Checkout, type ForgeTokens, type RepoId } from '@abca/core';
import { workspaceContract } from '@abca/core-testing';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  closeServers,
  createHttpWorld,
  lookDuringPush,
  startGitHub,
  startRedirector,
  textIn,
  type HttpWorld,
} from './git-http.test-kit.ts';
import { removeWorlds } from './git-world.test-kit.ts';
import { tokenCredentials } from './git/token-credentials.ts';
import { GitWorkspace } from './workspace/git-workspace.ts';

afterAll(closeServers);
afterAll(removeWorlds);

const run = promisify(execFile);
const hour = 3_600_000;
const branch = 'abca/task/fix';
const wipRef = 'refs/abca/task/wip';

async function checkedOut(world: HttpWorld): Promise<Checkout> {
  const { cloneUrl } = world.remote.repo;
  return world.workspace.checkout({ cloneUrl, branch, wipRef, dir: await world.newDir() });
}

/** Change a file and push it. */
async function work(world: HttpWorld, checkout: Checkout, text: string): Promise<void> {
  await world.write(checkout.dir, 'a.txt', text);
  await world.workspace.saveWork(checkout);
}

describe('GitWorkspace over HTTP with short-lived tokens', () => {
  workspaceContract({ create: (files) => createHttpWorld(files) });

  test('reads with a token for reading and writes with one for writing, of this repository alone', async () => {
    const world = await createHttpWorld({ 'a.txt': 'one\n' });

    await work(world, await checkedOut(world), 'two\n');

    expect(await world.remote.files(wipRef)).toStrictEqual({ 'a.txt': 'two\n' });
    const asked = new Set(world.tokens.asked.map(({ repo, access }) => `${access} ${repo}`));
    expect(asked).toStrictEqual(new Set(['read acme/shop', 'write acme/shop']));
    expect(world.tokens.issued).toHaveLength(2);
  });

  test('replaces a token that expires between two operations, however long the task runs', async () => {
    const world = await createHttpWorld({ 'a.txt': 'one\n' });
    const checkout = await checkedOut(world);
    for (let nth = 1; nth <= 8; nth += 1) {
      await world.clock.advance(hour);
      await work(world, checkout, `hour ${String(nth)}\n`);
    }

    expect(await world.remote.files(wipRef)).toStrictEqual({ 'a.txt': 'hour 8\n' });
    expect(world.tokens.asked.some(({ refuse }) => refuse !== undefined)).toBe(false);
    const refused = world.github.requests.filter(
      ({ status, credential }) => status === 401 && credential !== undefined,
    );
    expect(refused).toStrictEqual([]);
    expect(world.tokens.issued.length).toBeGreaterThanOrEqual(9);
  });

  test('asks once more, and names the token, when the forge refuses one that should be good', async () => {
    const world = await createHttpWorld({ 'a.txt': 'one\n' });
    const checkout = await checkedOut(world);
    await work(world, checkout, 'two\n');
    const [first] = world.github.tokens.filter(({ permissions }) => permissions['contents'] === 'write');
    first!.revoked = true;

    await work(world, checkout, 'three\n');

    expect(await world.remote.files(wipRef)).toStrictEqual({ 'a.txt': 'three\n' });
    expect(world.tokens.asked.filter(({ refuse }) => refuse !== undefined)).toStrictEqual([
      { repo: 'acme/shop' as RepoId, access: 'write', refuse: first!.token },
    ]);
  });

  test('asks once more and no oftener when every token is wrong, and says so without any', async () => {
    const world = await createHttpWorld({ 'a.txt': 'one\n' });
    const made: string[] = [];
    const asked: unknown[] = [];
    const tokens: ForgeTokens = {
      get: (request) => {
        asked.push(request);
        made.push(`ghs_${String(made.length).padStart(36, 'z')}`);
        return Promise.resolve({ token: made.at(-1) ?? '' });
      },
    };
    const credentials = tokenCredentials({ tokens, origin: world.github.url });
    const workspace = new GitWorkspace({ ...world.options, credentials });
    const { cloneUrl } = world.remote.repo;

    const error: unknown = await workspace
      .checkout({ cloneUrl, branch, wipRef, dir: await world.newDir() })
      .catch((reason: unknown) => reason);

    const reading = { repo: 'acme/shop', access: 'read' };
    expect(asked).toStrictEqual([reading, { ...reading, refuse: made[0] }]);
    const shown = world.github.requests.flatMap(({ credential }) => credential ?? []);
    expect(shown).toStrictEqual(made);
    expect(error).toMatchObject({
      code: 'WORKSPACE_ERROR',
      retryable: false,
      message: expect.stringMatching(/Authentication failed|returned error: 401/),
    });
    for (const token of made) expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(token);
  });

  test('shows no token where its holder may not read', async () => {
    const world = await createHttpWorld({ 'a.txt': 'one\n' });
    world.github.people.set('abca-bot', 'acme/shop', 'none');

    const error = await checkedOut(world).catch((reason: unknown) => reason);

    expect(AbcaError.is(error, 'NOT_A_REPOSITORY') || AbcaError.is(error, 'WORKSPACE_ERROR')).toBe(true);
    expect(world.tokens.asked.length).toBeLessThanOrEqual(2);
    for (const token of world.tokens.issued) expect(JSON.stringify(error)).not.toContain(token);
  });

  test('shows a token to no other forge', async () => {
    const other = await startGitHub();
    const world = await createHttpWorld({ 'a.txt': 'one\n' }, (path) => `${other.url}${path}`);

    await expect(checkedOut(world)).rejects.toMatchObject({ code: 'WORKSPACE_ERROR' });

    expect(world.tokens.asked).toStrictEqual([]);
    expect(other.requests.length).toBeGreaterThan(0);
    expect(other.requests.map(({ credential }) => credential)).toStrictEqual(other.requests.map(() => undefined));
  });

  test.each([
    ['asks for no credential', undefined],
    ['was shown one', 'Basic realm="forge"'],
  ])('does not follow a forge that %s and sends it to another one', async (_what, challenge) => {
    const other = await startGitHub();
    const world = await createHttpWorld({ 'a.txt': 'one\n' });
    const redirector = await startRedirector(other.url, challenge);
    const credentials = tokenCredentials({ tokens: world.tokens, origin: redirector.url });
    const workspace = new GitWorkspace({ ...world.options, credentials });
    const cloneUrl = `${redirector.url}/acme/shop.git`;

    await expect(workspace.checkout({ cloneUrl, branch, wipRef, dir: await world.newDir() })).rejects.toMatchObject({
      code: expect.stringMatching(/WORKSPACE_ERROR|NOT_A_REPOSITORY/),
    });

    expect(other.requests).toStrictEqual([]);
    expect(redirector.sent).toStrictEqual([challenge !== undefined]);
  });
});

describe('what others of the machine see of a token', () => {
  const agentEnvironment = (world: HttpWorld) => ({
    PATH: process.env['PATH'] ?? '',
    HOME: join(world.root, 'home'),
    GIT_TERMINAL_PROMPT: '0',
  });

  test('is nothing in arguments, environments and open files of git', async () => {
    const world = await createHttpWorld({ 'a.txt': 'one\n' });
    await work(world, await checkedOut(world), 'two\n');

    const seen = await world.seen();

    expect(seen).toContain('credential.');
    expect(seen).toContain('No such device or address');
    expect(world.tokens.issued).toHaveLength(2);
    for (const token of world.tokens.issued) expect(seen).not.toContain(token);
  });

  test('is nothing in all the processes of the machine, seen from the middle of a push', async () => {
    const world = await createHttpWorld({ 'a.txt': 'one\n' });
    const checkout = await checkedOut(world);
    const look = await lookDuringPush(world);

    await work(world, checkout, 'two\n');

    const seen = await look();
    expect(seen).toMatch(/git-remote-http|remote-http/);
    expect(seen).toContain(`HOME=${world.options.homeDir}`);
    expect(world.tokens.issued).toHaveLength(2);
    for (const token of world.tokens.issued) {
      expect(seen).not.toContain(token);
      expect(seen).not.toContain(Buffer.from(`x-access-token:${token}`).toString('base64'));
    }
  });

  test('is nothing in the checkout and in the folders of the platform, during the task and after it', async () => {
    const world = await createHttpWorld({ 'a.txt': 'one\n' });
    const checkout = await checkedOut(world);
    await work(world, checkout, 'two\n');

    const text = (await Promise.all([textIn(checkout.dir), textIn(world.options.homeDir)])).join('\n');

    for (const token of world.tokens.issued) expect(text).not.toContain(token);
    expect(await world.git(checkout.dir, 'config', '--list')).not.toMatch(/credential|helper|extraheader/);
  });

  test('is of no use to the shell of the agent: it can neither push nor ask for it', async () => {
    const world = await createHttpWorld({ 'a.txt': 'one\n' });
    const checkout = await checkedOut(world);
    const options = { cwd: checkout.dir, env: agentEnvironment(world) };
    const { host } = new URL(world.github.url);

    const push = await run('git', ['push', 'origin', 'HEAD:refs/heads/mine'], options).catch((error: unknown) => error);
    const fill = await run(
      'sh',
      ['-c', `printf 'protocol=http\\nhost=${host}\\n\\n' | git credential fill`],
      options,
    ).catch((error: unknown) => error);

    expect(String(push)).toContain('terminal prompts disabled');
    expect(String(fill)).toContain('terminal prompts disabled');
    expect(await world.remote.sha('refs/heads/mine')).toBeUndefined();
  });
});
