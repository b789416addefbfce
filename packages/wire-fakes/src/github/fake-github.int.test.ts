import { FakeClock } from '@abca/core/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jwtOf, octokitAs, refusalOf } from './github-client.test-kit.ts';
import { appPermissions, startFakeGitHub, type FakeGitHub, type RepoControl } from './index.ts';

const shop = { owner: 'acme', repo: 'shop' };
const hour = 60 * 60 * 1000;
let clock: FakeClock;
let github: FakeGitHub;
let control: RepoControl;

beforeEach(async () => {
  clock = new FakeClock();
  github = await startFakeGitHub({ clock });
  control = github.addRepository({ repo: 'acme/shop' });
});
afterEach(() => github.close());

const nowS = (): number => Math.floor(clock.nowMs() / 1000);

async function mint(
  body: { readonly repositories?: string[]; readonly permissions?: Record<string, 'read' | 'write'> } = {},
) {
  const app = octokitAs(github, jwtOf(github.app, nowS()));
  const { data: installation } = await app.request('GET /repos/{owner}/{repo}/installation', shop);
  const { data } = await app.request('POST /app/installations/{installation_id}/access_tokens', {
    installation_id: installation.id,
    ...body,
  });
  return data;
}

describe('FakeGitHub, the app', () => {
  test.each([
    ['the key of another app', {}, (jwt: string) => `${jwt.slice(0, -4)}AAAA`, 'could not be decoded'],
    ['another issuer', { iss: '1' }, undefined, 'Integration not found'],
    ['an end in the past', { exp: -1 }, undefined, "claim ('exp')"],
    ['an end in more than ten minutes', { exp: 601 }, undefined, 'too far in the future'],
    ['a beginning in the future', { iat: 1 }, undefined, "claim ('iat')"],
  ] as const)('refuses a JWT with %s', async (_, claims, spoil = (jwt: string) => jwt, message) => {
    const moved = Object.fromEntries(
      Object.entries(claims).map(([name, value]) => [name, typeof value === 'number' ? nowS() + value : value]),
    );
    const jwt = spoil(jwtOf(github.app, nowS(), moved));

    expect(await refusalOf(octokitAs(github, jwt).request('GET /app'))).toStrictEqual({
      status: 401,
      message: expect.stringContaining(message),
    });
  });

  test('is installed or not, and suspended', async () => {
    expect(await refusalOf(mint())).toMatchObject({ status: 404 });
    const installation = github.installApp({ account: 'acme' });
    installation.suspended = true;

    expect(await refusalOf(mint())).toStrictEqual({
      status: 403,
      message: expect.stringContaining('This installation has been suspended'),
    });
  });

  test('gets tokens of an hour with what it has, or with less', async () => {
    github.installApp({ account: 'acme' });

    const whole = await mint();
    const less = await mint({ repositories: ['shop'], permissions: { contents: 'read' } });

    expect(Date.parse(whole.expires_at)).toBe(Math.floor(clock.nowMs() / 1000) * 1000 + hour);
    expect(whole).toMatchObject({ permissions: appPermissions, repository_selection: 'all' });
    expect(less).toMatchObject({ permissions: { contents: 'read' }, repositories: [{ full_name: 'acme/shop' }] });
    expect(github.tokens).toMatchObject([
      { token: whole.token, repositories: 'all' },
      { token: less.token, repositories: ['acme/shop'], permissions: { contents: 'read' } },
    ]);
  });

  test.each([{ repositories: ['other'] }, { permissions: { administration: 'write' as const } }])(
    'gets none for more than it has: %j',
    async (body) => {
      github.installApp({ account: 'acme' });

      expect(await refusalOf(mint(body))).toMatchObject({ status: 422 });
    },
  );
});

describe('FakeGitHub, access', () => {
  test('takes a token for an hour, and until it is revoked', async () => {
    github.installApp({ account: 'acme' });
    const { token } = await mint();
    const read = () => octokitAs(github, token).request('GET /repos/{owner}/{repo}', shop);

    await clock.advance(hour - 1000);
    expect((await read()).status).toBe(200);
    await clock.advance(1000);
    expect(await refusalOf(read())).toStrictEqual({ status: 401, message: expect.stringContaining('Bad credentials') });
    const next = await mint();
    github.tokens.find((one) => one.token === next.token)!.revoked = true;

    expect(await refusalOf(octokitAs(github, next.token).request('GET /repos/{owner}/{repo}', shop))).toMatchObject({
      status: 401,
    });
  });

  test('shows a private repository only to who reaches it', async () => {
    github.addRepository({ repo: 'acme/open', private: false });
    github.installApp({ account: 'acme' });
    github.people.set('ann', 'acme/shop', 'read');
    const narrow = (await mint({ repositories: ['open'] })).token;
    const stranger = github.addPersonalToken({ login: 'mallory' }).token;
    const ann = github.addPersonalToken({ login: 'ann' }).token;
    const statusFor = async (auth: string, repo: string): Promise<number> =>
      octokitAs(github, auth)
        .request('GET /repos/{owner}/{repo}', { owner: 'acme', repo })
        .then(
          ({ status }) => status,
          (error: { status: number }) => error.status,
        );

    expect(
      await Promise.all(
        [narrow, stranger, ann].flatMap((token) => ['shop', 'open'].map((one) => statusFor(token, one))),
      ),
    ).toStrictEqual([404, 200, 404, 200, 200, 200]);
  });

  test('names the permission that a call needs', async () => {
    github.installApp({ account: 'acme' });
    control.openIssue({ title: 'Bug' });
    const { token } = await mint({ permissions: { contents: 'read', issues: 'read' } });

    const answer = await fetch(`${github.apiUrl}/repos/acme/shop/issues/1/comments`, {
      method: 'POST',
      headers: { authorization: `token ${token}`, 'user-agent': 'test' },
      body: JSON.stringify({ body: 'hello' }),
    });

    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-accepted-github-permissions')).toBe('issues=write; pull_requests=write');
    expect(control.issue(1).comments).toStrictEqual([]);
  });

  test('lets nobody edit what another wrote', async () => {
    github.installApp({ account: 'acme' });
    control.openIssue({ title: 'Bug' });
    const { id } = control.comment(1, { author: 'ann', body: 'mine' });
    const { token } = await mint();

    const edit = octokitAs(github, token).request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      ...shop,
      comment_id: id,
      body: 'yours',
    });

    expect(await refusalOf(edit)).toMatchObject({ status: 403 });
    expect(control.issue(1).comments).toMatchObject([{ body: 'mine' }]);
  });

  test('wants a credential and a user agent', async () => {
    const bare = await fetch(`${github.apiUrl}/repos/acme/shop`, { headers: { 'user-agent': 'x' } });

    expect(bare.status).toBe(401);
    expect(await refusalOf(octokitAs(github).request('GET /repos/{owner}/{repo}', shop))).toMatchObject({
      status: 401,
    });
  });
});

describe('FakeGitHub, the API', () => {
  const pages = async (query: Record<string, number>) => {
    const answer = await octokitAs(github, (await mint()).token).request(
      'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
      { ...shop, issue_number: 1, ...query },
    );
    const links = [...(answer.headers.link ?? '').matchAll(/[?&]page=(\d+)[^>]*>; rel="(\w+)"/g)];
    return {
      bodies: answer.data.map(({ body }) => body),
      links: Object.fromEntries(links.map(([, page, rel]) => [rel, page])),
    };
  };

  test('pages lists, 30 to a page unless told, 100 at most, with links', async () => {
    github.installApp({ account: 'acme' });
    control.openIssue({ title: 'Bug' });
    for (let at = 1; at <= 201; at += 1) control.comment(1, { body: String(at) });

    const first = await pages({});
    const middle = await pages({ per_page: 100, page: 2 });
    const last = await pages({ per_page: 100, page: 3 });

    expect(first.bodies).toHaveLength(30);
    expect(first.links).toStrictEqual({ next: '2', last: '7' });
    expect([middle.bodies[0], middle.bodies.at(-1)]).toStrictEqual(['101', '200']);
    expect(middle.links).toStrictEqual({ prev: '1', first: '1', next: '3', last: '3' });
    expect(last).toStrictEqual({ bodies: ['201'], links: { prev: '2', first: '1' } });
    expect(github.violations).toStrictEqual([]);
  });

  test('makes and edits comments as the app', async () => {
    github.installApp({ account: 'acme' });
    control.openIssue({ title: 'Bug' });
    const api = octokitAs(github, (await mint()).token);

    const made = await api.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...shop,
      issue_number: 1,
      body: 'one',
    });
    await api.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      ...shop,
      comment_id: made.data.id,
      body: 'two',
    });

    expect(made.data).toMatchObject({ body: 'one', user: { login: 'abca[bot]', type: 'Bot' } });
    expect(control.issue(1).comments).toMatchObject([{ id: made.data.id, body: 'two', viaApp: true }]);
    expect(github.count('issues/create-comment')).toBe(1);
    expect(github.violations).toStrictEqual([]);
  });

  test('refuses a blank comment, and one that is too long', async () => {
    github.installApp({ account: 'acme' });
    control.openIssue({ title: 'Bug' });
    const api = octokitAs(github, (await mint()).token);
    const say = (body: string) =>
      api.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...shop, issue_number: 1, body });

    expect(await refusalOf(say(' '))).toMatchObject({ status: 422 });
    expect(await refusalOf(say('x'.repeat(65_537)))).toMatchObject({ status: 422 });
    expect((await say('x'.repeat(65_536))).status).toBe(201);
  });

  test('opens one pull request for a branch', async () => {
    github.installApp({ account: 'acme' });
    const other = github.addRepository({
      repo: 'acme/other',
      refs: { 'refs/heads/main': '1'.repeat(40), 'refs/heads/fix': '2'.repeat(40) },
    });
    const api = octokitAs(github, (await mint()).token);
    const open = (head: string) =>
      api.request('POST /repos/{owner}/{repo}/pulls', {
        owner: 'acme',
        repo: 'other',
        title: 'Fix',
        head,
        base: 'main',
        draft: true,
      });

    const [one, two] = await Promise.allSettled([open('fix'), open('fix')]);

    expect([one.status, two.status].sort()).toStrictEqual(['fulfilled', 'rejected']);
    expect(other.pull(1)).toMatchObject({ draft: true, headBranch: 'fix', headSha: '2'.repeat(40) });
    expect(await refusalOf(open('fix'))).toStrictEqual({
      status: 422,
      message: expect.stringContaining('A pull request already exists for acme:fix.'),
    });
    expect(await refusalOf(open('nothing'))).toMatchObject({ status: 422 });
    expect(await refusalOf(open('main'))).toMatchObject({ status: 422 });
    expect(github.violations).toStrictEqual([]);
  });

  test('shows what a person may do, and nobody unknown', async () => {
    github.installApp({ account: 'acme' });
    github.people.set('ann', 'acme/shop', 'write');
    const api = octokitAs(github, (await mint()).token);
    const ask = (username: string) =>
      api.request('GET /repos/{owner}/{repo}/collaborators/{username}/permission', { ...shop, username });

    expect((await ask('ann')).data.permission).toBe('write');
    expect((await ask('acme')).data.permission).toBe('none');
    expect(await refusalOf(ask('nobody'))).toMatchObject({ status: 404 });
  });

  test.each([
    ['a field that GitHub does not know', 'POST', '/repos/acme/shop/issues/1/comments', { body: 'x', colour: 'red' }],
    ['a field that is missing', 'POST', '/repos/acme/shop/issues/1/comments', {}],
    ['a field of another type', 'POST', '/repos/acme/shop/issues/1/comments', { body: 7 }],
    ['a parameter that GitHub does not know', 'GET', '/repos/acme/shop/issues/1/comments?colour=red', undefined],
    ['a number that is none', 'GET', '/repos/acme/shop/issues/one', undefined],
    ['a call that is not served', 'DELETE', '/repos/acme/shop', undefined],
  ])('tells of %s', async (_, method, path, body) => {
    github.installApp({ account: 'acme' });
    control.openIssue({ title: 'Bug' });
    const { token } = await mint();

    const answer = await fetch(`${github.apiUrl}${path}`, {
      method,
      headers: { authorization: `token ${token}`, 'user-agent': 'test' },
      ...(body && { body: JSON.stringify(body) }),
    });

    expect(answer.ok).toBe(false);
    expect(github.violations).toHaveLength(1);
  });
});

describe('FakeGitHub, failures', () => {
  const say = async (token: string) =>
    octokitAs(github, token).request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...shop,
      issue_number: 1,
      body: 'hello',
    });
  const bodies = (): number => control.issue(1).comments.length;
  let token: string;

  beforeEach(async () => {
    github.installApp({ account: 'acme' });
    control.openIssue({ title: 'Bug' });
    token = (await mint()).token;
  });

  test.each([
    [{ status: 503 }, 503, 0],
    [{ status: 503, accepted: true }, 503, 1],
    [{ reset: true }, 500, 0],
    [{ reset: true, accepted: true }, 500, 1],
  ] as const)('answers with %j, and does what was asked or does not', async (plan, status, said) => {
    github.failNext({ match: 'issues/create-comment', ...plan });

    expect(await refusalOf(say(token))).toMatchObject({ status });
    expect(bodies()).toBe(said);
    expect((await say(token)).status).toBe(201);
  });

  test('begins after some calls, lasts for some, and ends when it is healed', async () => {
    github.failNext({ match: /POST .*\/comments$/, status: 500, after: 1, times: 2 });

    const statuses = [];
    for (let call = 0; call < 4; call += 1) {
      statuses.push(
        await say(token).then(
          ({ status }) => status as number,
          (error: { status: number }) => error.status,
        ),
      );
    }
    github.failNext({ status: 500, times: Infinity });
    github.heal();

    expect(statuses).toStrictEqual([201, 500, 500, 201]);
    expect((await say(token)).status).toBe(201);
  });

  test.each([
    [{ limit: 'primary', retryAfterS: 90 } as const, 403, { 'x-ratelimit-remaining': '0' }],
    [{ limit: 'secondary', retryAfterS: 90 } as const, 403, { 'retry-after': '90' }],
    [{ limit: 'secondary', status: 429 } as const, 429, { 'retry-after': '60' }],
  ])('limits as GitHub does: %j', async (plan, status, headers) => {
    github.failNext(plan);

    const answer = await fetch(`${github.apiUrl}/repos/acme/shop`, { headers: { authorization: `token ${token}` } });

    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      ...headers,
      ...('limit' in plan && plan.limit === 'primary' && { 'x-ratelimit-reset': String(nowS() + 90) }),
    });
  });

  test('keeps every request, with what was answered and by whom', async () => {
    github.failNext({ match: 'issues/create-comment', reset: true });
    await refusalOf(say(token));

    expect(github.requests.at(-1)).toStrictEqual({
      id: 'issues/create-comment',
      method: 'POST',
      path: '/repos/acme/shop/issues/1/comments',
      query: {},
      body: { body: 'hello' },
      status: 0,
      credential: token,
    });
  });
});
