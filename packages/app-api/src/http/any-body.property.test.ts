import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anApi } from '../api.test-kit.ts';

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

const routes = {
  '/v1/tasks': {
    repo: 'acme/shop',
    task_description: 'x',
    task_type: 'new_task',
    max_turns: 5,
    initial_approvals: ['a'],
  },
  '/v1/repos': { repo: 'acme/api', clone_url: '/x', forge: 'git', blueprint: { compute: { type: 'memory', x: 1 } } },
};

test.each(Object.entries(routes))('POST %s answers any JSON with success or a client error', async (path, known) => {
  const body = fc.oneof(
    anyJson.map((value) => JSON.stringify(value)),
    nearlyRight(known).map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const { status, json } = await anApi().call('POST', path, {
        body: text,
        headers: { 'content-type': 'application/json' },
      });

      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(500);
      expect(status < 300 ? json.data : json.error.code).toBeDefined();
    }),
    { numRuns: 300 },
  );
});

test('a body nested 80,000 deep is a client error', async () => {
  const deep = `${'['.repeat(80_000)}${']'.repeat(80_000)}`;
  const hidden = `{"repo":"acme/api","clone_url":"/x","blueprint":{"compute":{"type":"memory","x":${deep}}}}`;

  const { status, json } = await anApi().call('POST', '/v1/repos', { body: hidden });

  expect(status).toBe(400);
  expect(json.error.message).toContain('nested deeper');
});
