import { createHash } from 'node:crypto';
import {
  AbcaError,
  limits,
  parseIso,
  signApprovalLink,
  type Approval,
  type ApprovalLink,
  type UserId,
} from '@abca/core';
import {
  anApproval,
  aRequestId,
  aTask,
  aTaskId,
  CapturingLogger,
  FakeClock,
  InMemoryApprovalRepository,
  InMemoryEventLog,
  InMemoryRateLimiter,
  InMemoryTaskRepository,
  testEpochMs,
} from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { approvalLinkRoutes, type ApprovalLinkDeps } from './approval-link-routes.ts';

const linkKey = 'a key of thirty-two characters ok';
const origin = 'https://abca.example.com';
const fromPage = { origin: 'null', 'sec-fetch-site': 'same-origin' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** The pages over ports in memory that count what is asked of them. */
class Pages {
  readonly clock = new FakeClock();
  readonly events = new InMemoryEventLog(this.clock);
  readonly tasks = new InMemoryTaskRepository(this.events);
  readonly approvals = new InMemoryApprovalRepository(this.tasks);
  readonly logger = new CapturingLogger();
  /** Calls of a store, by name. */
  readonly asked: string[] = [];
  /** What the store does instead of deciding. */
  broken: Error | undefined;
  readonly app: Hono;

  constructor(more: Partial<ApprovalLinkDeps> = {}) {
    const rates = new InMemoryRateLimiter(this.clock);
    const deps: ApprovalLinkDeps = {
      linkKey,
      baseUrl: `${origin}/`,
      clock: this.clock,
      logger: this.logger,
      rates: { take: (...of) => this.#count('take', () => rates.take(...of)) },
      approvals: {
        find: (...of) => this.#count('find', () => this.approvals.find(...of)),
        decide: (...of) => this.#count('decide', () => this.approvals.decide(...of)),
      },
      ...more,
    };
    // Mounted as it is in the API: other routes come after it.
    const { path, app } = approvalLinkRoutes(deps);
    this.app = new Hono().route(path, app as unknown as Hono);
    this.app.all('*', (c) => c.text('the rest of the API', 418));
  }

  /** Open a request, whose fields are the builder's but for those that are named. */
  async open(fields: Partial<Approval> = {}): Promise<Approval> {
    const approval = anApproval(fields);
    const { taskId, userId } = approval;
    const task = aTask({ taskId, userId, status: 'RUNNING' });
    await this.tasks.create({ task, events: [] });
    const expectSession = { sessionId: task.sessionId!, generation: task.generation };
    await this.approvals.request({ approval, expectSession, atMs: testEpochMs, events: [] });
    return approval;
  }

  status({ taskId, requestId }: Approval): Promise<string | undefined> {
    return this.approvals.find({ taskId, requestId }).then((found) => found?.status);
  }

  async ask(
    method: string,
    token: string,
    init: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    const response = await this.app.request(`/v1/approvals/link/${token}`, { method, ...init });
    return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
  }

  post(token: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('POST', token, { headers: { ...form, ...fromPage, ...headers }, body });
  }

  #count<T>(name: string, call: () => Promise<T>): Promise<T> {
    this.asked.push(name);
    return this.broken !== undefined ? Promise.reject(this.broken) : call();
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const tokenOf = (link: ApprovalLink, key = linkKey): Promise<string> => signApprovalLink(key, link);

describe('GET', () => {
  test('shows an open request, and a form that posts to the page itself', async () => {
    const pages = new Pages();
    const approval = await pages.open();

    const { status, text } = await pages.ask('GET', await tokenOf(approval));

    expect(status).toBe(200);
    expect(text).toContain('<pre>git push --force origin feature</pre>');
    expect(text).toContain('force_push_any: a force push rewrites what others may have built on');
    expect(text).toContain(approval.expiresAt);
    expect(text).toMatch(/<form method="post" enctype="application\/x-www-form-urlencoded" autocomplete="off">/);
    expect(text).not.toMatch(/action=|<script|<a |<img|<link|href=|src=| on\w+=/i);
  });

  test('decides nothing, however often and by whatever method it is opened', async () => {
    const pages = new Pages();
    const approval = await pages.open();
    const token = await tokenOf(approval);

    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      for (const query of ['', '?decision=approve', '?_method=POST']) {
        const headers = { ...fromPage, 'sec-purpose': 'prefetch', 'x-http-method-override': 'POST' };
        await pages.ask(method, `${token}${query}`, { headers });
      }
    }

    expect(await pages.status(approval)).toBe('PENDING');
    expect(new Set(pages.asked)).toStrictEqual(new Set(['find']));
  });

  test('answers HEAD as GET without the page, and other methods not at all', async () => {
    const pages = new Pages();
    const token = await tokenOf(await pages.open());

    const [get, head] = [await pages.ask('GET', token), await pages.ask('HEAD', token)];
    const others = await Promise.all(['OPTIONS', 'PUT', 'DELETE'].map((method) => pages.ask(method, token)));

    expect([head.status, head.text, head.headers]).toStrictEqual([200, '', get.headers]);
    expect(others.map(({ status, headers }) => [status, headers['allow']])).toStrictEqual(
      others.map(() => [405, 'GET, HEAD, POST']),
    );
  });

  test('escapes what the agent wrote, and writes out what would not be seen', async () => {
    const pages = new Pages();
    const input = `<script>alert("1")</script> & '</pre><img src=x onerror=y> \u202egpj`;
    const approval = await pages.open({ input, reason: '<b>', toolName: '"><form>', matchingRuleIds: ['<i>'] });

    const { text } = await pages.ask('GET', await tokenOf(approval));

    expect(text).toContain(
      '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;&lt;/pre&gt;&lt;img src=x onerror=y&gt; &lt;U+202E&gt;gpj',
    );
    expect(text).not.toMatch(/<script|<img|<b>|<i>|"><form/);
  });

  test('hides a secret that a row shows', async () => {
    const pages = new Pages();
    const approval = await pages.open({ input: `curl -H "Authorization: Bearer ${'a1'.repeat(20)}"` });

    expect((await pages.ask('GET', await tokenOf(approval))).text).toContain('[REDACTED-BEARER]');
  });

  test('shows no form for a grave request, but the commands that decide it', async () => {
    const pages = new Pages();
    const approval = await pages.open({ severity: 'high' });

    const { status, text } = await pages.ask('GET', await tokenOf(approval));

    expect(status).toBe(200);
    expect(text).toContain(`bgagent approve ${approval.taskId} ${approval.requestId}`);
    expect(text).not.toMatch(/<form|<button/);
  });

  test.each([
    ['APPROVED', 'This request is approved'],
    ['DENIED', 'This request is denied'],
  ] as const)('shows that a request is %s, without a form', async (status, title) => {
    const pages = new Pages();
    const approval = await pages.open();
    const decision =
      status === 'APPROVED' ? ({ kind: 'approve', scope: 'this_call' } as const) : ({ kind: 'deny' } as const);
    const { taskId, requestId, userId } = approval;
    await pages.approvals.decide({ taskId, requestId, userId, decision, atMs: testEpochMs + 1, events: [] });

    const { text } = await pages.ask('GET', await tokenOf(approval));

    expect(text).toContain(`<h1>${title}</h1>`);
    expect(text).not.toMatch(/<form|<button/);
  });
});

describe('every answer', () => {
  const cases = [
    ['a page', 'GET', {}, 200],
    ['nothing found', 'GET', { token: 'x' }, 404],
    ['a decision', 'POST', { headers: { ...form, ...fromPage }, body: 'decision=approve' }, 200],
    ['another site', 'POST', { headers: { ...form, 'sec-fetch-site': 'cross-site' }, body: 'decision=approve' }, 403],
    ['no form', 'POST', { headers: fromPage, body: '{}' }, 415],
    ['too long', 'POST', { headers: { ...form, ...fromPage }, body: `reason=${'x'.repeat(40_000)}` }, 413],
    ['not understood', 'POST', { headers: { ...form, ...fromPage }, body: 'a=b' }, 400],
    ['another method', 'PUT', {}, 405],
    ['a path below', 'GET', { token: 'a/b' }, 404],
  ] as [string, string, { token?: string; headers?: Record<string, string>; body?: string }, number][];

  test.each(cases)('is kept by nobody and told to nobody: %s', async (_what, method, init, status) => {
    const pages = new Pages();
    const token = await tokenOf(await pages.open());

    const answer = await pages.ask(method, init.token ?? token, init);

    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow, noarchive',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-type': 'text/html; charset=UTF-8',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      ),
    });
    const style = /<style>([\s\S]*?)<\/style>/.exec(answer.text)?.[1] ?? '';
    expect(answer.headers['content-security-policy']).toContain(createHash('sha256').update(style).digest('base64'));
    expect(answer.text).not.toContain(token);
  });

  test('the rest of the API is not touched', async () => {
    const response = await new Pages().app.request('/v1/tasks');

    expect([response.status, response.headers.get('content-security-policy')]).toStrictEqual([418, null]);
  });
});

describe('POST', () => {
  test('approves this one call, as the person that the link is bound to', async () => {
    const pages = new Pages();
    const approval = await pages.open();

    const { status, text } = await pages.post(await tokenOf(approval), 'decision=approve&reason=ignored');

    const { taskId, requestId } = approval;
    expect([status, text.includes('<h1>Approved</h1>')]).toStrictEqual([200, true]);
    expect(await pages.approvals.find({ taskId, requestId })).toMatchObject({ status: 'APPROVED', scope: 'this_call' });
    expect((await pages.events.read({ taskId, after: 0, limit: 10 })).at(-1)?.metadata).toStrictEqual({
      request_id: requestId,
      decision: 'approved',
      by: 'ann',
      scope: 'this_call',
    });
  });

  test('denies with a reason, without its secrets and cut', async () => {
    const pages = new Pages();
    const approval = await pages.open();
    const secret = `ghp_${'a1'.repeat(18)}`;
    const reason = `use ${secret} ${'x'.repeat(3_000)}`;

    const { status } = await pages.post(
      await tokenOf(approval),
      new URLSearchParams({ decision: 'deny', reason }).toString(),
    );

    const { taskId, requestId } = approval;
    const { status: stored, denyReason = '' } = (await pages.approvals.find({ taskId, requestId }))!;
    expect([status, stored]).toStrictEqual([200, 'DENIED']);
    expect(denyReason).toMatch(/^use \[REDACTED-GITHUB_TOKEN\] x+…$/);
    expect(denyReason.length).toBe(limits.denyReasonChars.stored);
  });

  test('denies without a reason when it is left empty', async () => {
    const pages = new Pages();
    const approval = await pages.open();

    await pages.post(await tokenOf(approval), 'reason=&decision=deny');

    const { taskId, requestId } = approval;
    expect((await pages.approvals.find({ taskId, requestId }))?.denyReason).toBeUndefined();
  });

  test('the first decision stands: a second one shows it, whatever it says', async () => {
    const pages = new Pages();
    const approval = await pages.open();
    const token = await tokenOf(approval);
    await pages.post(token, 'decision=deny');
    await pages.clock.advance(1_000);

    const second = await pages.post(token, 'decision=approve');

    expect(second.status).toBe(409);
    expect(second.text).toContain('<h1>This request is denied</h1>');
    expect(await pages.status(approval)).toBe('DENIED');
  });

  test('of two at once one decides, and the other shows what it decided', async () => {
    const pages = new Pages();
    const approval = await pages.open();
    const token = await tokenOf(approval);
    // Two: a store takes an equal decision of the same millisecond for a repetition of the first.
    const wishes = ['approve', 'deny'];

    const answers = await Promise.all(wishes.map((wish) => pages.post(token, `decision=${wish}`)));

    const status = (await pages.status(approval))!;
    const won = answers.filter((answer) => answer.status === 200);
    expect(won.length).toBe(1);
    expect(won[0]!.text).toContain(status === 'APPROVED' ? '<h1>Approved</h1>' : '<h1>Denied</h1>');
    for (const lost of answers.filter((answer) => answer.status !== 200)) {
      expect(lost.status).toBe(409);
      expect(lost.text).toContain(`<h1>This request is ${status.toLowerCase()}</h1>`);
    }
  });

  test('a decision that was made elsewhere a moment ago is shown', async () => {
    const pages = new Pages();
    const approval = await pages.open();
    const { taskId, requestId, userId } = approval;
    const faster = { taskId, requestId, userId, decision: { kind: 'deny' }, atMs: testEpochMs, events: [] } as const;
    const racing = new Pages({
      approvals: {
        find: (key) => pages.approvals.find(key),
        decide: async (decision) => {
          await pages.approvals.decide(faster);
          return pages.approvals.decide(decision);
        },
      },
    });

    const { status, text } = await racing.post(await tokenOf(approval), 'decision=approve');

    expect([status, text.includes('<h1>This request is denied</h1>')]).toStrictEqual([409, true]);
  });

  test('a grave request is not decided by a link', async () => {
    const pages = new Pages();
    const approval = await pages.open({ severity: 'high' });
    const token = await tokenOf(approval);

    const answers = [await pages.post(token, 'decision=approve'), await pages.post(token, 'decision=deny')];

    expect(answers.map(({ status }) => status)).toStrictEqual([403, 403]);
    expect(answers[0]!.text).toContain('bgagent approve');
    expect(await pages.status(approval)).toBe('PENDING');
    expect(pages.asked).toStrictEqual(['find', 'find']);
  });

  test('a task that has gone on is told of, and nothing is decided', async () => {
    const pages = new Pages({
      approvals: {
        find: async () => anApproval(),
        decide: async () => ({ kind: 'task_moved_on' }),
      },
    });

    const { status, text } = await pages.post(await tokenOf(anApproval()), 'decision=approve');

    expect([status, text.includes('<h1>Not waited for any more</h1>')]).toStrictEqual([409, true]);
  });

  test('more than 30 decisions a minute are too many', async () => {
    const pages = new Pages({ rates: { take: async () => ({ kind: 'limited', retryAfterMs: 5_000 }) } });
    const approval = await pages.open();

    const { status, headers } = await pages.post(await tokenOf(approval), 'decision=approve');

    expect([status, headers['retry-after']]).toStrictEqual([429, '60']);
    expect(await pages.status(approval)).toBe('PENDING');
  });

  test.each([
    ['away', new AbcaError('SERVICE_UNAVAILABLE', 'throttled', { retryable: true }), 503],
    ['broken', new AbcaError('STORE_CORRUPT', 'no approval'), 500],
    ['defective', new Error('a defect with a path /secret'), 500],
  ])('a store that is %s is logged once, and little of it shown', async (_what, error, expected) => {
    const pages = new Pages();
    const token = await tokenOf(await pages.open());
    pages.broken = error;

    const { status, text } = await pages.post(token, 'decision=approve');

    expect([status, text.includes(error.message)]).toStrictEqual([expected, false]);
    expect(pages.logger.lines.map(({ level, message }) => [level, message])).toStrictEqual([
      ['error', 'page of an approval link failed'],
    ]);
  });

  test('no line of the log holds a token', async () => {
    const pages = new Pages();
    const token = await tokenOf(await pages.open());
    await pages.post(token, 'decision=approve');
    pages.broken = new Error('away');
    await pages.ask('GET', token);

    expect(pages.logger.lines.length).toBe(2);
    expect(JSON.stringify(pages.logger.lines)).not.toContain('abca-link');
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another site without an origin', { 'sec-fetch-site': 'cross-site' }],
    ['a page of the same site, elsewhere', { 'sec-fetch-site': 'same-site', origin: 'https://www.example.com' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['a site that says it is ours', { 'sec-fetch-site': 'cross-site', origin }],
    ['an older browser on another site', { origin: 'https://evil.example' }],
    ['an older browser on a page without an origin', { origin: 'null' }],
    ['our name over plain HTTP', { origin: 'http://abca.example.com' }],
    ['our name on another port', { origin: `${origin}:8443` }],
    ['a name that begins as ours', { origin: `${origin}.evil.example` }],
    ['a program', {}],
    ['an unknown word', { 'sec-fetch-site': 'SAME-ORIGIN', origin }],
    ['ours, with the origin of another', { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }],
  ])('is refused from %s, without a look at the token', async (_who, headers) => {
    const pages = new Pages();
    const approval = await pages.open();
    const post = (token: string): Promise<Answer> =>
      pages.ask('POST', token, { headers: { ...form, ...headers }, body: 'decision=approve' });

    const answers = [await post(await tokenOf(approval)), await post('forged')];

    expect(answers[0]!.status).toBe(403);
    expect(answers[1]).toStrictEqual(answers[0]);
    expect(pages.asked).toStrictEqual([]);
    expect(await pages.status(approval)).toBe('PENDING');
  });

  test.each([
    ['a page that is told to send no referrer', fromPage],
    ['a page that sends its origin', { 'sec-fetch-site': 'same-origin', origin }],
    ['a page without an origin', { 'sec-fetch-site': 'same-origin' }],
    ['a page of an older browser', { origin }],
  ])('is taken from %s of ours', async (_who, headers) => {
    const pages = new Pages();
    const approval = await pages.open();

    await pages.ask('POST', await tokenOf(approval), { headers: { ...form, ...headers }, body: 'decision=deny' });

    expect(await pages.status(approval)).toBe('DENIED');
  });

  test.each([
    '',
    'decision=',
    'decision=APPROVE',
    'decision=approve&decision=deny',
    'decision=deny&decision=deny',
    'decision=deny&reason=a&reason=b',
    'decision=approve&scope=all_session',
    'decision[]=approve',
    'reason=yes',
    '{"decision":"approve"}',
    `decision=deny&reason=${'x'.repeat(20_001)}`,
  ])('a form that says %j decides nothing', async (body) => {
    const pages = new Pages();
    const approval = await pages.open();

    expect((await pages.post(await tokenOf(approval), body)).status).toBe(400);
    expect(await pages.status(approval)).toBe('PENDING');
    expect(pages.asked).toStrictEqual([]);
  });

  test.each([
    'text/plain',
    'application/json',
    'multipart/form-data; boundary=x',
    '',
    'application/x-www-form-urlencodedx',
  ])('a body of type %j is not read', async (type) => {
    const pages = new Pages();
    const approval = await pages.open();

    expect((await pages.post(await tokenOf(approval), 'decision=approve', { 'content-type': type })).status).toBe(415);
    expect(await pages.status(approval)).toBe('PENDING');
  });
});

describe('a link that is none', () => {
  const own = anApproval();
  const link: ApprovalLink = own;
  const other = { ...link, requestId: aRequestId(2) };
  const flip = (text: string, at: number): string =>
    `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
  const mix = async (): Promise<string> => {
    const [head, payload] = (await tokenOf(other)).split('.');
    return [head, payload, (await tokenOf(link)).split('.')[2]].join('.');
  };

  /** How the token is made, and whether its signature is right: only then may a store be asked. */
  const wrong: readonly (readonly [string, () => Promise<string> | string, boolean])[] = [
    ['empty but for a space', () => '%20', false],
    ['a word', () => 'x', false],
    ['a request id', () => own.requestId, false],
    ['the prefix alone', () => 'abca-link-1', false],
    ['without a signature', async () => (await tokenOf(link)).split('.').slice(0, 2).join('.'), false],
    ['with an empty signature', async () => `${(await tokenOf(link)).split('.').slice(0, 2).join('.')}.`, false],
    [
      'with a signature of zeros',
      async () => `${(await tokenOf(link)).split('.').slice(0, 2).join('.')}.${'A'.repeat(43)}`,
      false,
    ],
    ['cut by one', async () => (await tokenOf(link)).slice(0, -1), false],
    ['cut in half', async () => (await tokenOf(link)).slice(0, 100), false],
    ['longer by one', async () => `${await tokenOf(link)}A`, false],
    ['with a dot more', async () => `${await tokenOf(link)}.`, false],
    ['with a line break', async () => `${await tokenOf(link)}%0A`, false],
    ['with a zero byte', async () => `${await tokenOf(link)}%00`, false],
    ['with half an escape', async () => `${await tokenOf(link)}%`, false],
    ['changed in its payload', async () => flip(await tokenOf(link), 40), false],
    ['changed in its signature', async () => flip(await tokenOf(link), (await tokenOf(link)).length - 20), false],
    ['of another version', async () => (await tokenOf(link)).replace('abca-link-1', 'abca-link-2'), false],
    ['without the version', async () => (await tokenOf(link)).replace('abca-link-1.', ''), false],
    ['in upper case', async () => (await tokenOf(link)).toUpperCase(), false],
    ['signed by another installation', () => tokenOf(link, 'another key of thirty-two characters'), false],
    ['the payload of one with the signature of another', mix, false],
    ['very long', () => 'x'.repeat(10_000), false],
    ['a JSON web token', () => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.', false],
    ['a path', () => '..%2F..%2Fetc', false],
    ['over', () => tokenOf({ ...link, expiresAt: '2025-12-31T23:59:59.999Z' as ApprovalLink['expiresAt'] }), false],
    ['of a request that is not there', () => tokenOf(other), true],
    ['of another task', () => tokenOf({ ...link, taskId: aTaskId(2) }), true],
    ['bound to another person', () => tokenOf({ ...link, userId: 'bob' as UserId }), true],
    [
      'of another time than its request',
      () => tokenOf({ ...link, expiresAt: '2026-01-01T01:00:00.000Z' as ApprovalLink['expiresAt'] }),
      true,
    ],
    ['for a task id that is none', () => tokenOf({ ...link, taskId: 'x' as ApprovalLink['taskId'] }), false],
    ['for a request id that is none', () => tokenOf({ ...link, requestId: '#' as ApprovalLink['requestId'] }), false],
  ];

  test.each(wrong)('%s: one page, no decision', async (_what, make, isSigned) => {
    const pages = new Pages();
    await pages.open();
    const token = await make();

    const answers = [await pages.ask('GET', token), await pages.post(token, 'decision=approve')];

    const page = await new Pages().ask('GET', 'x');
    expect(page.status).toBe(404);
    expect(answers).toStrictEqual([page, page]);
    expect(pages.asked).toStrictEqual(isSigned ? ['find', 'find'] : []);
    expect(await pages.status(own)).toBe('PENDING');
  });

  test('a link that is used again after the time of its request is nothing, decided or not', async () => {
    const pages = new Pages();
    const approval = await pages.open();
    const token = await tokenOf(approval);
    await pages.post(token, 'decision=approve');
    await pages.clock.advance(parseIso(approval.expiresAt) - pages.clock.nowMs());
    pages.asked.length = 0;

    const answers = [await pages.ask('GET', token), await pages.post(token, 'decision=deny')];

    const page = await new Pages().ask('GET', 'x');
    expect(answers).toStrictEqual([page, page]);
    expect(pages.asked).toStrictEqual([]);
    expect(await pages.status(approval)).toBe('APPROVED');
  });
});

test.each(['', 'abca.example.com', 'ftp://abca.example.com', 'javascript:alert(1)'])(
  'an address that browsers cannot open is refused: %j',
  (baseUrl) => {
    let thrown: unknown;
    try {
      new Pages({ baseUrl });
    } catch (error) {
      thrown = error;
    }

    expect(AbcaError.is(thrown, 'CONFIG_INVALID')).toBe(true);
  },
);
