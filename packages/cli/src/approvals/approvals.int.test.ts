import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cli, endRuns, startCli, type CliRun, type RunOptions } from '../cli.test-kit.ts';
import { aPending, aReceipt, FakeApi, fakeTaskId } from '../fake-api.test-kit.ts';

let api: FakeApi;
let folder: string;

beforeEach(async () => {
  api = await FakeApi.start();
  folder = mkdtempSync(join(tmpdir(), 'abca-approvals-'));
});
afterEach(async () => {
  await endRuns();
  await api.close();
  rmSync(folder, { recursive: true });
});

const known = (options: RunOptions = {}): RunOptions => ({
  cwd: folder,
  ...options,
  env: { ABCA_URL: api.url, ABCA_TOKEN: api.token, NO_COLOR: '1', ...options.env },
});
const taskId = fakeTaskId(1);
const { request_id: requestId } = aPending();
/** What was sent to decide. */
const sent = (): unknown[] =>
  api.requests
    .filter(({ method, path }) => method === 'POST' && /\/(approve|deny|nudges)$/.test(path))
    .map(({ path, body }) => [path.split('/').at(-1), body]);
/** The spinner turns as often as the machine is slow. */
const withoutSpinner = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- the escape sequence that clears a line
  text.replaceAll(/\r\u001b\[2K(?:[\u2800-\u28ff] \S+)?/g, '');
const finish = (): void => {
  api.finish(taskId, { status: 'COMPLETED', receipt: aReceipt() }, 'task_completed', {
    outcome: 'delivered',
    turns: 1,
    cost_usd: 0,
  });
};

describe('approve', () => {
  test('permits the one call that the task waits for', async () => {
    api.addTask();
    api.ask();

    const { code, stdout } = await cli(['approve', taskId], known());

    expect({ code, stdout }).toStrictEqual({ code: 0, stdout: `APPROVED  ${requestId}  this_call\n` });
    expect(sent()).toStrictEqual([['approve', { request_id: requestId }]]);
  });

  test('permits what the scope says, for the request that is named', async () => {
    api.addTask();
    api.ask();

    const args = ['approve', taskId, requestId, '--scope', 'rule:force_push_any', '--json', 'status,scope'];
    const { stdout } = await cli(args, known());

    expect(JSON.parse(stdout)).toStrictEqual({ status: 'APPROVED', scope: 'rule:force_push_any' });
    expect(sent()).toStrictEqual([['approve', { request_id: requestId, scope: 'rule:force_push_any' }]]);
  });

  test('permits everything only with --yes', async () => {
    api.addTask();
    api.ask();

    const without = await cli(['approve', taskId, '--scope', ' all_session'], known());
    const withYes = await cli(['approve', taskId, '--scope', 'all_session', '--yes'], known());

    expect([without.code, withYes.code]).toStrictEqual([2, 0]);
    expect(without.stderr).toContain('add --yes');
    expect(sent()).toStrictEqual([['approve', { request_id: requestId, scope: 'all_session' }]]);
  });

  test('says so when the task waits for nothing, or somebody was faster', async () => {
    api.addTask();
    const idle = await cli(['approve', taskId], known());
    api.ask();
    api.conclude(requestId, 'DENIED', { reason: 'no' });
    const late = await cli(['approve', taskId, requestId, '--json'], known());
    const unknown = await cli(['approve', taskId, 'r-none'], known());

    expect([idle.code, late.code, unknown.code]).toStrictEqual([1, 1, 1]);
    expect(idle.stderr).toBe(
      `error: task ${taskId} waits for no approval; it is RUNNING (TASK_NOT_AWAITING_APPROVAL)\nlist the open requests with: bgagent pending\n`,
    );
    expect(JSON.parse(late.stderr)).toStrictEqual({
      code: 'REQUEST_ALREADY_DECIDED',
      message: `request ${requestId} is DENIED already`,
      suggestion: 'list the open ones with: bgagent pending',
    });
    expect(unknown.stderr).toContain('REQUEST_NOT_FOUND');
  });
});

describe('deny', () => {
  test.each<[args: string[], reason: string | undefined]>([
    [[], undefined],
    [['--reason', 'not on main'], 'not on main'],
    [['--reason', '-'], 'from stdin\n'],
    [['--reason-file', 'why.txt'], 'from a file\n'],
    [['--reason-file', '-'], 'from stdin\n'],
  ])('%j', async (args, reason) => {
    api.addTask();
    api.ask();
    writeFileSync(join(folder, 'why.txt'), 'from a file\n');

    const { code, stdout } = await cli(['deny', taskId, ...args], known({ stdin: 'from stdin\n' }));

    expect({ code, stdout }).toStrictEqual({ code: 0, stdout: `DENIED  ${requestId}\n` });
    expect(sent()).toStrictEqual([['deny', { request_id: requestId, ...(reason !== undefined && { reason }) }]]);
  });

  test('takes one reason', async () => {
    const { code, stderr } = await cli(['deny', taskId, '--reason', 'x', '--reason-file', 'y'], known());

    expect(code).toBe(2);
    expect(stderr).toContain('both --reason and --reason-file are given');
    expect(api.requests).toStrictEqual([]);
  });
});

describe('pending', () => {
  test('shows cards to people and rows to programs', async () => {
    api.addTask();
    api.ask();
    api.ask({ request_id: 'r-2' as never, severity: 'high', matching_rule_ids: ['a', 'b'], input: 'one\ntwo' });

    const people = await cli(['pending'], known({ terminal: true }));
    const program = await cli(['pending'], known());
    const json = await cli(['pending', '--jq', '.[].suggested_scopes[0]'], known());

    expect(people.stdout).toMatchSnapshot();
    expect(program.stdout).toMatchSnapshot();
    expect(json.stdout).toBe('this_call\nthis_call\n');
  });

  test('says so when nothing waits', async () => {
    expect(await cli(['pending'], known())).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'nothing waits for an approval\n',
    });
  });
});

describe('nudge', () => {
  test.each([
    [['use the old API'], 'use the old API'],
    [['-'], 'from stdin'],
    [['--file', 'words.txt'], 'from a file'],
  ])('%j', async (args, text) => {
    api.addTask();
    writeFileSync(join(folder, 'words.txt'), 'from a file');

    const { code, stdout, stderr } = await cli(['nudge', taskId, ...args], known({ stdin: 'from stdin' }));

    expect({ code, stdout }).toStrictEqual({ code: 0, stdout: 'n-1\n' });
    expect(stderr).toContain('between two turns');
    expect(sent()).toStrictEqual([['nudges', { text }]]);
  });

  test('is not sent without a text, nor twice to a platform that may have taken it', async () => {
    api.addTask();
    const empty = await cli(['nudge', taskId, ' '], known());
    const twice = await cli(['nudge', taskId, 'x', '--file', 'y'], known());
    api.failNext(503);
    const busy = await cli(['nudge', taskId, 'x'], known());

    expect([empty.code, twice.code, busy.code]).toStrictEqual([2, 2, 1]);
    expect(sent()).toHaveLength(1);
  });
});

describe('submit --pre-approve', () => {
  test('sends what is permitted in advance', async () => {
    api.addRepo('acme/shop', '/srv/shop.git');
    const flags = ['--pre-approve', 'rule:force_push_any', '--pre-approve', 'bash_pattern:npm test, quick'];

    await cli(['submit', '--repo', 'acme/shop', '--task', 'fix', ...flags], known());

    expect(api.requests[0]?.body).toMatchObject({
      initial_approvals: ['rule:force_push_any', 'bash_pattern:npm test, quick'],
    });
  });
});

describe('watch', () => {
  /** A person watches a task that has begun to ask. */
  async function asked(options: RunOptions = {}): Promise<CliRun> {
    api.addTask();
    api.append(taskId, 'task_created', { repo: 'acme/shop', task_type: 'new_task' });
    const run = startCli(['watch', taskId], known({ keyboard: true, ...options }));
    await run.shows('submitted');
    api.ask();
    await run.shows('approval needed');
    return run;
  }

  test('asks right there, and the events go on above the question', async () => {
    const run = await asked();
    api.append(taskId, 'agent_error', { error_type: 'overloaded', message_preview: 'meanwhile' });
    await run.shows('meanwhile');
    expect(run.question()).toBe('Allow it? y this call · n no · s scope · l later (4m 00s left) ');

    await run.type('what?');
    await run.type('y', 'Allow it?');
    await run.shows('approved ');
    finish();

    expect(await run.result).toBe(0);
    expect(sent()).toStrictEqual([['approve', { request_id: requestId, scope: 'this_call' }]]);
    expect(run.overwritten()).toStrictEqual([]);
    expect(withoutSpinner(run.stderr())).toMatchSnapshot();
  });

  test('takes a reason for a no', async () => {
    const run = await asked();

    await run.type('n');
    await run.type('not on main', 'Why not?');
    await run.shows('denied ');
    finish();

    expect(await run.result).toBe(0);
    expect(sent()).toStrictEqual([['deny', { request_id: requestId, reason: 'not on main' }]]);
  });

  test('takes a scope by its number, and asks again when the platform refuses one', async () => {
    const run = await asked();

    await run.type('s');
    await run.type('rule:nonsense', 'Which scope?');
    await run.shows('"rule:nonsense" is not a scope');
    await run.type('s', 'Allow it?');
    await run.type('3', 'Which scope?');
    await run.shows('approved ');
    finish();

    expect(await run.result).toBe(0);
    expect(sent().at(-1)).toStrictEqual(['approve', { request_id: requestId, scope: 'rule:force_push_any' }]);
  });

  test('leaves it for later', async () => {
    const run = await asked();

    await run.type('');
    await run.shows(`later: bgagent approve ${taskId} ${requestId}`);
    finish();

    expect(await run.result).toBe(0);
    expect(sent()).toStrictEqual([]);
  });

  test.each(['APPROVED', 'DENIED', 'TIMED_OUT'] as const)(
    'takes the question back when it is %s elsewhere',
    async (how) => {
      const run = await asked();
      await run.type('s');

      api.conclude(requestId, how, { scope: 'this_call', reason: 'no' });
      await run.shows({ APPROVED: 'approved ', DENIED: 'denied ', TIMED_OUT: 'no answer ' }[how]);

      expect(run.question()).toBeUndefined();
      finish();
      expect(await run.result).toBe(0);
      expect(sent()).toStrictEqual([]);
    },
  );

  test('takes the question back when the time is over, or the task', async () => {
    const run = await asked();
    expect(run.question()).toContain('(4m 00s left)');

    run.passTime(239_000);
    expect(run.question()).toContain('(1s left)');
    run.passTime(1_000);
    expect(run.question()).toBeUndefined();
    await run.shows('it is too late to answer');
    api.conclude(requestId, 'TIMED_OUT');
    api.ask({ request_id: 'r-2' as never, expires_at: '2026-01-31T13:00:00.000Z' as never });
    await run.shows('r-2');
    await run.type('nonsense', 'Allow it?');
    finish();

    expect(await run.result).toBe(0);
    expect(sent()).toStrictEqual([]);
  });

  test('asks about one request after the other', async () => {
    const run = await asked();
    await run.type('y');
    await run.shows('approved ');
    api.ask({ request_id: 'r-2' as never });
    await run.shows('request   r-2');
    await run.type('n', 'Allow it?');
    await run.type('', 'Why not?');
    await run.shows('denied ');
    finish();

    expect(await run.result).toBe(0);
    expect(sent().at(-1)).toStrictEqual(['deny', { request_id: 'r-2' }]);
  });

  test('detaches at Ctrl-C and decides nothing', async () => {
    const run = await asked();

    run.interrupt();

    expect(await run.result).toBe(130);
    expect(run.question()).toBeUndefined();
    expect(sent()).toStrictEqual([]);
  });

  test('does not ask about what an old log says', async () => {
    api.addTask();
    api.ask();
    api.conclude(requestId, 'APPROVED', { scope: 'this_call' });
    finish();

    const run = startCli(['watch', taskId], known({ keyboard: true }));

    expect(await run.result).toBe(0);
    expect(run.stderr()).not.toContain('approval needed');
  });

  test.each<[string, RunOptions]>([
    ['no terminal', { keyboard: false }],
    ['CI', { keyboard: true, env: { CI: 'true' } }],
    ['no keyboard', { terminal: true, env: { CI: '' } }],
  ])('with %s tells which commands answer', async (_what, options) => {
    const run = await asked({ keyboard: false, ...options });
    await cli(['approve', taskId], known());
    await run.shows('approved ');
    finish();

    expect(await run.result).toBe(0);
    expect(run.question()).toBeUndefined();
    expect(run.stderr()).toContain(`  approve   bgagent approve ${taskId} ${requestId}\n`);
    expect(run.stderr()).toContain(`  deny      bgagent deny ${taskId} ${requestId}\n`);
  });

  test('tells of a request that cannot be read', async () => {
    api.addTask();
    api.append(taskId, 'task_created', { repo: 'acme/shop', task_type: 'new_task' });
    const run = startCli(['watch', taskId], known());
    await run.shows('submitted');
    api.failNext(500, { code: 'INTERNAL_ERROR', message: 'it broke' });
    api.ask();
    await run.shows('waits for an answer: it broke\nsee it with: bgagent pending');
    finish();

    expect(await run.result).toBe(0);
  });

  test('under --json gives the event alone', async () => {
    api.addTask();
    api.ask();
    const run = startCli(['watch', taskId, '--json', 'event_type'], known());
    await run.shows('agent_milestone');
    finish();

    expect(await run.result).toBe(0);
    expect(run.stderr()).toBe('');
  });
});
