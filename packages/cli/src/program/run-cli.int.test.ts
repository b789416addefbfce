import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cli, endRuns, startCli, type RunOptions } from '../cli.test-kit.ts';
import { aReceipt, FakeApi, fakeTaskId, isoAt } from '../fake-api.test-kit.ts';

let api: FakeApi;
let folder: string;

beforeEach(async () => {
  api = await FakeApi.start();
  folder = mkdtempSync(join(tmpdir(), 'abca-cli-'));
});
afterEach(async () => {
  await endRuns();
  await api.close();
  rmSync(folder, { recursive: true });
});

const known = (options: RunOptions = {}): RunOptions => ({
  cwd: folder,
  ...options,
  env: { ABCA_URL: api.url, ABCA_TOKEN: api.token, ...options.env },
});
const taskId = fakeTaskId(1);
const jsonLines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);

/** A task that has run to its end. */
function completed(): void {
  api.addRepo('acme/shop', '/nowhere/shop.git');
  api.addTask();
  api.append(taskId, 'task_created', { repo: 'acme/shop', task_type: 'new_task' });
  api.finish(
    taskId,
    {
      status: 'COMPLETED',
      receipt: aReceipt(),
      usage: { turns: 5, cost_usd: 0.0123, input_tokens: 12_345, output_tokens: 678, model: 'scripted' },
    },
    'task_completed',
    { outcome: 'delivered', turns: 5, cost_usd: 0.0123 },
  );
}

describe('submit', () => {
  const awkward = `It's "quoted" $HOME \`x\` \\n\n\ttab — Grüße 🎉👩‍👩‍👧 ${'ab🎉'.repeat(2_480)}`
    .padEnd(10_000, '.')
    .slice(0, 10_000);

  test.each(['--task', '--task-file', 'stdin'])('takes 10,000 characters intact through %s', async (way) => {
    api.addRepo('acme/shop', '/srv/shop.git');
    writeFileSync(join(folder, 'task.md'), awkward);
    const how = { '--task': ['--task', awkward], '--task-file': ['--task-file', 'task.md'], stdin: ['--task', '-'] }[
      way
    ]!;

    const { code, stdout, stderr } = await cli(['submit', '--repo', 'acme/shop', ...how], known({ stdin: awkward }));

    expect(stderr).toBe(`submitted to acme/shop\nwatch it with: bgagent watch ${taskId}\n`);
    expect({ code, stdout }).toStrictEqual({ code: 0, stdout: `${taskId}\n` });
    expect(api.tasks.get(taskId)?.task_description).toBe(awkward);
  });

  test('sends what its flags say', async () => {
    api.addRepo('acme/shop', '/srv/shop.git');

    await cli(
      'submit --repo acme/shop --task fix --base dev --type pr_iteration --pr 7 --issue 3 --max-turns 9 --max-budget 1.5 --approval-timeout 60 --idempotency-key k1'.split(
        ' ',
      ),
      known(),
    );

    const { body, headers } = api.requests[0]!;
    expect(body).toStrictEqual({
      repo: 'acme/shop',
      task_description: 'fix',
      task_type: 'pr_iteration',
      base_branch: 'dev',
      issue_number: 3,
      pr_number: 7,
      max_turns: 9,
      max_budget_usd: 1.5,
      approval_timeout_s: 60,
    });
    expect(headers['idempotency-key']).toBe('k1');
  });

  test('gives the same task for the same key and says so', async () => {
    api.addRepo('acme/shop', '/srv/shop.git');
    const args = ['submit', '--repo', 'acme/shop', '--task', 'fix', '--idempotency-key', 'k1'];

    const first = await cli(args, known());
    const second = await cli(args, known());

    expect(second.stdout).toBe(first.stdout);
    expect(second.stderr).toContain(`this key made task ${taskId} before; it is SUBMITTED`);
  });

  test('repeats a request that a busy platform refused, with the same key, after the time it asks for', async () => {
    api.addRepo('acme/shop', '/srv/shop.git');
    api.failNext(503, { retryAfterS: 2, times: 2 });

    const { code, waits } = await cli(['submit', '--repo', 'acme/shop', '--task', 'fix'], known());

    expect({ code, waits }).toStrictEqual({ code: 0, waits: [2_000, 2_000] });
    expect(new Set(api.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  test('gives up on a platform that stays busy', async () => {
    api.failNext(503, { times: 10 });

    const { code, stderr } = await cli(['submit', '--repo', 'acme/shop', '--task', 'fix'], known());

    expect(code).toBe(1);
    expect(stderr).toBe(
      'error: the store is busy (SERVICE_UNAVAILABLE)\ntry again in a moment; bgagent doctor tells what is wrong\n',
    );
    expect(api.requests).toHaveLength(4);
  });

  test.each([
    [['--task', 'x', '--task-file', 'y'], 'both --task and --task-file are given'],
    [[], 'the task is missing'],
    [['--task-file', 'nowhere.md'], 'cannot be read: ENOENT'],
    [['--task', 'x', '--max-turns', '0'], 'It must be a whole number of 1 or more.'],
    [['--task', 'x', '--type', 'chore'], 'Allowed choices are new_task, pr_iteration, pr_review.'],
  ])('refuses %j before anything is sent', async (flags, message) => {
    const { code, stderr } = await cli(['submit', '--repo', 'acme/shop', ...flags], known());

    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(api.requests).toStrictEqual([]);
  });

  test('tells what the platform says of a longer task and of an unknown repository', async () => {
    api.addRepo('acme/shop', '/srv/shop.git');

    const long = await cli(['submit', '--repo', 'acme/shop', '--task', 'x'.repeat(10_001)], known());
    const unknown = await cli(['submit', '--repo', 'acme/none', '--task', 'x', '--json'], known());

    expect([long.code, unknown.code]).toStrictEqual([1, 1]);
    expect(long.stderr).toContain('<=10000 characters (VALIDATION_ERROR)');
    expect(jsonLines(unknown.stderr)).toStrictEqual([
      {
        code: 'REPO_NOT_ONBOARDED',
        message: 'repository acme/none has not been added',
        suggestion: 'add the repository with: bgagent repo add <path or URL>',
      },
    ]);
  });
});

describe('list and status', () => {
  test('show tables to people and tabs to programs', async () => {
    api.addTask();
    api.addTask({ task_id: fakeTaskId(2) as never, status: 'QUEUED', task_description: 'Second\ntask' });

    const people = await cli(['list'], known({ terminal: true }));
    const program = await cli(['list'], known());

    expect(people.stdout.split('\n').map((line) => line.trimEnd())).toStrictEqual([
      expect.stringContaining('ID                          STATUS   REPO       TASK              AGE'),
      `${fakeTaskId(2)}  QUEUED   acme/shop  Second task       5m ago`,
      `${fakeTaskId(1)}  RUNNING  acme/shop  Fix the discount  5m ago`,
      '',
    ]);
    expect(program.stdout).toBe(
      `${fakeTaskId(2)}\tQUEUED\tacme/shop\tSecond task\t${isoAt(0)}\n${fakeTaskId(1)}\tRUNNING\tacme/shop\tFix the discount\t${isoAt(0)}\n`,
    );
  });

  test('go through all pages up to the limit', async () => {
    for (let n = 1; n <= 250; n += 1) api.addTask({ task_id: fakeTaskId(n) as never });

    const { stdout } = await cli(['list', '--limit', '230', '--jq', 'length'], known());

    expect(stdout).toBe('230\n');
    expect(api.requests).toHaveLength(3);
  });

  test('filter by status', async () => {
    api.addTask();
    api.addTask({ task_id: fakeTaskId(2) as never, status: 'QUEUED' });

    const { stdout } = await cli(['list', '--status', 'queued,failed', '--json', 'task_id,status'], known());

    expect(JSON.parse(stdout)).toStrictEqual([{ task_id: fakeTaskId(2), status: 'QUEUED' }]);
  });

  test('say what to do when there is nothing, on stderr', async () => {
    const { code, stdout, stderr } = await cli(['list'], known());

    expect({ code, stdout }).toStrictEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('bgagent submit');
  });

  test('give the wire fields as JSON, also with --json before the task', async () => {
    const task = api.addTask();

    const all = await cli(['status', '--json', taskId], known());
    const some = await cli(['status', taskId, '--json', 'status,repo'], known());
    const one = await cli(['status', taskId, '--jq', '.status'], known());

    expect(JSON.parse(all.stdout)).toStrictEqual(task);
    expect(JSON.parse(some.stdout)).toStrictEqual({ status: 'RUNNING', repo: 'acme/shop' });
    expect(one.stdout).toBe('RUNNING\n');
  });

  test('name the fields there are when one is unknown, and say where jq stumbled', async () => {
    api.addTask();

    const field = await cli(['list', '--json', 'id'], known());
    const jq = await cli(['list', '--jq', '.['], known());

    expect([field.code, jq.code]).toStrictEqual([2, 2]);
    expect(jsonLines(field.stderr)).toMatchObject([
      { code: 'USAGE', message: 'unknown field for --json: id', suggestion: expect.stringContaining('task_id, repo,') },
    ]);
    expect(jsonLines(jq.stderr)).toMatchObject([{ code: 'USAGE', message: expect.stringContaining('.[: jq: error') }]);
  });

  test('show a receipt with a command that works when pasted', async () => {
    completed();

    const { stdout } = await cli(['status', taskId], known());

    expect(stdout).toContain('  commit    1234567890abcdef1234567890abcdef12345678 (1 commit on main)\n');
    expect(stdout).toContain(
      'Look at it:\n  git fetch /nowhere/shop.git abca/zzzz0001/fix-the-discount && git diff 0000000000000000000000000000000000000000...FETCH_HEAD\n',
    );
  });

  test('let no escape sequence of a server reach a terminal', async () => {
    const evil = 'a\u001b]0;owned\u0007\u001b[31mred\u009b2J\u0008\rb';
    api.addTask({
      task_description: evil,
      summary: evil,
      failure: { code: 'AGENT_FAILED', message: evil },
      ended_at: isoAt(1),
    });

    const shown = await cli(['status', taskId], known({ terminal: true, env: { NO_COLOR: '1' } }));
    const table = await cli(['list'], known({ terminal: true, env: { NO_COLOR: '1' } }));
    const json = await cli(['status', taskId, '--json'], known({ terminal: true }));
    const jq = await cli(['status', taskId, '--jq', '.summary'], known({ terminal: true }));

    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
    for (const { stdout } of [shown, table, json, jq]) expect(stdout).not.toMatch(controls);
    expect((JSON.parse(json.stdout) as { summary: string }).summary).toBe(evil);
  });

  test('colour only for a terminal that wants it', async () => {
    api.addTask();

    const shows = async (options: RunOptions): Promise<boolean> =>
      (await cli(['status', taskId], known(options))).stdout.includes('\u001b[');

    expect(await shows({ terminal: true })).toBe(true);
    expect(await shows({ terminal: true, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await shows({ terminal: true, env: { TERM: 'dumb' } })).toBe(false);
    expect(await shows({})).toBe(false);
  });
});

describe('watch', () => {
  test('shows each event and the receipt, and ends with 0 for COMPLETED', async () => {
    completed();

    const { code, stdout, stderr } = await cli(['watch', taskId], known());

    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
     "   +0.1s  submitted    acme/shop · new_task
        +0.2s  completed    delivered · 5 turns · $0.0123

     COMPLETED in 4.1s · delivered and verified on the remote
       branch    abca/zzzz0001/fix-the-discount
       commit    1234567890abcdef1234567890abcdef12345678 (1 commit on main)
       diff      1 file changed, +1 −1
       pr        #1 file:///srv/demo.git#abca/pulls/1
       model     scripted
       spent     $0.0123 · 5 turns · 12,345 tokens in, 678 out
     Look at it:
       git fetch /nowhere/shop.git abca/zzzz0001/fix-the-discount && git diff 0000000000000000000000000000000000000000...FETCH_HEAD
     "
    `);
  });

  test('ends with 1 for a task that failed, and says why', async () => {
    api.addTask();
    const failure = { code: 'PUSH_REJECTED', message: 'the remote refused the push: hook declined' } as const;
    api.finish(
      taskId,
      {
        status: 'FAILED',
        failure,
        receipt: aReceipt({ outcome: 'work_saved', wip_ref: 'refs/abca/1/wip', wip_sha: 'f'.repeat(40) }),
      },
      'task_failed',
      failure,
    );

    const people = await cli(['watch', taskId], known());
    const program = await cli(['watch', taskId, '--json', 'seq,event_type'], known());

    expect([people.code, program.code]).toStrictEqual([1, 1]);
    expect(people.stdout).toContain('FAILED in 4.1s · not delivered, but the work is saved on the remote');
    expect(people.stdout).toContain('  why       PUSH_REJECTED: the remote refused the push: hook declined');
    expect(jsonLines(program.stdout)).toStrictEqual([{ seq: 1, event_type: 'task_failed' }]);
    expect(jsonLines(program.stderr)).toMatchObject([{ code: 'PUSH_REJECTED' }]);
  });

  test('detaches at Ctrl-C with 130 and cancels nothing', async () => {
    api.addTask();
    api.append(taskId, 'task_created', { repo: 'acme/shop', task_type: 'new_task' });
    const run = startCli(['watch', taskId], known());
    await run.shows('submitted');

    run.interrupt();

    expect(await run.result).toBe(130);
    expect(run.stderr()).toBe(
      `detached; task ${taskId} goes on\nwatch it again with: bgagent watch ${taskId}; end it with: bgagent cancel ${taskId}\n`,
    );
    expect(api.requests.map(({ method }) => method)).not.toContain('DELETE');
  });

  test('submit --watch follows the task it made', async () => {
    api.addRepo('acme/shop', '/srv/shop.git');
    const run = startCli(['submit', '--repo', 'acme/shop', '--task', 'fix', '--watch'], known());
    await run.shows('submitted    acme/shop');
    api.finish(taskId, { status: 'COMPLETED', receipt: aReceipt() }, 'task_completed', {
      outcome: 'delivered',
      turns: 1,
      cost_usd: 0,
    });

    expect(await run.result).toBe(0);
    expect(run.stdout().startsWith(`${taskId}\n`)).toBe(true);
  });
});

describe('events', () => {
  test('shows a part of the log, or follows it', async () => {
    completed();

    const part = await cli(['events', taskId, '--after', '1', '--json', 'seq'], known());
    const followed = await cli(['events', taskId, '--follow', '--jq', '.seq'], known());
    const people = await cli(['events', taskId, '--limit', '1'], known());

    expect(JSON.parse(part.stdout)).toStrictEqual([{ seq: 2 }]);
    expect(followed.stdout).toBe('1\n2\n');
    expect(people.stdout).toBe(`    1  ${isoAt(100)}  task_created          submitted  acme/shop · new_task\n`);
  });
});

describe('cancel', () => {
  test('says how the stop was proven', async () => {
    api.addTask();

    const { code, stdout } = await cli(['cancel', taskId], known());

    expect({ code, stdout }).toStrictEqual({
      code: 0,
      stdout: `CANCELLED  ${taskId}  stopped: the process group is gone\n`,
    });
  });

  test('ends with 1 when the compute may still run, and for a task that has ended', async () => {
    api.addTask();
    api.stop = { outcome: 'failed', description: 'the session may still run' };

    const failed = await cli(['cancel', taskId], known());
    const again = await cli(['cancel', taskId, '--json'], known());

    expect([failed.code, again.code]).toStrictEqual([1, 1]);
    expect(failed.stdout).toContain('the session may still run');
    expect(jsonLines(again.stderr)).toMatchObject([{ code: 'TASK_ALREADY_TERMINAL' }]);
  });
});

describe('repo', () => {
  test('adds a folder under its own name, lists it and removes it', async () => {
    const added = await cli(['repo', 'add', '.', '--protect', 'main,release', '--max-turns', '5'], known());
    const name = added.stdout.trim();
    const listed = await cli(['repo', 'list', '--jq', '.[].repo'], known());
    const removed = await cli(['repo', 'remove', name], known());
    const gone = await cli(['repo', 'rm', name], known());

    expect(name).toMatch(/^local\/abca-cli-/);
    expect(api.requests.find(({ method }) => method === 'POST')?.body).toMatchObject({
      blueprint: { protected_branches: ['main', 'release'], max_turns: 5 },
    });
    expect(listed.stdout).toBe(added.stdout);
    expect([removed.code, gone.code]).toStrictEqual([0, 1]);
    expect(gone.stderr).toContain('REPO_NOT_FOUND');
  });

  const github = ['repo', 'add', 'https://github.com/acme/shop', '--forge', 'github'];
  const sent = () => api.requests.findLast(({ method }) => method === 'POST')?.body;

  test.each([
    [['--triggers'], {}, 'the label abca on an issue, or a comment that begins with @abca, starts a task of ann\n'],
    [['--trigger-label', 'do it'], { label: 'do it' }, 'the label do it on an issue'],
    [['--triggers', '--trigger-mention', '@hal'], { mention: '@hal' }, 'a comment that begins with @hal, starts'],
  ])('lets words on GitHub start tasks: %j', async (flags, triggers, told) => {
    const { code, stdout, stderr } = await cli([...github, ...flags, '--draft'], known());

    expect({ code, stdout }).toStrictEqual({ code: 0, stdout: 'acme/shop\n' });
    expect(stderr).toContain(told);
    expect(sent()).toStrictEqual({
      repo: 'acme/shop',
      clone_url: 'https://github.com/acme/shop',
      forge: 'github',
      blueprint: { pull_request: { draft: true }, triggers },
    });
  });

  test.each([[['--triggers']], [['--trigger-label', 'x']], [['--trigger-mention', '@x', '--forge', 'git']]])(
    'refuses %j of a repository that is not on GitHub, before anything is sent',
    async (flags) => {
      const { code, stderr } = await cli(['repo', 'add', 'https://github.com/acme/shop', ...flags], known());

      expect(code).toBe(2);
      expect(stderr).toContain('add --forge github');
      expect(api.requests).toStrictEqual([]);
    },
  );

  test.each([
    [[], 'it is not on GitHub any more'],
    [['--forge', 'github'], 'nothing on GitHub starts its tasks any more'],
  ])('says what is lost when a repository is added again with %j', async (flags, told) => {
    await cli([...github, '--triggers'], known());

    const again = await cli(['repo', 'add', 'https://github.com/acme/shop', ...flags], known());
    const third = await cli(['repo', 'add', 'https://github.com/acme/shop', ...flags], known());

    expect(again.stderr).toContain(told);
    expect(third.stderr).toBe('added https://github.com/acme/shop\n');
  });
});

describe('errors', () => {
  test('an unknown caller ends with 4', async () => {
    const people = await cli(['list'], known({ env: { ABCA_TOKEN: 'wrong' } }));
    const program = await cli(['list', '--json'], known({ env: { ABCA_TOKEN: 'wrong' } }));

    expect([people.code, program.code]).toStrictEqual([4, 4]);
    expect(people.stderr).toContain('error: the token is missing or not valid (UNAUTHORIZED)\npass the token');
    expect(jsonLines(program.stderr)).toMatchObject([{ code: 'UNAUTHORIZED', suggestion: expect.any(String) }]);
  });

  test('an unknown task ends with 1', async () => {
    const { code, stderr } = await cli(['watch', 'nonsense'], known());

    expect(code).toBe(1);
    expect(stderr).toBe('error: no task nonsense (TASK_NOT_FOUND)\nsee the ids of your tasks with: bgagent list\n');
  });

  test.each([
    [['list'], 1, 'PLATFORM_NOT_FOUND'],
    [['list', '--url', 'ftp://x'], 2, 'USAGE'],
    [['list', '--url', 'http://127.0.0.1:9', '--token', 't'], 1, 'PLATFORM_UNREACHABLE'],
    [['list', '--limit', 'many'], 2, 'USAGE'],
    [['list', '--no-such-flag'], 2, 'USAGE'],
    [['lits'], 2, 'USAGE'],
    [['repo'], 2, 'USAGE'],
    [['status'], 2, 'USAGE'],
  ])('%j ends with %d and %s', async (args, code, name) => {
    const run = await cli([...args, ...(args[0] === 'list' ? ['--json'] : [])], { cwd: folder });

    expect(run.code).toBe(code);
    if (args[0] === 'list') expect(jsonLines(run.stderr)).toMatchObject([{ code: name, message: expect.any(String) }]);
    else expect(run.stderr).toContain('error: ');
    expect(run.stdout).toBe('');
  });

  test('a server that is no platform is told from one', async () => {
    api.failNext(502, { code: 'x' });
    const { code, stderr } = await cli(['list', '--url', `${api.url}/elsewhere`, '--token', api.token], {
      cwd: folder,
    });

    expect(code).toBe(1);
    expect(stderr).toContain('error:');
  });
});

describe('help', () => {
  test.each([
    [['--help']],
    ...['demo', 'up', 'submit', 'list', 'status', 'watch', 'events', 'cancel', 'repo', 'doctor', 'completion'].map(
      (name) => [[name, '--help']],
    ),
    ...['pending', 'approve', 'deny', 'nudge', 'policies', 'policy'].map((name) => [[name, '--help']]),
    ...['slack', 'github', 'email'].map((channel) => [['notifications', 'configure', channel, '--help']]),
    [['ops', '--help']],
    ...['sessions', 'stop', 'reconcile'].map((name) => [['ops', name, '--help']]),
    [['repo', 'add', '--help']],
    [['repo', 'policy', '--help']],
    [['repo', 'policy', 'set', '--help']],
    ...['check', 'test', 'explain'].map((name) => [['policy', name, '--help']]),
  ])('%j', async (args) => {
    const { code, stdout, stderr } = await cli(args);

    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchSnapshot();
  });

  test('is what stands there when nothing is asked', async () => {
    expect(await cli([])).toMatchObject({ code: 0, stdout: (await cli(['--help'])).stdout });
  });
});
