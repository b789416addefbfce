import { AbcaError, mintSessionId, openSession, type Task } from '@abca/core';
import { aTask, aTaskId, testEpochMs } from '@abca/core/testing';
import { describe, expect, jest, test } from '@jest/globals';
import type { ApiDeps } from '../api-deps.ts';
import { anApi, caller, type ApiWorld } from '../api.test-kit.ts';

const hour = 3_600_000;

function anOpsApi(overrides: Partial<ApiDeps> = {}): ApiWorld {
  return anApi({ isOperator: (userId) => userId === caller, ...overrides });
}

/** Task number `n` with a session that is open since second `n`. */
async function session(
  { tasks, compute }: Pick<ApiWorld, 'tasks' | 'compute'>,
  n: number,
  fields: Partial<Task> = {},
): Promise<string> {
  const taskId = aTaskId(n);
  const sessionId = mintSessionId(taskId, 1);
  const handle = await compute.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
  const entry = openSession(handle, testEpochMs + n * 1_000);
  const task = aTask({ taskId, sessionId, generation: 1, status: 'RUNNING', ...entry, ...fields });
  await tasks.create({ task, events: [] });
  return sessionId;
}

describe('the routes of operators', () => {
  const routes = [
    ['GET', '/v1/ops/sessions'],
    ['POST', '/v1/ops/sessions/x/stop'],
    ['POST', '/v1/ops/reconcile'],
  ] as const;

  test.each(routes)('%s %s is for operators, and by default for nobody', async (method, path) => {
    const answers = [
      await anApi().call(method, path),
      await anApi({ isOperator: () => false }).call(method, path),
      await anApi({ isOperator: () => Promise.resolve(false) }).call(method, path),
      await anApi({ isOperator: (userId) => userId !== caller }).call(method, path),
    ];

    for (const { status, json } of answers) {
      expect(status).toBe(403);
      expect(json.error).toMatchObject({
        code: 'FORBIDDEN',
        message: 'this is for the operators of the platform; ask one of them',
      });
    }
  });

  test.each(routes)('%s %s wants a token first', async (method, path) => {
    const { status } = await anOpsApi().call(method, path, { headers: { authorization: '' } });

    expect(status).toBe(401);
  });
});

describe('GET /v1/ops/sessions', () => {
  test('shows who runs where, of all users, longest open first', async () => {
    const api = anOpsApi();
    await session(api, 2, { leaseExpiresAt: '2026-01-01T00:02:30.000Z' as never });
    await session(api, 1, {
      userId: 'bob' as never,
      status: 'CANCELLED',
      sessionStop: {
        outcome: 'failed',
        failure: { code: 'SESSION_STOP_FAILED', message: 'key AKIAIOSFODNN7EXAMPLE was refused' },
        at: '2026-01-01T00:00:05.000Z' as never,
        attempts: 2,
      },
    });

    const { status, json } = await api.call('GET', '/v1/ops/sessions');

    expect(status).toBe(200);
    expect(json).toStrictEqual({
      data: [
        {
          session_id: mintSessionId(aTaskId(1), 1),
          task_id: aTaskId(1),
          user_id: 'bob',
          repo: 'acme/shop',
          compute_type: 'memory',
          generation: 1,
          state: 'open',
          since: '2026-01-01T00:00:01.000Z',
          task_status: 'CANCELLED',
          last_stop: {
            outcome: 'failed',
            code: 'SESSION_STOP_FAILED',
            message: 'key [REDACTED-AWS_KEY] was refused',
            at: '2026-01-01T00:00:05.000Z',
            attempts: 2,
          },
        },
        {
          session_id: mintSessionId(aTaskId(2), 1),
          task_id: aTaskId(2),
          user_id: 'ann',
          repo: 'acme/shop',
          compute_type: 'memory',
          generation: 1,
          state: 'open',
          since: '2026-01-01T00:00:02.000Z',
          lease_expires_at: '2026-01-01T00:02:30.000Z',
          task_status: 'RUNNING',
        },
      ],
      pagination: { has_more: false },
    });
  });

  test('pages; `all` shows those too whose end is proven, with the proof', async () => {
    const api = anOpsApi();
    await api.call('POST', `/v1/ops/sessions/${await session(api, 1)}/stop`);
    for (const n of [2, 3]) await session(api, n);
    const pageAll = async (state: string): Promise<unknown[]> => {
      const found: unknown[] = [];
      let token = '';
      do {
        const path = `/v1/ops/sessions?state=${state}&limit=1${token}`;
        const { json } = await api.call('GET', path);
        found.push(...json.data);
        token = json.pagination.has_more ? `&next_token=${encodeURIComponent(json.pagination.next_token)}` : '';
      } while (token !== '');
      return found;
    };

    expect(await pageAll('open')).toMatchObject([{ task_id: aTaskId(2) }, { task_id: aTaskId(3) }]);
    expect(await pageAll('all')).toMatchObject([
      { task_id: aTaskId(1), state: 'ended', last_stop: { outcome: 'stopped', proven_by: 'the entry was removed' } },
      { task_id: aTaskId(2), state: 'open' },
      { task_id: aTaskId(3), state: 'open' },
    ]);
  });

  test.each(['state=closed', 'limit=0', 'next_token=x', 'state=all&next_token=x', 'user=ann'])(
    'refuses ?%s',
    async (query) => {
      const { status, json } = await anOpsApi().call('GET', `/v1/ops/sessions?${query}`);

      expect([status, json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
    },
  );
});

describe('POST /v1/ops/sessions/{session_id}/stop', () => {
  test("stops anybody's session, says how its end was proven, and says it again", async () => {
    const api = anOpsApi();
    const sessionId = await session(api, 1, { userId: 'bob' as never });

    const first = await api.call('POST', `/v1/ops/sessions/${sessionId}/stop`);
    const second = await api.call('POST', `/v1/ops/sessions/${sessionId}/stop`);

    expect(first.status).toBe(200);
    expect(first.json.data).toMatchObject({
      session: { session_id: sessionId, state: 'ended', task_status: 'RUNNING', last_stop: { attempts: 1 } },
      stop: { outcome: 'stopped', proven_by: 'the entry was removed' },
    });
    expect(second.json.data).toStrictEqual(first.json.data);
    expect(api.compute.stopped).toStrictEqual([sessionId]);
    expect(api.logger.lines.map(({ fields }) => fields)).toContainEqual({
      operator: caller,
      sessionId,
      outcome: 'stopped',
    });
  });

  test('says that it may still run', async () => {
    const api = anOpsApi();
    const sessionId = await session(api, 1);
    api.compute.failNext('stop', new AbcaError('SESSION_ACCESS_DENIED', 'not allowed'));

    const { status, json } = await api.call('POST', `/v1/ops/sessions/${sessionId}/stop`);

    expect(status).toBe(200);
    expect(json.data).toMatchObject({ session: { state: 'open' }, stop: { outcome: 'failed' } });
  });

  test.each(['x', mintSessionId(aTaskId(9), 1), '%00', '..'])('knows no session %s', async (sessionId) => {
    const { status } = await anOpsApi().call('POST', `/v1/ops/sessions/${sessionId}/stop`);

    expect(status).toBe(404);
  });
});

describe('POST /v1/ops/reconcile', () => {
  test('runs all, and answers counts', async () => {
    const api = anOpsApi();
    await session(api, 1, { status: 'FAILED' });
    await session(api, 2);
    await api.clock.advance(hour);

    const { status, json } = await api.call('POST', '/v1/ops/reconcile');

    expect(status).toBe(200);
    expect(json.data).toStrictEqual({
      outcome: 'clean',
      took_ms: 0,
      tasks: { looked: 1, did: { stranded: 1 }, errors: {}, more: false },
      sessions: { looked: 1, did: { proven: 1 }, errors: {}, more: false },
      slots: { looked: 0, did: {}, errors: {}, more: false },
    });
  });

  test('says in part what failed, and fails as a whole when nothing could be done', async () => {
    const api = anOpsApi();
    const away = new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true });
    jest.spyOn(api.tasks, 'listByStatus').mockRejectedValue(away);
    jest.spyOn(api.tasks, 'listOpenSessions').mockRejectedValue(away);

    const partial = await api.call('POST', '/v1/ops/reconcile');
    jest.spyOn(api.slots, 'listUsers').mockRejectedValue(away);
    const failed = await api.call('POST', '/v1/ops/reconcile');

    expect(partial.json.data).toMatchObject({ outcome: 'partial', tasks: { errors: { SERVICE_UNAVAILABLE: 6 } } });
    expect([failed.status, failed.json.error.code]).toStrictEqual([503, 'RECONCILE_FAILED']);
  });

  test('goes by the options of the platform', async () => {
    const api = anOpsApi({ reconcile: { aliveSinceMs: testEpochMs + hour } });
    await session(api, 2);
    await api.clock.advance(hour);

    expect((await api.call('POST', '/v1/ops/reconcile')).json.data.tasks.did).toStrictEqual({});
  });
});
