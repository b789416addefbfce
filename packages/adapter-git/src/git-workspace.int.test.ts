import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AbcaError, type Checkout } from '@abca/core';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createGitWorld, exists, removeWorlds, type GitWorld } from './git-world.test-kit.ts';
import { GitWorkspace } from './workspace/git-workspace.ts';

afterAll(removeWorlds);

const wipRef = 'refs/abca/TASK/wip';
const branch = 'abca/task/fix';

async function aCheckout(
  files: Readonly<Record<string, string>> = { 'a.txt': 'one\n' },
): Promise<{ world: GitWorld; checkout: Checkout; dir: string }> {
  const world = await createGitWorld(files);
  const dir = await world.newDir();
  const checkout = await world.workspace.checkout({ cloneUrl: world.bare, branch, wipRef, dir });
  return { world, checkout, dir };
}

async function aProgram(path: string, text: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A zombie counts as gone: it only waits to be noticed. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => ') Z');
  return !/\) [ZX]/.test(stat);
}

describe('GitWorkspace', () => {
  test('runs nothing that an agent plants in the checkout', async () => {
    const { world, checkout, dir } = await aCheckout({ 'a.txt': 'one\n', 'sub/b.txt': 'b\n' });
    const marker = join(world.root, 'ran');
    const evil = await aProgram(join(world.root, 'evil'), `echo "$@" >> ${marker}; cat`);
    const settings: [string, string][] = [
      ['core.fsmonitor', evil],
      ['core.sshCommand', evil],
      ['core.hooksPath', join(world.root, 'hooks')],
      ['core.alternateRefsCommand', evil],
      ['credential.helper', `!${evil}`],
      ['filter.evil.clean', evil],
      ['filter.evil.smudge', evil],
      ['filter.evil.process', evil],
      ['diff.external', evil],
      ['commit.gpgSign', 'true'],
      ['gpg.program', evil],
      ['push.gpgSign', 'true'],
      ['remote.origin.uploadpack', evil],
      ['remote.origin.receivepack', evil],
      [`url.ext::${evil} .insteadOf`, world.bare],
      ['protocol.ext.allow', 'always'],
    ];
    for (const [key, value] of settings) await world.git(dir, 'config', key, value);
    for (const hook of ['pre-commit', 'post-commit', 'pre-push', 'reference-transaction', 'post-index-change']) {
      await aProgram(join(world.root, 'hooks', hook), `echo ${hook} >> ${marker}`);
      await aProgram(join(dir, '.git', 'hooks', hook), `echo ${hook} >> ${marker}`);
    }
    await world.write(dir, '.gitattributes', '* filter=evil diff=evil\n');
    await world.write(dir, '.git/info/attributes', '* filter=evil\n');
    await world.write(dir, 'a.txt', 'changed\n');
    await rm(marker, { force: true });

    const saved = await world.workspace.saveWork(checkout);
    const committed = await world.workspace.commit(checkout, 'change');
    const pushed = await world.workspace.push(checkout);

    expect([saved.kind, committed.kind, pushed.kind]).toStrictEqual(['saved', 'committed', 'pushed']);
    expect(await exists(marker)).toBe(false);
    expect((await world.remote.files(`refs/heads/${branch}`))?.['a.txt']).toBe('changed\n');
  });

  test('pushes to the address it was given, whatever the remote is called now', async () => {
    const { world, checkout, dir } = await aCheckout();
    await world.git(dir, 'remote', 'set-url', 'origin', join(world.root, 'elsewhere.git'));
    await world.write(dir, 'a.txt', 'changed\n');
    await world.workspace.commit(checkout, 'change');

    expect((await world.workspace.push(checkout)).kind).toBe('pushed');
  });

  test('saveWork() leaves index, branch and working tree as they are', async () => {
    const { world, checkout, dir } = await aCheckout({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
    await world.write(dir, 'a.txt', 'staged\n');
    await world.git(dir, 'add', 'a.txt');
    await world.write(dir, 'a.txt', 'and more\n');
    await world.write(dir, 'new.txt', 'new\n');
    const look = async (): Promise<string[]> => [
      await world.git(dir, 'status', '--porcelain=v2', '--branch'),
      await world.git(dir, 'for-each-ref'),
      await world.git(dir, 'diff', '--cached'),
    ];
    const before = await look();

    await world.workspace.saveWork(checkout);

    expect(await look()).toStrictEqual(before);
    expect(await world.remote.files(wipRef)).toStrictEqual({
      'a.txt': 'and more\n',
      'b.txt': 'b\n',
      'new.txt': 'new\n',
    });
  });

  test('commit() leaves a clean status and keeps message and author', async () => {
    const { world, checkout, dir } = await aCheckout();
    await world.write(dir, 'ünï "q".txt', 'x\n');

    await world.workspace.commit(checkout, 'fix: "quotes", 🧮\n\nand $(a body)\n# not a comment');

    expect(await world.git(dir, 'status', '--porcelain')).toBe('');
    expect(await world.git(dir, 'log', '-1', '--format=%an <%ae>%n%B')).toBe(
      'ABCA agent <agent@abca.invalid>\nfix: "quotes", 🧮\n\nand $(a body)\n# not a comment\n\n',
    );
  });

  test('commit() delivers what the agent did on another branch', async () => {
    const { world, checkout, dir } = await aCheckout();
    await world.git(dir, 'checkout', '--quiet', '-b', 'my-own-idea');
    await world.write(dir, 'a.txt', 'by the agent\n');
    await world.git(dir, 'commit', '--quiet', '--all', '-m', 'by the agent');
    await world.write(dir, 'b.txt', 'not committed\n');

    const { sha } = await world.workspace.commit(checkout, 'rest');

    expect(await world.workspace.push(checkout)).toStrictEqual({ kind: 'pushed', sha });
    expect(await world.remote.files(`refs/heads/${branch}`)).toStrictEqual({
      'a.txt': 'by the agent\n',
      'b.txt': 'not committed\n',
    });
    expect((await world.git(world.bare, 'log', '--format=%s', branch)).split('\n').slice(0, 2)).toStrictEqual([
      'rest',
      'by the agent',
    ]);
  });

  test('keeps files that the agent committed although a rule ignores them', async () => {
    const { world, checkout, dir } = await aCheckout({ '.gitignore': '*.log\n' });
    await world.write(dir, 'kept.log', 'kept\n');
    await world.git(dir, 'add', '--force', 'kept.log');
    await world.git(dir, 'commit', '--quiet', '-m', 'keep it');
    await world.write(dir, 'other.txt', 'x\n');

    await world.workspace.commit(checkout, 'more');
    await world.workspace.push(checkout);

    expect(Object.keys((await world.remote.files(`refs/heads/${branch}`)) ?? {})).toStrictEqual([
      '.gitignore',
      'kept.log',
      'other.txt',
    ]);
  });

  test('stores repositories that the agent made in subfolders with their files', async () => {
    const { world, checkout, dir } = await aCheckout();
    await world.write(dir, 'empty/x.txt', 'x\n');
    await world.git(join(dir, 'empty'), 'init', '--quiet');
    await world.write(dir, 'with commit/y.txt', 'y\n');
    await world.git(join(dir, 'with commit'), 'init', '--quiet');
    await world.git(join(dir, 'with commit'), 'add', '.');
    await world.git(join(dir, 'with commit'), 'commit', '--quiet', '-m', 'inner');
    await world.write(dir, 'with commit/deep/z.txt', 'z\n');
    await world.git(join(dir, 'with commit', 'deep'), 'init', '--quiet');
    const expected = {
      'a.txt': 'one\n',
      'empty/x.txt': 'x\n',
      'with commit/deep/z.txt': 'z\n',
      'with commit/y.txt': 'y\n',
    };

    await world.workspace.saveWork(checkout);
    const again = await world.workspace.saveWork(checkout);
    await world.workspace.commit(checkout, 'all');
    await world.workspace.push(checkout);

    expect(await world.remote.files(wipRef)).toStrictEqual(expected);
    expect(again).toStrictEqual({ kind: 'unchanged' });
    expect(await world.remote.files(`refs/heads/${branch}`)).toStrictEqual(expected);
  });

  // L22: recovery re-created a session and destroyed forty minutes of unpushed work.
  test('a new session does not drop the work an earlier one saved', async () => {
    const { world, checkout, dir } = await aCheckout();
    await world.write(dir, 'first.txt', 'first\n');
    const first = await world.workspace.saveWork(checkout);
    const next = new GitWorkspace(world.options);
    const nextDir = await world.newDir();
    const again = await next.checkout({ cloneUrl: world.bare, branch, wipRef, dir: nextDir });
    await world.write(nextDir, 'second.txt', 'second\n');

    const unchanged = await next.saveWork(again);
    await world.write(nextDir, 'second.txt', 'second, better\n');
    await next.saveWork(again);

    expect([first.kind, unchanged.kind]).toStrictEqual(['saved', 'saved']);
    expect(await world.remote.files(`${wipRef}^2`)).toStrictEqual({ 'a.txt': 'one\n', 'first.txt': 'first\n' });
    expect(await world.remote.files(wipRef)).toStrictEqual({ 'a.txt': 'one\n', 'second.txt': 'second, better\n' });
  });

  test('a new session that stands where the earlier one saved has nothing to save', async () => {
    const { world, checkout, dir } = await aCheckout();
    await world.write(dir, 'first.txt', 'first\n');
    await world.workspace.saveWork(checkout);
    const next = new GitWorkspace(world.options);
    const nextDir = await world.newDir();
    const again = await next.checkout({ cloneUrl: world.bare, branch, wipRef, dir: nextDir });
    await world.write(nextDir, 'first.txt', 'first\n');

    expect(await next.saveWork(again)).toStrictEqual({ kind: 'unchanged' });
  });

  test('operations on one checkout take turns', async () => {
    const { world, checkout, dir } = await aCheckout();
    await world.write(dir, 'a.txt', 'changed\n');
    const { workspace } = world;

    const [first, second, third] = await Promise.all([
      workspace.saveWork(checkout),
      workspace.saveWork(checkout),
      workspace.commit(checkout, 'change'),
    ]);

    expect([first.kind, second.kind, third.kind]).toStrictEqual(['saved', 'unchanged', 'committed']);
  });

  test.each([
    ['the branch', { branch: '-x' }],
    ['the branch', { branch: 'a..b' }],
    ['the ref', { wipRef: 'wip' }],
  ])('refuses a name for %s that git would not take', async (_what, names) => {
    const world = await createGitWorld({ 'a.txt': 'a\n' });
    const input = { cloneUrl: world.bare, branch, wipRef, dir: await world.newDir(), ...names };

    await expect(world.workspace.checkout(input)).rejects.toMatchObject({ code: 'WORKSPACE_ERROR' });
  });

  test('refuses an address that would run a program', async () => {
    const world = await createGitWorld({ 'a.txt': 'a\n' });
    const cloneUrl = `ext::sh -c touch% ${join(world.root, 'ran')}`;
    const input = { cloneUrl, branch, wipRef, dir: await world.newDir() };

    await expect(world.workspace.checkout(input)).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
    expect(await exists(join(world.root, 'ran'))).toBe(false);
  });

  test('says so when the agent removed the git folder', async () => {
    const { world, checkout, dir } = await aCheckout();
    await rm(join(dir, '.git'), { recursive: true });

    await expect(world.workspace.saveWork(checkout)).rejects.toMatchObject({ code: 'WORKSPACE_ERROR' });
  });

  // The text is what git 2.39 prints on a tmpfs that is full.
  test.each(['saveWork', 'commit'] as const)('%s() tells a full disk from other failures', async (verb) => {
    const { world, dir } = await aCheckout();
    const full = 'error: unable to write file: No space left on device; fatal: unable to write loose object file';
    const real = 'PATH=${PATH#*:} exec git "$@"';
    const fake = `for a in "$@"; do [ "$a" = add ] && { echo "${full}: No space left on device" >&2; exit 128; }; done; ${real}`;
    await aProgram(join(world.root, 'bin', 'git'), fake);
    const pathEnv = `${join(world.root, 'bin')}:${world.options.pathEnv}`;
    const workspace = new GitWorkspace({ ...world.options, pathEnv });
    const dir2 = await world.newDir();
    const checkout = await workspace.checkout({ cloneUrl: world.bare, branch, wipRef, dir: dir2 });
    await world.write(dir2, 'a.txt', 'changed\n');

    const call = verb === 'commit' ? workspace.commit(checkout, 'm') : workspace.saveWork(checkout);

    expect(AbcaError.is(await call.catch((error: unknown) => error), 'WORKSPACE_DISK_FULL')).toBe(true);
    expect(await exists(dir)).toBe(true);
  });

  test('an abort ends git and everything it started', async () => {
    const { world, checkout, dir } = await aCheckout();
    const started = join(world.root, 'started');
    await aProgram(
      join(world.bare, 'hooks', 'pre-receive'),
      `echo $$ > ${started}.tmp; mv ${started}.tmp ${started}; sleep 60`,
    );
    await world.write(dir, 'a.txt', 'changed\n');
    await world.workspace.commit(checkout, 'change');
    const controller = new AbortController();
    const reason = new Error('enough');
    const push = world.workspace.push(checkout, { signal: controller.signal });
    while (!(await exists(started))) await new Promise((resolve) => setImmediate(resolve));
    const pid = Number(await world.read(world.root, 'started'));

    controller.abort(reason);

    await expect(push).rejects.toBe(reason);
    while (await isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
    expect(await isAlive(pid)).toBe(false);
  });

  test('gives up on a git that does not end', async () => {
    const { world } = await aCheckout();
    await aProgram(join(world.root, 'bin', 'git'), 'exec sleep 60');
    const workspace = new GitWorkspace({
      ...world.options,
      pathEnv: `${join(world.root, 'bin')}:${world.options.pathEnv}`,
      timeoutMs: 50,
    });

    const checkout = workspace.checkout({ cloneUrl: world.bare, branch, wipRef, dir: await world.newDir() });

    await expect(checkout).rejects.toMatchObject({ code: 'WORKSPACE_ERROR', retryable: true });
  });

  test('says what to install when there is no git', async () => {
    const { world } = await aCheckout();
    const workspace = new GitWorkspace({ ...world.options, pathEnv: join(world.root, 'nothing') });

    const checkout = workspace.checkout({ cloneUrl: world.bare, branch, wipRef, dir: await world.newDir() });

    await expect(checkout).rejects.toMatchObject({
      code: 'WORKSPACE_ERROR',
      message: expect.stringContaining('git 2.30'),
    });
  });

  test('asks for credentials before each operation and stores none', async () => {
    const asked: string[] = [];
    const world = await createGitWorld(
      { 'a.txt': 'one\n' },
      {
        credentials: async ({ operation }) => {
          asked.push(operation);
          return { environment: { TEST_TOKEN: 'hunter2' }, config: ['credential.helper=!test-helper'] };
        },
      },
    );
    const dir = await world.newDir();
    const checkout = await world.workspace.checkout({ cloneUrl: world.bare, branch, wipRef, dir });
    await world.write(dir, 'a.txt', 'changed\n');
    await world.workspace.commit(checkout, 'change');
    await world.workspace.push(checkout);

    expect(asked).toStrictEqual(['read', 'read', 'write']);
    expect(await world.read(dir, '.git/config')).not.toMatch(/hunter2|test-helper/);
  });

  test('uses a SHA-256 repository', async () => {
    const world = await createGitWorld({ 'a.txt': 'one\n' }, { initArgs: ['--object-format=sha256'] });
    const dir = await world.newDir();
    const checkout = await world.workspace.checkout({ cloneUrl: world.bare, branch, wipRef, dir });
    await world.write(dir, 'a.txt', 'changed\n');

    expect((await world.workspace.saveWork(checkout)).kind).toBe('saved');
    expect((await world.workspace.commit(checkout, 'change')).sha).toHaveLength(64);
    expect((await world.workspace.push(checkout)).kind).toBe('pushed');
  });
});
