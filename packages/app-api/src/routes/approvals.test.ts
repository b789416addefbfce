import { describe, expect, test } from '@jest/globals';
import { formatIso, type UserId } from '@abca/core';
import { aRequestId, aTask, aTaskId, testEpochMs } from '@abca/core/testing';
import { anApi, anOpenRequest, type Answer } from '../api.test-kit.ts';
import { decisionWire, pendingWire } from '../wire/approval-wire.ts';

const approvePath = `/v1/tasks/${aTaskId()}/approve`;
const denyPath = `/v1/tasks/${aTaskId()}/deny`;
const request_id = aRequestId();
const secret = `ghp_${'a'.repeat(36)}`;
const bob = 'bob' as UserId;

/** All of an answer that may not differ where nothing is to be told. */
function plain({ status, json }: Answer): unknown {
  const { request_id: _own, ...error } = json.error;
  return { status, error };
}

describe('POST /v1/tasks/{id}/approve', () => {
  test('approves this call alone when no scope is given', async () => {
    const world = anApi();
    await anOpenRequest(world);
    await world.clock.advance(1000);

    const { status, json } = await world.call('POST', approvePath, { body: { request_id } });

    expect(status).toBe(202);
    expect(json).toStrictEqual({
      data: {
        task_id: aTaskId(),
        request_id,
        status: 'APPROVED',
        scope: 'this_call',
        decided_at: '2026-01-01T00:00:01.000Z',
      },
    });
    expect(decisionWire.safeParse(json.data).success).toBe(true);
  });

  test('stores the scope as the session reads it', async () => {
    const world = anApi();
    const approval = await anOpenRequest(world);

    const { json } = await world.call('POST', approvePath, { body: { request_id, scope: ' tool_type_session ' } });

    expect(json.data.scope).toBe('tool_type:Bash');
    expect(await world.approvals.find(approval)).toMatchObject({ status: 'APPROVED', scope: 'tool_type:Bash' });
  });

  test('writes who decided what into the log of the task', async () => {
    const world = anApi();
    await anOpenRequest(world);

    await world.call('POST', approvePath, { body: { request_id, scope: 'rule:force_push_any' } });
    const { json } = await world.call('GET', `/v1/tasks/${aTaskId()}/events`);

    expect(json.data).toMatchObject([
      {
        event_type: 'approval_decision_recorded',
        metadata: { request_id, decision: 'approved', by: 'ann', scope: 'rule:force_push_any' },
      },
    ]);
  });

  test.each([
    ['nonsense', 'is not a scope'],
    ['', 'the scope is empty'],
    ['bash_pattern:**', 'permits nearly everything'],
    ['x'.repeat(129), 'has 129 characters'],
    ['tool_type:Hammer', 'names no tool'],
  ])('refuses the scope %j with its path: %s', async (scope, reason) => {
    const world = anApi();
    const approval = await anOpenRequest(world);

    const { status, json } = await world.call('POST', approvePath, { body: { request_id, scope } });

    expect([status, json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
    expect(json.error.details.issues).toMatchObject([
      { in: 'body', path: 'scope', message: expect.stringContaining(reason) },
    ]);
    expect((await world.approvals.find(approval))?.status).toBe('PENDING');
  });

  test.each(['rule:write_env_files', 'write_path:src/*', 'tool_type:Write', 'tool_group_session'])(
    'refuses the scope %s, which has nothing to do with what was asked',
    async (scope) => {
      const world = anApi();
      const approval = await anOpenRequest(world);

      const { status, json } = await world.call('POST', approvePath, { body: { request_id, scope } });

      expect([status, json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
      expect((await world.approvals.find(approval))?.status).toBe('PENDING');
    },
  );
});

describe('POST /v1/tasks/{id}/deny', () => {
  test('denies and keeps the reason for the agent, not in the answer', async () => {
    const world = anApi();
    const approval = await anOpenRequest(world);
    await world.clock.advance(1000);

    const { status, json } = await world.call('POST', denyPath, { body: { request_id, reason: 'use a branch' } });

    expect(status).toBe(202);
    expect(json).toStrictEqual({
      data: { task_id: aTaskId(), request_id, status: 'DENIED', decided_at: '2026-01-01T00:00:01.000Z' },
    });
    expect(await world.approvals.find(approval)).toMatchObject({ status: 'DENIED', denyReason: 'use a branch' });
  });

  test('takes a denial without a reason', async () => {
    const world = anApi();
    const approval = await anOpenRequest(world);

    const { status } = await world.call('POST', denyPath, { body: { request_id } });

    expect(status).toBe(202);
    expect(await world.approvals.find(approval)).not.toHaveProperty('denyReason');
  });

  test('stores and shows no secret of a reason, not even half of one where the reason is cut', async () => {
    const world = anApi();
    const approval = await anOpenRequest(world);
    const reason = `${secret} ${'x'.repeat(1930)} ${secret} ${'y'.repeat(17_000)}`;

    const answer = await world.call('POST', denyPath, { body: { request_id, reason } });
    const events = await world.call('GET', `/v1/tasks/${aTaskId()}/events`);
    const stored = await world.approvals.find(approval);

    expect(answer.status).toBe(202);
    expect(stored?.denyReason).toHaveLength(2_000);
    expect(stored?.denyReason).toMatch(/^\[REDACTED-GITHUB_TOKEN\] x/);
    const everything = JSON.stringify([stored, answer.json, events.json, world.logger.lines]);
    expect(everything).not.toContain('ghp_');
  });

  test('takes 20,000 characters of a reason and not one more, whose secrets are not repeated', async () => {
    const world = anApi();
    await anOpenRequest(world);
    const full = `${secret} ${'x'.repeat(20_000 - secret.length - 1)}`;

    const longer = await world.call('POST', denyPath, { body: { request_id, reason: `${full}x` } });
    const fits = await world.call('POST', denyPath, { body: { request_id, reason: full } });

    expect([longer.status, fits.status]).toStrictEqual([400, 202]);
    expect(longer.json.error.details.issues).toMatchObject([{ in: 'body', path: 'reason' }]);
    expect(JSON.stringify(longer.json)).not.toContain('ghp_');
  });

  test('writes who decided what into the log of the task', async () => {
    const world = anApi();
    await anOpenRequest(world);

    await world.call('POST', denyPath, { body: { request_id, reason: 'no' } });

    expect(await world.events.read({ taskId: aTaskId(), after: 0, limit: 10 })).toMatchObject([
      { eventType: 'approval_decision_recorded', metadata: { request_id, decision: 'denied', by: 'ann' } },
    ]);
  });
});

describe.each([
  ['approve', approvePath],
  ['deny', denyPath],
])('deciding: %s', (verb, path) => {
  test('answers for an unknown request, that of another and a malformed id alike, and changes nothing', async () => {
    const foreign = anApi();
    const approval = await anOpenRequest(foreign, { userId: bob });

    const ofBob = await foreign.call('POST', path, { body: { request_id } });
    const unknown = await anApi().call('POST', path, { body: { request_id } });
    const malformed = await Promise.all(
      ['x', '%E0%A4%A', '..%2f..', aTaskId().toLowerCase()].map((id) =>
        foreign.call('POST', `/v1/tasks/${id}/${verb}`, { body: { request_id } }),
      ),
    );

    expect(ofBob).toMatchObject({ status: 404, json: { error: { code: 'REQUEST_NOT_FOUND' } } });
    expect([unknown, ...malformed].map(plain)).toStrictEqual(Array(5).fill(plain(ofBob)));
    expect((await foreign.approvals.find(approval))?.status).toBe('PENDING');
    expect(await foreign.events.read({ taskId: aTaskId(), after: 0, limit: 10 })).toStrictEqual([]);
  });

  test('does not find a request under another task, or one whose id is malformed', async () => {
    const world = anApi();
    await anOpenRequest(world);

    const answers = [
      await world.call('POST', `/v1/tasks/${aTaskId(2)}/${verb}`, { body: { request_id } }),
      await world.call('POST', path, { body: { request_id: 'x' } }),
      await world.call('POST', path, { body: { request_id: '\u0000' } }),
    ];

    expect(answers.map(({ status, json }) => [status, json.error.code])).toStrictEqual(
      answers.map(() => [404, 'REQUEST_NOT_FOUND']),
    );
  });

  test.each([
    ['approve', 'APPROVED'],
    ['deny', 'DENIED'],
  ])('answers a request after %s with 409 and its status', async (first, decided) => {
    const world = anApi();
    await anOpenRequest(world);
    await world.call('POST', `/v1/tasks/${aTaskId()}/${first}`, { body: { request_id } });
    await world.clock.advance(1);

    const { status, json } = await world.call('POST', path, { body: { request_id } });

    expect(status).toBe(409);
    expect(json.error).toMatchObject({ code: 'REQUEST_ALREADY_DECIDED', details: { status: decided } });
    expect(await world.events.read({ taskId: aTaskId(), after: 0, limit: 10 })).toHaveLength(1);
  });

  test('answers a request whose time is over with 409', async () => {
    const world = anApi();
    const { timeoutS } = await anOpenRequest(world);
    await world.clock.advance(timeoutS * 1000);

    const { status, json } = await world.call('POST', path, { body: { request_id } });

    expect(status).toBe(409);
    expect(json.error).toMatchObject({ code: 'REQUEST_ALREADY_DECIDED', details: { status: 'TIMED_OUT' } });
  });

  test('answers a request whose task was cancelled meanwhile with 409', async () => {
    const world = anApi();
    await anOpenRequest(world);
    await world.call('DELETE', `/v1/tasks/${aTaskId()}`);

    const { status, json } = await world.call('POST', path, { body: { request_id } });

    expect(status).toBe(409);
    expect(json.error).toMatchObject({ code: 'REQUEST_ALREADY_DECIDED', details: { status: 'STRANDED' } });
  });

  test('answers a request that its task does not wait for any more with 409', async () => {
    const world = anApi();
    await anOpenRequest(world);
    world.approvals.decide = () => Promise.resolve({ kind: 'task_moved_on' });

    const { status, json } = await world.call('POST', path, { body: { request_id } });

    expect([status, json.error.code]).toStrictEqual([409, 'TASK_NOT_AWAITING_APPROVAL']);
  });

  test.each([
    [{}, 'request_id'],
    [{ request_id: 7 }, 'request_id'],
    [{ request_id: null }, 'request_id'],
    [{ request_id: '' }, 'request_id'],
    [{ request_id: 'x'.repeat(129) }, 'request_id'],
    [{ request_id, scope: ['this_call'], reason: 5 }, verb === 'approve' ? 'scope' : 'reason'],
    [{ request_id, scope: 'this_call', reason: 'x' }, verb === 'approve' ? 'reason' : 'scope'],
    [{ requestId: request_id }, 'requestId'],
    [[], ''],
    ['"text"', ''],
    ['null', ''],
  ])('answers %j with 400 and the path %j', async (body, wrong) => {
    const world = anApi();
    const approval = await anOpenRequest(world);

    const { status, json } = await world.call('POST', path, { body });

    expect(status).toBe(400);
    expect(json.error.details.issues).toContainEqual(expect.objectContaining({ in: 'body', path: wrong }));
    expect((await world.approvals.find(approval))?.status).toBe('PENDING');
  });

  test.each(['GET', 'HEAD', 'PUT', 'DELETE'])(
    'never answers on %s: a scanner of links decides nothing',
    async (method) => {
      const world = anApi();
      const approval = await anOpenRequest(world);

      const { status, headers } = await world.call(method, `${path}?request_id=${request_id}`);

      expect([status, headers.get('allow')]).toStrictEqual([405, 'POST']);
      expect((await world.approvals.find(approval))?.status).toBe('PENDING');
    },
  );

  test('needs a token', async () => {
    const world = anApi();
    const approval = await anOpenRequest(world);

    const { status } = await world.call('POST', path, { body: { request_id }, headers: { authorization: '' } });

    expect(status).toBe(401);
    expect((await world.approvals.find(approval))?.status).toBe('PENDING');
  });
});

test('30 approvals and denials together are taken within a minute; Retry-After says when there is room', async () => {
  const world = anApi();
  await anOpenRequest(world, { timeoutS: 3600 });
  const decide = (verb: string): Promise<Answer> =>
    world.call('POST', `/v1/tasks/${aTaskId(9)}/${verb}`, { body: { request_id } });
  for (let n = 0; n < 30; n += 1) {
    await decide(n % 2 === 0 ? 'approve' : 'deny');
    await world.clock.advance(1000);
  }

  const limited = [await decide('approve'), await world.call('POST', denyPath, { body: { request_id } })];
  await world.clock.advance(30_000);
  const after = await world.call('POST', approvePath, { body: { request_id } });

  expect(
    limited.map(({ status, json, headers }) => [status, json.error.code, headers.get('retry-after')]),
  ).toStrictEqual(limited.map(() => [429, 'RATE_LIMIT_EXCEEDED', '30']));
  expect(after.status).toBe(202);
});

describe('GET /v1/pending', () => {
  test('shows what a person needs to decide, and nothing of the platform’s', async () => {
    const world = anApi();
    await anOpenRequest(world, { judged: { toolGroup: 'file_write', resolved: true, commands: ['x'], matches: [] } });

    const { status, json } = await world.call('GET', '/v1/pending');

    expect(status).toBe(200);
    expect(json).toStrictEqual({
      data: [
        {
          task_id: aTaskId(),
          request_id,
          repo: 'acme/shop',
          status: 'PENDING',
          tool_name: 'Bash',
          input: 'git push --force origin feature',
          input_preview: 'git push --force origin feature',
          reason: 'force_push_any: a force push rewrites what others may have built on',
          severity: 'medium',
          matching_rule_ids: ['force_push_any'],
          timeout_s: 300,
          suggested_scopes: ['this_call', 'rule:force_push_any'],
          created_at: '2026-01-01T00:00:00.000Z',
          expires_at: '2026-01-01T00:05:00.000Z',
        },
      ],
      pagination: { has_more: false },
    });
    expect(pendingWire.strict().safeParse(json.data[0]).success).toBe(true);
  });

  test('pages through open requests of the caller, oldest first, each once', async () => {
    const world = anApi();
    for (const n of [3, 1, 5, 2, 4]) {
      const createdAt = formatIso(testEpochMs + n * 1000);
      await anOpenRequest(world, { taskId: aTaskId(n), requestId: aRequestId(n), createdAt });
    }
    await anOpenRequest(world, { taskId: aTaskId(6), requestId: aRequestId(6), timeoutS: 30 });
    await anOpenRequest(world, { taskId: aTaskId(7), requestId: aRequestId(7), userId: bob });
    await world.call('POST', `/v1/tasks/${aTaskId(2)}/deny`, { body: { request_id: aRequestId(2) } });
    await world.clock.advance(30_000);
    const pages: string[][] = [];

    for (let path: string | undefined = '/v1/pending?limit=2'; path !== undefined;) {
      const { json } = await world.call('GET', path);
      pages.push(json.data.map((item: { request_id: string }) => item.request_id));
      expect(json.pagination.has_more).toBe(json.pagination.next_token !== undefined);
      path = json.pagination.next_token && `/v1/pending?limit=2&next_token=${json.pagination.next_token}`;
    }

    expect(pages).toStrictEqual([
      [aRequestId(1), aRequestId(3)],
      [aRequestId(4), aRequestId(5)],
    ]);
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'next_token=', 'next_token=made-up', 'user=bob'])(
    'answers %s with 400',
    async (query) => {
      const { status, json } = await anApi().call('GET', `/v1/pending?${query}`);

      expect([status, json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
    },
  );
});

test('a task that waits says for which request', async () => {
  const world = anApi();
  await anOpenRequest(world);

  const { json } = await world.call('GET', `/v1/tasks/${aTaskId()}`);

  expect(json.data).toMatchObject({ status: 'AWAITING_APPROVAL', awaiting_approval_request_id: request_id });
});

describe('POST /v1/tasks/{id}/nudges', () => {
  const path = `/v1/tasks/${aTaskId()}/nudges`;
  const aRunningTask = async (fields: Parameters<typeof aTask>[0] = {}): Promise<ReturnType<typeof anApi>> => {
    const world = anApi();
    await world.tasks.create({ task: aTask({ status: 'RUNNING', ...fields }), events: [] });
    return world;
  };

  test('puts the words into the log of the task, by the id it answers', async () => {
    const world = await aRunningTask();

    const { status, json } = await world.call('POST', path, { body: { text: '  look at the totals\nfirst ' } });

    expect([status, json]).toStrictEqual([202, { data: { nudge_id: expect.stringMatching(/^01KAEVENT/) } }]);
    expect(await world.events.read({ taskId: aTaskId(), after: 0, limit: 10 })).toMatchObject([
      {
        eventType: 'nudge_received',
        metadata: { nudge_id: json.data.nudge_id, text: 'look at the totals\nfirst' },
      },
    ]);
  });

  test('stores and shows no secret', async () => {
    const world = await aRunningTask();

    const answer = await world.call('POST', path, { body: { text: `use ${secret}` } });
    const events = await world.call('GET', `/v1/tasks/${aTaskId()}/events`);

    expect(answer.status).toBe(202);
    expect(events.json.data[0].metadata.text).toBe('use [REDACTED-GITHUB_TOKEN]');
    const stored = await world.events.read({ taskId: aTaskId(), after: 0, limit: 10 });
    expect(JSON.stringify([stored, answer.json, events.json, world.logger.lines])).not.toContain('ghp_');
  });

  test('answers for the task of another, an unknown and a malformed id alike', async () => {
    const world = await aRunningTask({ userId: bob });

    const answers = await Promise.all(
      [aTaskId(), aTaskId(2), 'x', '..%2f..'].map((id) =>
        world.call('POST', `/v1/tasks/${id}/nudges`, { body: { text: 'x' } }),
      ),
    );

    expect(answers.map(({ status, json }) => [status, json.error.code])).toStrictEqual(
      answers.map(() => [404, 'TASK_NOT_FOUND']),
    );
    expect(plain(answers[0] as Answer)).toStrictEqual(plain(await anApi().call('POST', path, { body: { text: 'x' } })));
    expect(await world.events.read({ taskId: aTaskId(), after: 0, limit: 10 })).toStrictEqual([]);
  });

  test.each([
    ['COMPLETED', 'TASK_ALREADY_TERMINAL'],
    ['FINALIZING', 'TASK_FINALIZING'],
  ] as const)('refuses a task that is %s with 409', async (taskStatus, code) => {
    const world = await aRunningTask({ status: taskStatus });

    const { status, json } = await world.call('POST', path, { body: { text: 'x' } });

    expect([status, json.error.code]).toStrictEqual([409, code]);
  });

  test('takes 10 within a minute for each task', async () => {
    const world = await aRunningTask();
    await world.tasks.create({ task: aTask({ taskId: aTaskId(2), status: 'RUNNING' }), events: [] });
    for (let n = 0; n < 10; n += 1) await world.call('POST', path, { body: { text: 'x' } });
    await world.clock.advance(500);

    const limited = await world.call('POST', path, { body: { text: 'x' } });
    const other = await world.call('POST', `/v1/tasks/${aTaskId(2)}/nudges`, { body: { text: 'x' } });

    expect([limited.status, limited.json.error.code, limited.headers.get('retry-after')]).toStrictEqual([
      429,
      'RATE_LIMIT_EXCEEDED',
      '60',
    ]);
    expect(other.status).toBe(202);
  });

  test.each([
    [{}, 'text'],
    [{ text: ' \n' }, 'text'],
    [{ text: 'x'.repeat(2_001) }, 'text'],
    [{ text: 5 }, 'text'],
    [{ text: ['x'] }, 'text'],
    [{ text: 'half \ud83c' }, 'text'],
    [{ text: 'x', to: 'bob' }, 'to'],
    ['null', ''],
  ])('answers %j with 400 and the path %j', async (body, wrong) => {
    const world = await aRunningTask();

    const { status, json } = await world.call('POST', path, { body });

    expect(status).toBe(400);
    expect(json.error.details.issues).toContainEqual(expect.objectContaining({ in: 'body', path: wrong }));
  });

  test.each(['\u001b[31m\u0007', '🎉'.repeat(1_500)])('refuses %j, which is no nudge once it is read', async (text) => {
    const world = await aRunningTask();

    const { status, json } = await world.call('POST', path, { body: { text } });

    expect([status, json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
  });

  test('does not answer on GET', async () => {
    expect((await (await aRunningTask()).call('GET', path)).status).toBe(405);
  });
});
