import { AbcaError } from '@abca/core';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseScript } from '@abca/scripted-model';
import { cli, endRuns, startCli, type CliRun } from '../cli.test-kit.ts';
import { aReceipt, FakeApi, fakeTaskId } from '../fake-api.test-kit.ts';
import type { TaskView } from '../client/wire-types.ts';
import type { LocalPlatformModule, PlatformFlags } from '../platform/local-platform.ts';
import { demoBug, demoTestCommand } from './demo-files.ts';
import { demoScript } from './demo-script.ts';
import { makeDemoRepo } from './make-demo-repo.ts';
import { runGit } from './run-git.ts';

const env = { PATH: process.env['PATH'] ?? '' };
let api: FakeApi;
let folder: string;
let stops: string[];
let flags: PlatformFlags | undefined;

beforeEach(async () => {
  api = await FakeApi.start();
  folder = mkdtempSync(join(tmpdir(), 'abca-demo-test-'));
  stops = [];
  flags = undefined;
});
afterEach(async () => {
  await endRuns();
  await api.close();
  rmSync(folder, { recursive: true });
});

/** A platform that is the fake API; `graceful` hangs until `now` when told to. */
function local({
  hasKey = false,
  hangs = false,
  failed = new Promise<AbcaError>(() => undefined),
} = {}): LocalPlatformModule {
  const now = Promise.withResolvers<undefined>();
  return {
    hasModelCredentials: () => hasKey,
    loadPlatformConfig: ({ flags: given = {} }) => {
      flags = given;
      return { dataDir: folder, host: '127.0.0.1', port: 0, modelScript: given.modelScript };
    },
    startPlatform: () =>
      Promise.resolve({
        url: api.url,
        token: api.token,
        dataDir: folder,
        modelLabel: hasKey ? 'claude-x (Anthropic API)' : 'scripted',
        failed,
        stop: (mode) => {
          stops.push(mode);
          if (mode === 'now') now.resolve(undefined);
          return mode === 'graceful' && hangs ? now.promise : Promise.resolve();
        },
      }),
  };
}

const taskId = fakeTaskId(1);
const options = (module = local()) => ({ cwd: folder, env, local: module });

async function finishWhenSubmitted(run: CliRun, status: 'COMPLETED' | 'FAILED'): Promise<void> {
  await run.shows('submitted    ');
  const failure = { code: 'AGENT_FAILED', message: 'it broke' } as const;
  if (status === 'COMPLETED') {
    api.finish(taskId, { status, receipt: aReceipt() }, 'task_completed', {
      outcome: 'delivered',
      turns: 1,
      cost_usd: 0,
    });
  } else api.finish(taskId, { status, failure }, 'task_failed', failure);
}

describe('makeDemoRepo()', () => {
  function runTests(cwd: string): { status: number | null; output: string } {
    const [command, ...args] = demoTestCommand.split(' ');
    const { status, stdout, stderr } = spawnSync(command!, args, {
      cwd,
      env: { ...env, HOME: folder },
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  }

  test('makes a repository whose test fails on main and passes with the edit of the script', async () => {
    const { path, headSha } = await makeDemoRepo(folder, env);
    const clone = join(folder, 'clone');
    await runGit(['clone', '--quiet', path, clone], { cwd: folder, env });
    const script = parseScript(demoScript());
    const file = join(clone, demoBug.file);

    const before = runTests(clone);
    writeFileSync(file, readFileSync(file, 'utf8').replace(demoBug.faulty, demoBug.fixed));
    const after = runTests(clone);

    expect(before.status).toBe(1);
    expect(before.output).toContain('fail 1');
    expect(after.status).toBe(0);
    expect(after.output).toContain('fail 0');
    expect(headSha).toMatch(/^[0-9a-f]{40}$/);
    expect(JSON.stringify(script)).toContain(JSON.stringify(demoBug.fixed));
  });

  test('makes the same commit at every run, whatever the configuration of the machine', async () => {
    const one = await makeDemoRepo(join(folder, 'one'), env);
    const two = await makeDemoRepo(join(folder, 'two'), { ...env, GIT_AUTHOR_NAME: 'somebody', HOME: '/nowhere' });

    expect(one.headSha).toBe(two.headSha);
  });

  test('says what to do without git', async () => {
    await expect(makeDemoRepo(folder, { PATH: folder })).rejects.toMatchObject({
      suggestion: expect.stringContaining('doctor'),
    });
  });
});

describe('demo', () => {
  test('goes from a made repository to a receipt, and ends everything but the repository', async () => {
    const run = startCli(['demo'], options());
    await finishWhenSubmitted(run, 'COMPLETED');

    expect(await run.result).toBe(0);
    const made = /made a repository with a failing test: (.*)/.exec(run.stderr())?.[1] ?? '';
    expect(run.stderr()).toContain('model scripted');
    expect(run.stdout()).toContain(`git --git-dir=${made} diff main...abca/zzzz0001/fix-the-discount`);
    expect(run.stderr()).toContain('bgagent up');
    expect(stops).toStrictEqual(['graceful']);
    expect(flags).toMatchObject({
      port: 0,
      ownSessions: true,
      modelScript: expect.stringContaining('demo-script.json'),
    });
    expect([existsSync(made), existsSync(join(made, '../platform'))]).toStrictEqual([true, false]);
    rmSync(join(made, '..'), { recursive: true });
  });

  test('keeps the log and ends with 1 when the task fails', async () => {
    const run = startCli(['demo', '--data-dir', 'kept'], options());
    await finishWhenSubmitted(run, 'FAILED');

    expect(await run.result).toBe(1);
    expect(run.stderr()).toContain(`the log of the platform is kept: ${join(folder, 'kept/platform.log')}`);
    expect(stops).toStrictEqual(['graceful']);
    expect(existsSync(join(folder, 'kept/demo-script.json'))).toBe(true);
  });

  test.each([
    ['the built-in one without a terminal', ['demo'], false],
    ['one of the person’s own with --yes', ['demo', '--repo', 'REPO', '--task', 'x', '--yes'], true],
  ])('approves what is asked in %s, and says so', async (_what, args, hasKey) => {
    const { path } = await makeDemoRepo(folder, env);
    const run = startCli(
      args.map((arg) => (arg === 'REPO' ? path : arg)),
      options(local({ hasKey })),
    );
    await run.shows('submitted    ');
    api.ask({ task_id: taskId as TaskView['task_id'] });
    await run.shows('approved without asking, this call only');
    await finishWhenSubmitted(run, 'COMPLETED');

    expect(await run.result).toBe(0);
    expect(api.requests.filter(({ path: asked }) => asked.endsWith('/approve'))).toHaveLength(1);
  });

  test('approves nothing in a repository of the person’s own without a terminal or --yes', async () => {
    const { path } = await makeDemoRepo(folder, env);
    const run = startCli(['demo', '--repo', path, '--task', 'x'], options(local({ hasKey: true })));
    await run.shows('submitted    ');
    api.ask({ task_id: taskId as TaskView['task_id'] });
    await run.shows('nobody is here to ask');
    await finishWhenSubmitted(run, 'COMPLETED');

    expect(await run.result).toBe(0);
    expect(run.stderr()).toMatch(/bgagent approve \S+ \S+ --data-dir \S+/);
    expect(api.requests.some(({ path: asked }) => asked.endsWith('/approve'))).toBe(false);
  });

  test('permits with the built-in task what its script says was permitted', async () => {
    const run = startCli(['demo'], options());
    await finishWhenSubmitted(run, 'COMPLETED');

    expect(await run.result).toBe(0);
    const submitted = api.requests.find(({ method, path }) => method === 'POST' && path === '/v1/tasks');
    expect(submitted?.body).toMatchObject({ initial_approvals: ['write_path:.npmrc'] });
    expect(JSON.stringify(demoScript())).toContain('write_path:.npmrc');
  });

  test('stops in order at Ctrl-C, at once at the second, and ends with 130', async () => {
    const run = startCli(['demo', '--data-dir', 'kept'], options(local({ hangs: true })));
    await run.shows('submitted    ');
    run.interrupt();
    await run.shows('stopping in order');
    run.interrupt();

    expect(await run.result).toBe(130);
    expect(stops).toStrictEqual(['graceful', 'now']);
  });

  test('ends the platform when the work on it throws', async () => {
    api.failNext(401, { code: 'UNAUTHORIZED', message: 'no' });

    const { code } = await cli(['demo', '--data-dir', 'kept'], options());

    expect(code).toBe(4);
    expect(stops).toStrictEqual(['graceful']);
  });

  test("runs a task of the person's own with a real model", async () => {
    const { path } = await makeDemoRepo(folder, env);
    const run = startCli(
      ['demo', '--repo', path, '--task', 'do it', '--base', 'main', '--data-dir', 'kept'],
      options(local({ hasKey: true })),
    );
    await finishWhenSubmitted(run, 'COMPLETED');

    expect(await run.result).toBe(0);
    expect(run.stderr()).toContain('model claude-x (Anthropic API)');
    expect(api.requests.map(({ body }) => body).filter(Boolean)).toStrictEqual([
      { repo: 'local/demo', clone_url: path },
      { repo: 'local/demo', task_description: 'do it', base_branch: 'main' },
    ]);
  });

  test.each([
    [['--repo', '.', '--task', 'x'], false, 1, 'needs a real model'],
    [['--task', 'x'], false, 1, 'needs a real model'],
    [['--repo', '.'], true, 2, 'without a task'],
    [['--repo', 'nowhere', '--task', 'x'], true, 2, 'neither a folder nor the URL'],
    [['--base', 'dev'], false, 2, '--base is for a repository of your own'],
    [['--script', 's.json'], true, 2, 'has credentials for a real model'],
    [['--script', 'nowhere.json', '--repo', '.', '--task', 'x'], false, 1, 'is no script of the scripted model'],
  ])('%j with credentials %s ends with %d before anything is started', async (args, hasKey, code, message) => {
    const run = await cli(['demo', ...args], options(local({ hasKey })));

    expect(run.code).toBe(code);
    expect(run.stderr).toContain(message);
    expect(flags).toBeUndefined();
  });
});

describe('up', () => {
  test('prints one address and ends in order at Ctrl-C', async () => {
    const run = startCli(['up', '--port', '0', '--data-dir', 'x'], options());
    await run.shows('Ctrl-C ends it');
    run.interrupt();

    expect(await run.result).toBe(0);
    expect(run.stdout()).toBe(`${api.url}\n`);
    expect(stops).toStrictEqual(['graceful']);
    expect(flags).toStrictEqual({ port: 0, dataDir: 'x' });
  });

  test('passes on what connects it with GitHub, Slack and mail', async () => {
    const said =
      'up --github-url http://127.0.0.1:1/api --github-app-id 4711 --github-app-key app.pem --slack-url http://127.0.0.1:2/api/ --smtp smtp://127.0.0.1:1025 --email-from abca@example.com --public-url https://abca.example.com';
    const run = startCli(said.split(' '), options());
    await run.shows('Ctrl-C ends it');
    run.interrupt();

    expect(await run.result).toBe(0);
    expect(flags).toStrictEqual({
      githubUrl: 'http://127.0.0.1:1/api',
      githubAppId: 4711,
      githubAppKey: 'app.pem',
      slackUrl: 'http://127.0.0.1:2/api/',
      smtp: 'smtp://127.0.0.1:1025',
      emailFrom: 'abca@example.com',
      publicUrl: 'https://abca.example.com',
    });
  });

  test.each([
    '--github-token',
    '--github-webhook-secret',
    '--webhook-secret',
    '--slack-token',
    '--slack-signing-secret',
  ])('has no flag %s: it would show in the list of processes', async (flag) => {
    const { code, stderr } = await cli(['up', flag, 'a-secret-of-16-chars'], options());

    expect([code, flags]).toStrictEqual([2, undefined]);
    expect(stderr).toContain(`unknown option '${flag}'`);
    expect(stderr).not.toContain('a-secret-of-16-chars');
  });

  test('ends at once at the second Ctrl-C', async () => {
    const run = startCli(['up'], options(local({ hangs: true })));
    await run.shows('Ctrl-C ends it');
    run.interrupt();
    await run.shows('stopping in order');
    run.interrupt();

    expect(await run.result).toBe(0);
    expect(stops).toStrictEqual(['graceful', 'now']);
  });

  test('ends with the reason when a part of the platform has ended by itself', async () => {
    const broken = new AbcaError('CHILD_PROCESS_FAILED', 'the database is gone; start the platform again');
    const run = startCli(['up'], options(local({ failed: Promise.resolve(broken) })));

    expect(await run.result).toBe(1);
    expect(run.stderr()).toContain('the database is gone');
    expect(stops).toStrictEqual(['now']);
  });

  test('says that a scripted model without a script does no work', async () => {
    const run = startCli(['up'], options());
    await run.shows('tasks change nothing: set ANTHROPIC_API_KEY');
    run.interrupt();

    expect(await run.result).toBe(0);
  });
});
