import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mintSessionId, openSession } from '@abca/core';
import { aRequestId, aTask, aTaskId, testEpochMs } from '@abca/core/testing';
import { anApi, anOpenRequest, type ApiWorld } from '../api.test-kit.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('acme/shop', 'new_task', 'pr_review', '\ud800', ''),
);
const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 6 }),
  anyText,
  fc.constantFrom(Number.POSITIVE_INFINITY, -0, 1e-300, 2 ** 60),
);

/** Bodies that look right in most fields, so that they get past the first check. */
const nearlyRight = (known: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> =>
  fc
    .dictionary(fc.constantFrom(...Object.keys(known), 'unknown', '__proto__', 'constructor'), anyJson, { maxKeys: 3 })
    .map((changes) => ({ ...known, ...changes }));

/** The task that waits. Ids of new tasks begin at 1. */
const open = { taskId: aTaskId(9), requestId: aRequestId(9) };

/** Has a task that waits, whose session is open, and a caller who may do everything. */
async function aWorld(): Promise<ApiWorld> {
  const world = anApi({ isOperator: () => true });
  const { taskId } = await anOpenRequest(world, open);
  const { sessionId } = aTask({ taskId, status: 'RUNNING' });
  const sessionHandle = { strategyType: 'memory', sessionId: String(sessionId) };
  const patch = openSession(sessionHandle, testEpochMs);
  await world.tasks.amend({ taskId, atMs: testEpochMs, whileIn: ['AWAITING_APPROVAL'], patch });
  return world;
}

const security = {
  cedar_policies: { hard: '@tier("hard")', soft: '', disable: ['rule_1'] },
  approval_gate_cap: 5,
  max_pre_approval_scope: 'rule',
};

const routes = {
  'POST /v1/tasks': {
    repo: 'acme/shop',
    task_description: 'x',
    task_type: 'new_task',
    max_turns: 5,
    approval_timeout_s: 60,
    initial_approvals: ['tool_type:Bash'],
  },
  'POST /v1/repos': {
    repo: 'acme/api',
    clone_url: '/x',
    forge: 'git',
    blueprint: { compute: { type: 'memory', x: 1 }, security },
  },
  'PUT /v1/repos/acme/shop/policies': security,
  [`POST /v1/tasks/${open.taskId}/approve`]: { request_id: open.requestId, scope: 'this_call' },
  [`POST /v1/tasks/${open.taskId}/deny`]: { request_id: open.requestId, reason: 'no' },
  [`POST /v1/tasks/${open.taskId}/nudges`]: { text: 'look again' },
  // These take none; whatever is sent is not read.
  'POST /v1/ops/reconcile': {},
  [`POST /v1/ops/sessions/${mintSessionId(open.taskId, 1)}/stop`]: {},
};

test.each(Object.entries<Readonly<Record<string, unknown>>>(routes))(
  '%s answers any JSON with success or a client error',
  async (route, known) => {
    const [method = '', path = ''] = route.split(' ');
    const body = fc.oneof(
      anyJson.map((value) => JSON.stringify(value)),
      nearlyRight(known).map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const world = await aWorld();
        const { status, json } = await world.call(method, path, {
          body: text,
          headers: { 'content-type': 'application/json' },
        });

        expect(status).toBeGreaterThanOrEqual(200);
        expect(status).toBeLessThan(500);
        expect(status < 300 ? json.data : json.error.code).toBeDefined();
      }),
      { numRuns: 300 },
    );
  },
);

test.each(Object.entries<Readonly<Record<string, unknown>>>(routes))(
  '%s takes the body that the others are made from',
  async (route, known) => {
    const [method = '', path = ''] = route.split(' ');
    const world = await aWorld();

    const { status } = await world.call(method, path, { body: known });

    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(300);
  },
);

test('a body nested 80,000 deep is a client error', async () => {
  const deep = `${'['.repeat(80_000)}${']'.repeat(80_000)}`;
  const hidden = `{"repo":"acme/api","clone_url":"/x","blueprint":{"compute":{"type":"memory","x":${deep}}}}`;

  const { status, json } = await anApi().call('POST', '/v1/repos', { body: hidden });

  expect(status).toBe(400);
  expect(json.error.message).toContain('nested deeper');
});
