import { describe, expect, test } from '@jest/globals';
import { anApi } from '../api.test-kit.ts';
import { repoWire } from '../wire/repo-wire.ts';

const body = {
  repo: 'acme/api',
  clone_url: '/srv/git/api.git',
  default_branch: 'main',
  blueprint: {
    compute: { type: 'memory', memory_mb: 512 },
    max_turns: 20,
    protected_branches: ['release'],
    pull_request: { draft: true },
  },
};

describe('/v1/repos', () => {
  test('adds a repository that tasks can then be submitted for', async () => {
    const { call } = anApi();

    const added = await call('POST', '/v1/repos', { body });
    const found = await call('GET', '/v1/repos/acme/api');
    const submitted = await call('POST', '/v1/tasks', { body: { repo: 'acme/api', task_description: 'x' } });

    expect([added.status, added.headers.get('location')]).toStrictEqual([201, '/v1/repos/acme/api']);
    expect(added.json.data).toStrictEqual({
      ...body,
      status: 'active',
      forge: 'git',
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
    });
    expect(repoWire.safeParse(added.json.data).success).toBe(true);
    expect(found.json).toStrictEqual(added.json);
    expect(submitted.status).toBe(201);
  });

  test('replaces the settings of one that is there and keeps when it was added', async () => {
    const { call, clock } = anApi();
    await call('POST', '/v1/repos', { body });
    await clock.advance(1000);

    const { status, json } = await call('POST', '/v1/repos', { body: { ...body, blueprint: {} } });

    expect(status).toBe(200);
    expect(json.data).toMatchObject({
      blueprint: {},
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:01.000Z',
    });
  });

  test('lists active ones by name, in pages', async () => {
    const { call } = anApi();
    await call('POST', '/v1/repos', { body });

    const first = await call('GET', '/v1/repos?limit=1');
    const second = await call('GET', `/v1/repos?limit=1&next_token=${first.json.pagination.next_token}`);

    expect([first, second].map(({ json }) => json.data[0].repo)).toStrictEqual(['acme/api', 'acme/shop']);
    expect(second.json.pagination).toStrictEqual({ has_more: false });
  });

  test('removes one: it takes no more tasks, is not shown, and can be added again', async () => {
    const { call } = anApi();

    const removed = await call('DELETE', '/v1/repos/acme/shop');
    const after = [
      await call('GET', '/v1/repos/acme/shop'),
      await call('DELETE', '/v1/repos/acme/shop'),
      await call('POST', '/v1/tasks', { body: { repo: 'acme/shop', task_description: 'x' } }),
      await call('POST', '/v1/repos', { body: { ...body, repo: 'acme/shop' } }),
    ];

    expect([removed.status, removed.json.data.status]).toStrictEqual([200, 'removed']);
    expect(after.map(({ status }) => status)).toStrictEqual([404, 404, 422, 201]);
    expect(after[0]?.json.error.code).toBe('REPO_NOT_FOUND');
  });

  test.each([
    [{ ...body, repo: 'api' }, 'repo'],
    [{ ...body, clone_url: '--upload-pack=x' }, 'clone_url'],
    [{ ...body, forge: 'svn' }, 'forge'],
    [{ ...body, blueprint: { max_turns: 0 } }, 'blueprint.max_turns'],
    [{ ...body, blueprint: { maxTurns: 5 } }, 'blueprint.maxTurns'],
    [{ ...body, blueprint: { compute: {} } }, 'blueprint.compute.type'],
    [{ ...body, blueprint: { protected_branches: ['a', ''] } }, 'blueprint.protected_branches[1]'],
    [{ ...body, blueprint: { pull_request: { draft: 'yes' } } }, 'blueprint.pull_request.draft'],
    [{ ...body, cloneUrl: 'x' }, 'cloneUrl'],
  ])('answers %j with 400 and the path %s', async (bad, path) => {
    const { status, json } = await anApi().call('POST', '/v1/repos', { body: bad });

    expect(status).toBe(400);
    expect(json.error.details.issues).toContainEqual(expect.objectContaining({ in: 'body', path }));
  });

  test('never repeats an address that holds a credential', async () => {
    const { status, json } = await anApi().call('POST', '/v1/repos', {
      body: { ...body, clone_url: 'https://tok@example.com/x' },
    });

    expect(status).toBe(400);
    expect(JSON.stringify(json)).not.toContain('tok@');
  });

  test('refuses a compute type that nothing here runs', async () => {
    const { status, json } = await anApi().call('POST', '/v1/repos', {
      body: { ...body, blueprint: { compute: { type: 'mainframe' } } },
    });

    expect([status, json.error.code]).toStrictEqual([422, 'UNKNOWN_COMPUTE_TYPE']);
  });

  test.each(['GET', 'DELETE'])('%s of a name that cannot be one answers 404', async (method) => {
    const { status } = await anApi().call(method, '/v1/repos/a%20b/c');

    expect(status).toBe(404);
  });
});

describe('triggers of a repository', () => {
  const withTriggers = (triggers: object): object => ({ ...body, forge: 'github', blueprint: { triggers } });

  test('are those of who adds it unless they say whose', async () => {
    const { call, repos } = anApi();

    const { status, json } = await call('POST', '/v1/repos', { body: withTriggers({ label: 'do', mention: '@hal' }) });

    expect(status).toBe(201);
    expect(json.data.blueprint).toStrictEqual({ triggers: { run_as: 'ann', label: 'do', mention: '@hal' } });
    expect((await repos.find(json.data.repo))?.blueprint.triggers).toStrictEqual({
      runAs: 'ann',
      label: 'do',
      mention: '@hal',
    });
  });

  test('of somebody else are set by an operator only, and stay when others change the rest', async () => {
    const { call, repos } = anApi();
    const operator = anApi({ isOperator: () => true, repos });
    const bobs = withTriggers({ run_as: 'bob' });

    const refused = await call('POST', '/v1/repos', { body: bobs });
    const set = await operator.call('POST', '/v1/repos', { body: bobs });
    const kept = await call('POST', '/v1/repos', { body: withTriggers({ run_as: 'bob', label: 'do' }) });
    const other = await call('POST', '/v1/repos', { body: withTriggers({ run_as: 'dora' }) });
    await call('DELETE', '/v1/repos/acme/api');
    const again = await call('POST', '/v1/repos', { body: bobs });

    expect([refused, set, kept, other, again].map(({ status }) => status)).toStrictEqual([403, 201, 200, 403, 403]);
    expect(refused.json.error.code).toBe('FORBIDDEN');
  });

  test.each([
    [{ mention: 'abca' }, 'blueprint.triggers.mention'],
    [{ run_as: '' }, 'blueprint.triggers.run_as'],
    [{ runAs: 'ann' }, 'blueprint.triggers.runAs'],
    [{ label: ' ' }, 'blueprint.triggers.label'],
  ])('%j are refused with the path %s', async (triggers, path) => {
    const { status, json } = await anApi().call('POST', '/v1/repos', { body: withTriggers(triggers) });

    expect(status).toBe(400);
    expect(json.error.details.issues).toContainEqual(expect.objectContaining({ in: 'body', path }));
  });
});
