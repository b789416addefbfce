import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cli, endRuns, type RunOptions } from '../cli.test-kit.ts';
import { aSession, FakeApi, isoAt } from '../fake-api.test-kit.ts';

let api: FakeApi;

beforeEach(async () => {
  api = await FakeApi.start();
});
afterEach(async () => {
  await endRuns();
  await api.close();
});

const known = (options: RunOptions = {}): RunOptions => ({
  ...options,
  env: { ABCA_URL: api.url, ABCA_TOKEN: api.token, ...options.env },
});
const ids = [1, 2, 3].map((n) => aSession(n).session_id);

/** One that works, one that fell silent and cannot be stopped, one whose end is proven. */
function someSessions(): void {
  const sessions = [
    aSession(1, { lease_expires_at: isoAt(330_000) }),
    aSession(2, {
      user_id: 'bob' as never,
      compute_type: 'ecs',
      task_status: 'CANCELLED',
      lease_expires_at: isoAt(1_000),
      last_stop: {
        outcome: 'failed',
        code: 'SESSION_ACCESS_DENIED',
        message: 'not\tallowed',
        at: isoAt(2_000),
        attempts: 3,
      },
    }),
    aSession(3, {
      state: 'ended',
      task_status: 'COMPLETED',
      lease_expires_at: isoAt(330_000),
      last_stop: { outcome: 'stopped', proven_by: 'group 7 is empty', at: isoAt(2_000), attempts: 1 },
    }),
  ];
  for (const session of sessions) api.sessions.set(session.session_id, session);
}

describe('ops sessions', () => {
  test('is a table for people: who runs where, until when, and how its stop ended', async () => {
    someSessions();

    const { code, stdout } = await cli(['ops', 'sessions', '--all'], known({ terminal: true, env: { NO_COLOR: '1' } }));

    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.trimEnd())).toStrictEqual([
      'SESSION                                     COMPUTE  USER  TASK       SINCE   LEASE     LAST STOP',
      `${ids[0]}  local    ann   RUNNING    5m ago  30s left  -`,
      `${ids[1]}  ecs      bob   CANCELLED  5m ago  run out   failed (3 tries): not allowed`,
      `${ids[2]}  local    ann   COMPLETED  5m ago  -         stopped: group 7 is empty`,
      '',
    ]);
  });

  test('is rows for a program, the open ones only', async () => {
    someSessions();

    const { stdout } = await cli(['ops', 'sessions'], known());

    expect(stdout.split('\n').map((line) => line.split('\t'))).toStrictEqual([
      [ids[0], aSession(1).task_id, 'ann', 'local', '1', 'open', isoAt(0), isoAt(330_000), 'RUNNING', '', ''],
      [
        ids[1],
        aSession(2).task_id,
        'bob',
        'ecs',
        '1',
        'open',
        isoAt(0),
        isoAt(1_000),
        'CANCELLED',
        'failed',
        'not allowed',
      ],
      [''],
    ]);
  });

  test('is JSON, by fields and through jq', async () => {
    someSessions();

    const fields = await cli(['ops', 'sessions', '--json', 'session_id,state', '--all', '--limit', '1'], known());
    const jq = await cli(['ops', 'sessions', '--jq', '.[].user_id'], known());
    const unknown = await cli(['ops', 'sessions', '--json', 'pid'], known());

    expect(JSON.parse(fields.stdout)).toStrictEqual([{ session_id: ids[0], state: 'open' }]);
    expect(jq.stdout).toBe('ann\nbob\n');
    expect(unknown.code).toBe(2);
  });

  test('says that there is none', async () => {
    expect((await cli(['ops', 'sessions'], known())).stderr).toBe('no session is open\n');
    expect((await cli(['ops', 'sessions', '--all'], known())).stderr).toBe('no session is known\n');
  });
});

describe('ops stop', () => {
  test('says how the end was proven', async () => {
    someSessions();

    const { code, stdout } = await cli(['ops', 'stop', ids[0]!], known());
    const again = await cli(['ops', 'stop', ids[0]!, '--json', 'stop'], known());

    expect({ code, stdout }).toStrictEqual({
      code: 0,
      stdout: `ended  ${ids[0]!}  stopped: the process group is gone\n`,
    });
    expect(JSON.parse(again.stdout)).toStrictEqual({ stop: api.stop });
    expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toContain(
      `POST /v1/ops/sessions/${ids[0]!}/stop`,
    );
  });

  test.each([
    ['requested', 0],
    ['failed', 1],
  ])('one that is %s stays open, and ends with %i', async (outcome, expected) => {
    someSessions();
    api.stop = { outcome, description: 'it may still run' };

    const { code, stdout } = await cli(['ops', 'stop', ids[0]!], known());

    expect({ code, stdout }).toStrictEqual({ code: expected, stdout: `open  ${ids[0]!}  it may still run\n` });
  });

  test('knows no other session', async () => {
    const { code, stderr } = await cli(['ops', 'stop', '../reconcile'], known());

    expect(code).toBe(1);
    expect(stderr).toBe(
      'error: no task has a session ../reconcile (SESSION_NOT_FOUND)\nlist them with: bgagent ops sessions\n',
    );
  });
});

describe('ops reconcile', () => {
  test('says what was done', async () => {
    const table = await cli(['ops', 'reconcile'], known({ terminal: true, env: { NO_COLOR: '1' } }));
    const rows = await cli(['ops', 'reconcile'], known());
    const json = await cli(['ops', 'reconcile', '--json'], known());

    expect([table.code, rows.code]).toStrictEqual([0, 0]);
    expect(table.stdout.split('\n').map((line) => line.trimEnd())).toStrictEqual([
      'PASS      LOOKED AT  DONE                 ERRORS  MORE LEFT',
      'tasks     3          1 stranded, 2 woken  -       no',
      'sessions  1          1 proven             -       no',
      'slots     0          -                    -       no',
      '',
    ]);
    expect(rows.stdout).toBe(
      'tasks\t3\t1 stranded, 2 woken\t-\tno\nsessions\t1\t1 proven\t-\tno\nslots\t0\t-\t-\tno\n',
    );
    expect(JSON.parse(json.stdout)).toStrictEqual(api.reconciled);
  });

  test('ends with 1 when some of it could not be done', async () => {
    const sessions = { looked: 1, did: {}, errors: { UNKNOWN_COMPUTE_TYPE: 1 }, more: true };
    api.reconciled = { ...api.reconciled, outcome: 'partial', sessions };

    const { code, stdout } = await cli(['ops', 'reconcile'], known());

    expect(code).toBe(1);
    expect(stdout).toContain('sessions\t1\t-\t1 UNKNOWN_COMPUTE_TYPE\tyes\n');
  });
});

test.each([['sessions'], ['stop', 'x'], ['reconcile']])('ops %s is for operators', async (...args) => {
  api.isOperator = false;

  const { code, stderr } = await cli(['ops', ...args], known());

  expect({ code, stderr }).toStrictEqual({
    code: 4,
    stderr: 'error: this is for the operators of the platform (FORBIDDEN)\nask one of them\n',
  });
});
