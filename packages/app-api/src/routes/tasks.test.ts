import { describe, expect, test } from '@jest/globals';
import { AbcaError, formatIso, type UserId } from '@abca/core';
import { aTask, aTaskId, InMemoryTaskRepository, testEpochMs } from '@abca/core/testing';
import { anApi, type ApiWorld } from '../api.test-kit.ts';
import { taskWire } from '../wire/task-wire.ts';

const submission = { repo: 'acme/shop', task_description: 'Fix the failing test' };

/** `count` tasks of the caller, the newest last. */
async function addTasks({ tasks }: ApiWorld, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    const createdAt = formatIso(testEpochMs + n * 1000);
    const status = n % 2 === 0 ? 'RUNNING' : 'SUBMITTED';
    await tasks.create({ task: aTask({ taskId: aTaskId(n), createdAt, status }), events: [] });
  }
}

describe('POST /v1/tasks', () => {
  test('creates a task, starts its workflow and says where it is', async () => {
    const world = anApi();

    const answer = await world.call('POST', '/v1/tasks', { body: { ...submission, max_turns: 7 } });

    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/tasks/${aTaskId(1)}`);
    expect(answer.json).toStrictEqual({
      data: {
        task_id: aTaskId(1),
        repo: 'acme/shop',
        task_type: 'new_task',
        task_description: 'Fix the failing test',
        status: 'SUBMITTED',
        status_created_at: '2026-01-01T00:00:00.000Z',
        created_at: '2026-01-01T00:00:00.000Z',
        updated_at: '2026-01-01T00:00:00.000Z',
        deadline_at: '2026-01-02T08:00:00.000Z',
        max_turns: 7,
        approval_gate_cap: 50,
      },
    });
    expect([...world.executions.started]).toStrictEqual([aTaskId(1)]);
  });

  test('answers the same key and request with the same task, and another request with 409', async () => {
    const world = anApi();
    const headers = { 'Idempotency-Key': 'key-1' };

    const first = await world.call('POST', '/v1/tasks', { body: submission, headers });
    const again = await world.call('POST', '/v1/tasks', { body: submission, headers });
    const other = await world.call('POST', '/v1/tasks', { body: { ...submission, max_turns: 3 }, headers });

    expect([first.status, again.status, other.status]).toStrictEqual([201, 200, 409]);
    expect(again.json).toStrictEqual(first.json);
    expect([first, again].map(({ headers: own }) => own.get('idempotent-replayed'))).toStrictEqual([null, 'true']);
    expect(other.json.error).toMatchObject({ code: 'DUPLICATE_TASK', details: { task_id: aTaskId(1) } });
  });

  test.each(['', 'ü', 'x'.repeat(256)])('refuses the idempotency key %j', async (key) => {
    const answer = await anApi().call('POST', '/v1/tasks', { body: submission, headers: { 'Idempotency-Key': key } });

    expect(answer.status).toBe(400);
    expect(answer.json.error.details.issues[0]).toMatchObject({ in: 'header', path: 'Idempotency-Key' });
  });

  test('keeps 10,000 characters with quotes, line ends and emoji as they came, and refuses one more', async () => {
    const world = anApi();
    // Characters are code points: an emoji is one, though it takes two units of a JavaScript string.
    const full = `${'"\'\\\n\r\n\t🎉é'.repeat(1110)}the end. »`;

    const stored = await world.call('POST', '/v1/tasks', { body: { ...submission, task_description: full } });
    const read = await world.call('GET', `/v1/tasks/${stored.json.data.task_id}`);
    const refused = await world.call('POST', '/v1/tasks', { body: { ...submission, task_description: `${full}x` } });

    expect([...full]).toHaveLength(10_000);
    expect(stored.status).toBe(201);
    expect(read.json.data.task_description).toBe(full);
    expect(refused.status).toBe(400);
    expect(refused.json.error.details.issues).toMatchObject([{ in: 'body', path: 'task_description' }]);
  });

  test.each([
    [{}, 'repo'],
    [{ ...submission, repo: 'shop' }, 'repo'],
    [{ ...submission, task_description: '   ' }, 'task_description'],
    [{ ...submission, task_description: null }, 'task_description'],
    [{ ...submission, task_type: 'chore' }, 'task_type'],
    [{ ...submission, max_turns: 501 }, 'max_turns'],
    [{ ...submission, max_turns: '5' }, 'max_turns'],
    [{ ...submission, max_budget_usd: 0 }, 'max_budget_usd'],
    [{ ...submission, approval_timeout_s: 29 }, 'approval_timeout_s'],
    [{ ...submission, initial_approvals: ['a', 7] }, 'initial_approvals[1]'],
    [{ ...submission, initial_approvals: Array(21).fill('a') }, 'initial_approvals'],
    [{ ...submission, taskDescription: 'camel' }, 'taskDescription'],
    [{ ...submission, task_description: 'half \ud83c' }, 'task_description'],
    [[], ''],
    ['"text"', ''],
    ['null', ''],
    ['7', ''],
  ])('answers %j with 400 and the path %j', async (body, path) => {
    const world = anApi();

    const answer = await world.call('POST', '/v1/tasks', { body });

    expect(answer.status).toBe(400);
    expect(answer.json.error.code).toBe('VALIDATION_ERROR');
    expect(answer.json.error.details.issues).toContainEqual(expect.objectContaining({ in: 'body', path }));
    expect(world.executions.started.size).toBe(0);
  });

  test('says which value was wrong, without the secrets in it', async () => {
    const secret = `ghp_${'a'.repeat(36)}`;

    const answer = await anApi().call('POST', '/v1/tasks', {
      body: { ...submission, repo: `x ${secret}`, max_turns: 0 },
    });

    const { message, details } = answer.json.error;
    expect(message).toContain('repo: must be owner/name');
    expect(details.issues.map(({ value }: { value: string }) => value)).toStrictEqual([
      '"x [REDACTED-GITHUB_TOKEN]"',
      '0',
    ]);
    expect(JSON.stringify(answer.json)).not.toContain(secret);
  });

  test('refuses a repository that was not added, and a pull request task without its pull request', async () => {
    const { call } = anApi();

    const unknown = await call('POST', '/v1/tasks', { body: { ...submission, repo: 'acme/other' } });
    const without = await call('POST', '/v1/tasks', { body: { ...submission, task_type: 'pr_review' } });

    expect([unknown.status, unknown.json.error.code]).toStrictEqual([422, 'REPO_NOT_ONBOARDED']);
    expect([without.status, without.json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
  });
});

describe('GET /v1/tasks', () => {
  test('pages through the tasks of the caller, newest first, each once', async () => {
    const world = anApi();
    await addTasks(world, 5);
    await world.tasks.create({ task: aTask({ taskId: aTaskId(9), userId: 'bob' as UserId }), events: [] });
    const pages: string[][] = [];

    for (let path: string | undefined = '/v1/tasks?limit=2'; path !== undefined;) {
      const { json } = await world.call('GET', path);
      pages.push(json.data.map((task: { task_id: string }) => task.task_id));
      expect(json.pagination.has_more).toBe(json.pagination.next_token !== undefined);
      path = json.pagination.next_token && `/v1/tasks?limit=2&next_token=${json.pagination.next_token}`;
    }

    expect(pages).toStrictEqual([[aTaskId(5), aTaskId(4)], [aTaskId(3), aTaskId(2)], [aTaskId(1)]]);
  });

  test.each([
    ['status=RUNNING', [4, 2]],
    ['status=RUNNING,SUBMITTED', [5, 4, 3, 2, 1]],
    ['status=RUNNING&status=SUBMITTED&limit=1', [5]],
    ['status=COMPLETED', []],
  ])('filters by %s before the limit counts', async (query, expected) => {
    const world = anApi();
    await addTasks(world, 5);

    const { json } = await world.call('GET', `/v1/tasks?${query}`);

    expect(json.data.map((task: { task_id: string }) => task.task_id)).toStrictEqual(expected.map(aTaskId));
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['status=DONE', 'status[0]'],
    ['next_token=', 'next_token'],
    ['stauts=RUNNING', 'stauts'],
  ])('answers %s with 400 and the path %s', async (query, path) => {
    const { status, json } = await anApi().call('GET', `/v1/tasks?${query}`);

    expect(status).toBe(400);
    expect(json.error.details.issues).toContainEqual(expect.objectContaining({ in: 'query', path }));
  });

  test('answers a token it never gave with 400', async () => {
    const { status } = await anApi().call('GET', '/v1/tasks?next_token=made-up');

    expect(status).toBe(400);
  });
});

describe('GET /v1/tasks/{id}', () => {
  test('shows all that the owner needs, and nothing that only the platform needs', async () => {
    const world = anApi();
    const task = aTask({
      status: 'RUNNING',
      computeType: 'memory',
      sessionHandle: { strategyType: 'memory', sessionId: 'handle-internal' },
      approvalTimeoutS: 90,
      settings: {
        computeType: 'memory',
        compute: { zone: 'internal' },
        cloneUrl: '/internal',
        forge: 'git',
        protectedBranches: [],
        maxTurns: 8,
        maxBudgetUsd: 2,
        approvalGateCap: 20,
        approvalTimeoutS: 60,
      },
      sessionCallbackId: 'callback-internal',
      admissionCallbackId: 'admission-internal',
      result: { outcome: 'finished', turns: 3, costUsd: 0.5, inputTokens: 10, outputTokens: 20, model: 'scripted' },
      failure: { code: 'PUSH_REJECTED', message: `remote: https://x:${'s'.repeat(30)}@example.com refused` },
    });
    await world.tasks.create({ task, events: [] });

    const { json } = await world.call('GET', `/v1/tasks/${task.taskId}`);

    expect(taskWire.safeParse(json.data).success).toBe(true);
    expect(json.data).toMatchObject({
      max_turns: 8,
      max_budget_usd: 2,
      approval_gate_cap: 20,
      approval_timeout_s: 60,
    });
    expect(json.data.session).toStrictEqual({ id: task.sessionId, compute_type: 'memory' });
    expect(json.data.usage).toStrictEqual({
      turns: 3,
      cost_usd: 0.5,
      input_tokens: 10,
      output_tokens: 20,
      model: 'scripted',
    });
    expect(json.data.failure.message).toBe('remote: https://x:[REDACTED-CONNECTION_STRING]@example.com refused');
    expect(JSON.stringify(json)).not.toMatch(/internal|user_id|ann/);
  });

  test.each(['GET', 'DELETE'])(
    '%s answers for the task of another, an unknown and a malformed id alike',
    async (method) => {
      const world = anApi();
      await world.tasks.create({ task: aTask({ taskId: aTaskId(1), userId: 'bob' as UserId }), events: [] });

      const answers = await Promise.all(
        [aTaskId(1), aTaskId(2), 'x', '%E0%A4%A', '..%2f..'].map((id) => world.call(method, `/v1/tasks/${id}`)),
      );

      expect(answers.map(({ status, json }) => [status, json.error.code])).toStrictEqual(
        answers.map(() => [404, 'TASK_NOT_FOUND']),
      );
      expect((await world.tasks.find(aTaskId(1)))?.status).toBe('SUBMITTED');
    },
  );
});

describe('DELETE /v1/tasks/{id}', () => {
  test('cancels and says that there was no session to stop', async () => {
    const world = anApi();
    await addTasks(world, 1);

    const answer = await world.call('DELETE', `/v1/tasks/${aTaskId(1)}`);

    expect(answer.status).toBe(200);
    expect(answer.json.data.task).toMatchObject({ task_id: aTaskId(1), status: 'CANCELLED' });
    expect(answer.json.data.stop).toStrictEqual({ outcome: 'no_session', description: 'no session had been started' });
  });

  test.each([
    [
      { kind: 'stopped', provenBy: 'group gone' } as const,
      { outcome: 'stopped', description: 'stopped: group gone', proven_by: 'group gone' },
    ],
    [{ kind: 'already_gone' } as const, { outcome: 'already_gone', description: 'the session had already ended' }],
    [
      { kind: 'requested' } as const,
      { outcome: 'requested', description: 'the stop was accepted; its end has not been seen yet' },
    ],
  ])('says how the stop was proven: %j', async (stopOutcome, stop) => {
    const world = anApi();
    const task = aTask({ status: 'RUNNING', sessionHandle: { strategyType: 'memory', sessionId: 'session-1' } });
    await world.tasks.create({ task, events: [] });
    await world.compute.startSession({
      taskId: task.taskId,
      sessionId: 'session-1' as never,
      generation: 1,
      compute: {},
      environment: {},
    });
    world.compute.stopOutcome = stopOutcome;

    const answer = await world.call('DELETE', `/v1/tasks/${task.taskId}`);

    expect(answer.json.data.stop).toStrictEqual(stop);
  });

  test('says that a session may still run when its stop failed', async () => {
    const world = anApi();
    const task = aTask({ status: 'RUNNING', sessionHandle: { strategyType: 'memory', sessionId: 'session-1' } });
    await world.tasks.create({ task, events: [] });
    world.compute.failNext('stop', new AbcaError('SESSION_STOP_FAILED', 'the substrate refused'));

    const { status, json } = await world.call('DELETE', `/v1/tasks/${task.taskId}`);

    expect(status).toBe(200);
    expect(json.data.stop).toStrictEqual({
      outcome: 'failed',
      description: 'the session may still run, the stop is tried again: the substrate refused',
    });
  });

  test.each([
    ['CANCELLED', 'TASK_ALREADY_TERMINAL'],
    ['FINALIZING', 'TASK_FINALIZING'],
  ] as const)('refuses a task that is %s with 409', async (taskStatus, code) => {
    const world = anApi();
    await world.tasks.create({ task: aTask({ status: taskStatus }), events: [] });

    const { status, json } = await world.call('DELETE', `/v1/tasks/${aTaskId()}`);

    expect([status, json.error.code]).toStrictEqual([409, code]);
  });
});

test('a task never shows through another caller, whoever holds its id', async () => {
  const tasks = new InMemoryTaskRepository();
  const world = anApi({ tasks, authenticate: () => Promise.resolve('bob' as UserId) });
  await tasks.create({ task: aTask(), events: [] });

  const answers = await Promise.all([
    world.call('GET', `/v1/tasks/${aTaskId()}`),
    world.call('GET', `/v1/tasks/${aTaskId()}/events`),
    world.call('GET', `/v1/tasks/${aTaskId()}/events`, { headers: { accept: 'text/event-stream' } }),
    world.call('DELETE', `/v1/tasks/${aTaskId()}`),
  ]);

  expect(answers.map(({ status }) => status)).toStrictEqual([404, 404, 404, 404]);
  expect((await world.call('GET', '/v1/tasks')).json.data).toStrictEqual([]);
});
