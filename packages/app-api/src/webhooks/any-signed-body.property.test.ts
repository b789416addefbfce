import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { importHmacKey, isSignedBy } from './hmac.ts';
import {
  aDelivery,
  aSubmission,
  aWebhookWorld,
  commented,
  githubSecret,
  labelled,
  send,
  type Sent,
} from './webhooks.test-kit.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('acme/shop', 'created', 'labeled', '@abca fix', '@abca review', 'carol', '\ud800', ''),
);
const anyJson = fc.oneof(fc.jsonValue({ maxDepth: 5 }), anyText, fc.constantFrom(-0, 1e-300, 2 ** 60, 1e308));

/** A good payload, changed in a few places of any depth: most get past the first checks. */
const nearlyRight = (known: unknown): fc.Arbitrary<unknown> =>
  fc
    .array(fc.tuple(fc.array(fc.nat(6), { minLength: 1, maxLength: 4 }), anyJson), { maxLength: 2 })
    .map((changes) => changes.reduce<unknown>((value, [path, change]) => changedAt(value, path, change), known));

/** `value` with `change` where `path`, a way of numbered fields, ends. */
function changedAt(value: unknown, [step = 0, ...path]: readonly number[], change: unknown): unknown {
  if (typeof value !== 'object' || value === null) return change;
  const keys = [...Object.keys(value), '__proto__', 'more'];
  const key = keys[step % keys.length] ?? 'more';
  const inner: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  return { ...value, [key]: path.length === 0 ? change : changedAt(inner, path, change) };
}

const anyBody = (known: unknown): fc.Arbitrary<string> =>
  fc.oneof(
    nearlyRight(known).map((value) => JSON.stringify(value)),
    anyJson.map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string({ unit: 'grapheme' }),
  );

const reviewed = {
  ...commented(''),
  action: 'submitted',
  pull_request: { number: 12 },
  review: {
    id: 9,
    body: '@abca review it',
    user: { login: 'carol', type: 'User' },
    submitted_at: '2026-01-01T00:00:00Z',
  },
};
const reviewCommented = { ...commented('@abca fix it'), pull_request: { number: 12 } };
const events: readonly [string, unknown][] = [
  ['issues', labelled()],
  ['issue_comment', commented('@abca fix it')],
  ['pull_request_review_comment', reviewCommented],
  ['pull_request_review', reviewed],
];

async function expectNoDefect(sent: Sent): Promise<void> {
  const world = aWebhookWorld();
  const { status, json } = await send(world, sent);

  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
  expect(status < 300 ? json.data : json.error.code).toBeDefined();
}

test.each(events)('any body of %s that is signed is answered with success or a client error', async (name, known) => {
  await fc.assert(
    fc.asyncProperty(anyBody(known), (text) => expectNoDefect(aDelivery(name, text))),
    { numRuns: 120 },
  );
});

test.each(events)('the body of %s that the others are made from starts a task', async (name, known) => {
  const { status } = await send(aWebhookWorld(), aDelivery(name, known));

  expect(status).toBe(201);
});

test('any body of a signed submission is answered with success or a client error', async () => {
  const known = { repo: 'acme/shop', task_description: 'x', max_turns: 5, initial_approvals: ['tool_type:Bash'] };
  await fc.assert(
    fc.asyncProperty(anyBody(known), (text) => expectNoDefect(aSubmission(text.toWellFormed()))),
    { numRuns: 150 },
  );
});

const anyHeader = fc.oneof(
  fc.stringMatching(/^[\x20-\x7e]{0,80}$/),
  fc.stringMatching(/^(sha256|v1)=[0-9a-fA-F]{0,70}$/),
  fc.constantFrom('', 'sha256=', 'v1=', 'sha256=sha256='),
);

test('any headers and bytes without the secret are 401, and never a call of a port', async () => {
  const headers = fc.dictionary(
    fc.constantFrom(
      'x-hub-signature-256',
      'x-github-event',
      'x-github-delivery',
      'content-type',
      'x-abca-key',
      'x-abca-timestamp',
      'x-abca-delivery',
      'x-abca-signature',
    ),
    anyHeader,
  );
  const paths = fc.constantFrom('/v1/webhooks/github', '/v1/webhooks/generic');
  await fc.assert(
    fc.asyncProperty(paths, headers, fc.uint8Array(), async (path, given, bytes) => {
      const world = aWebhookWorld();

      const body = Uint8Array.from(bytes);
      const { status } = await send(world, { path, method: 'POST', headers: new Headers(given), body });

      expect([status, world.calls]).toStrictEqual([401, []]);
    }),
    { numRuns: 150 },
  );
});

test('isSignedBy() never throws, and takes nothing but the signature', async () => {
  const key = await importHmacKey(githubSecret);
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), anyHeader), fc.uint8Array(), async (hex, bytes) => {
      expect(await isSignedBy([key], hex, Uint8Array.from(bytes))).toBe(false);
    }),
  );
});
