import { describe, expect, test } from '@jest/globals';
import { AbcaError, type RepoId, type Security } from '@abca/core';
import { aRepoConfig, aRule } from '@abca/core/testing';
import { anApi, type ApiWorld } from '../api.test-kit.ts';
import { policiesWire } from '../wire/policies-wire.ts';

const path = '/v1/repos/acme/shop/policies';
const problems = ['line 1: unexpected token', 'line 3: rule "a" has no @tier'];
const invalid = new AbcaError('POLICY_INVALID', `the policies cannot be used: ${problems.join(' | ')}`, {
  details: { problems },
});
const security = {
  cedar_policies: { hard: '@rule_id("A_b") forbid', soft: 'cedarPolicies maxPreApprovalScope', disable: ['soft_1'] },
  approval_gate_cap: 7,
  max_pre_approval_scope: 'rule',
};

const stored = (world: ApiWorld): Promise<Security | undefined> =>
  world.repos.find('acme/shop' as RepoId).then((config) => config?.blueprint.security);

/** An API whose engine knows one rule of each tier. */
function anApiWithRules(): ApiWorld {
  const world = anApi();
  world.policies.engine.rules = [
    aRule({ ruleId: 'hard_1', severity: 'high', source: 'built-in hard policies' }),
    aRule({ ruleId: 'soft_1', tier: 'soft', approvalTimeoutS: 60, category: 'git', summary: 'ask first' }),
  ];
  return world;
}

describe('GET /v1/repos/{owner}/{name}/policies', () => {
  test('shows every rule that applies, and the platform’s limits where the repository sets none', async () => {
    const { status, json, headers } = await anApiWithRules().call('GET', path);

    expect([status, headers.get('cache-control')]).toStrictEqual([200, 'private, max-age=300']);
    expect(json).toStrictEqual({
      data: {
        repo: 'acme/shop',
        rules: [
          { rule_id: 'hard_1', tier: 'hard', severity: 'high', source: 'built-in hard policies' },
          {
            rule_id: 'soft_1',
            tier: 'soft',
            severity: 'medium',
            approval_timeout_s: 60,
            category: 'git',
            summary: 'ask first',
            source: 'test policies',
          },
        ],
        disabled: [],
        warnings: [],
        approval_gate_cap: 50,
        max_pre_approval_scope: 'all_session',
      },
    });
    expect(policiesWire.safeParse(json.data).success).toBe(true);
  });

  test('shows no secret that a rule’s summary holds', async () => {
    const world = anApi();
    world.policies.engine.rules = [aRule({ summary: `never use ghp_${'a'.repeat(36)}` })];

    const { json } = await world.call('GET', path);

    expect(json.data.rules[0].summary).toBe('never use [REDACTED-GITHUB_TOKEN]');
  });

  test('answers 503 with every problem when the stored policies do not load, and is not to be kept', async () => {
    const world = anApi();
    world.policies.failure = invalid;

    const { status, json, headers } = await world.call('GET', path);

    expect([status, json.error.code, json.error.details]).toStrictEqual([503, 'SERVICE_UNAVAILABLE', { problems }]);
    expect([headers.get('cache-control'), headers.get('retry-after')]).toStrictEqual([null, null]);
  });

  test.each([
    ['GET', '/v1/repos/acme/other/policies'],
    ['GET', '/v1/repos/a%20b/c/policies'],
    ['PUT', '/v1/repos/acme/other/policies'],
    ['PUT', '/v1/repos/a%20b/c/policies'],
  ])('%s %s, which has not been added, is 404', async (method, other) => {
    const world = anApi();

    const { status, json } = await world.call(method, other, method === 'PUT' ? { body: {} } : {});

    expect([status, json.error.code]).toStrictEqual([404, 'REPO_NOT_FOUND']);
    expect(world.policies.loads).toStrictEqual([]);
  });

  test('a removed repository is 404, for PUT too', async () => {
    const world = anApi();
    await world.call('DELETE', '/v1/repos/acme/shop');

    const answers = [await world.call('GET', path), await world.call('PUT', path, { body: security })];

    expect(answers.map(({ status }) => status)).toStrictEqual([404, 404]);
    expect(await stored(world)).toBeUndefined();
  });
});

describe('PUT /v1/repos/{owner}/{name}/policies', () => {
  test('loads them, stores them as they came, and shows them at once', async () => {
    const world = anApiWithRules();
    await world.clock.advance(1000);

    const put = await world.call('PUT', path, { body: security });
    const got = await world.call('GET', path);

    expect([put.status, put.headers.get('cache-control')]).toStrictEqual([200, null]);
    expect(put.json.data).toMatchObject({
      disabled: ['soft_1'],
      approval_gate_cap: 7,
      max_pre_approval_scope: 'rule',
    });
    expect(got.json).toStrictEqual(put.json);
    expect(world.policies.loads).toStrictEqual([security.cedar_policies, security.cedar_policies]);
    expect(await world.repos.find('acme/shop' as RepoId)).toStrictEqual({
      ...aRepoConfig(),
      blueprint: {
        security: { cedarPolicies: security.cedar_policies, approvalGateCap: 7, maxPreApprovalScope: 'rule' },
      },
      updatedAt: '2026-01-01T00:00:01.000Z',
    });
  });

  test('replaces security as a whole and nothing else of the blueprint', async () => {
    const world = anApi();
    const blueprint = { max_turns: 9, security };
    await world.call('POST', '/v1/repos', { body: { repo: 'acme/shop', clone_url: '/x', blueprint } });

    const { status } = await world.call('PUT', path, { body: { approval_gate_cap: 3 } });
    const { json } = await world.call('GET', '/v1/repos/acme/shop');

    expect(status).toBe(200);
    expect(json.data.blueprint).toStrictEqual({ max_turns: 9, security: { approval_gate_cap: 3 } });
  });

  test('refuses policies that do not load with every problem, and stores nothing', async () => {
    const world = anApi();
    await world.call('PUT', path, { body: { approval_gate_cap: 3 } });
    world.policies.failure = invalid;

    const { status, json } = await world.call('PUT', path, { body: security });

    expect([status, json.error.code, json.error.details]).toStrictEqual([422, 'POLICY_INVALID', { problems }]);
    expect(await stored(world)).toStrictEqual({ approvalGateCap: 3 });
  });

  test('mends policies that were stored and do not load', async () => {
    const world = anApi();
    world.policies.failure = invalid;
    const broken = await world.call('GET', path);
    world.policies.failure = undefined;

    const mended = await world.call('PUT', path, { body: {} });

    expect([broken.status, mended.status]).toStrictEqual([503, 200]);
  });

  test.each([
    [{ cedar_policies: { hard: 5 } }, 'cedar_policies.hard'],
    [{ cedar_policies: { medium: '' } }, 'cedar_policies.medium'],
    [{ cedar_policies: { disable: ['a', ''] } }, 'cedar_policies.disable[1]'],
    [{ cedar_policies: { disable: 'a' } }, 'cedar_policies.disable'],
    [{ cedar_policies: { hard: 'x'.repeat(40_000), soft: 'é'.repeat(20_000) } }, 'cedar_policies'],
    [{ cedarPolicies: {} }, 'cedarPolicies'],
    [{ approval_gate_cap: 0 }, 'approval_gate_cap'],
    [{ approval_gate_cap: 501 }, 'approval_gate_cap'],
    [{ approval_gate_cap: '5' }, 'approval_gate_cap'],
    [{ max_pre_approval_scope: 'this_call' }, 'max_pre_approval_scope'],
    [{ max_turns: 5 }, 'max_turns'],
    [[], ''],
    ['null', ''],
  ])('answers %j with 400 and the path %j, and stores nothing', async (body, wrong) => {
    const world = anApi();

    const { status, json } = await world.call('PUT', path, { body });

    expect(status).toBe(400);
    expect(json.error.details.issues).toContainEqual(expect.objectContaining({ in: 'body', path: wrong }));
    expect([await stored(world), world.policies.loads]).toStrictEqual([undefined, []]);
  });
});

describe('POST /v1/repos with security', () => {
  const body = { repo: 'acme/api', clone_url: '/x', blueprint: { security } };

  test('leaves the rules of a repository that is added again without any', async () => {
    const world = anApi();
    await world.call('POST', '/v1/repos', { body });

    const { json } = await world.call('POST', '/v1/repos', { body: { ...body, clone_url: '/y', blueprint: {} } });

    expect([json.data.clone_url, json.data.blueprint]).toStrictEqual(['/y', { security }]);
  });

  test('stores what was loaded and shows it as it was sent', async () => {
    const world = anApi();

    const { status, json } = await world.call('POST', '/v1/repos', { body });

    expect([status, json.data.blueprint]).toStrictEqual([201, { security }]);
    expect(world.policies.loads).toStrictEqual([security.cedar_policies]);
    expect((await world.repos.find('acme/api' as RepoId))?.blueprint.security).toStrictEqual({
      cedarPolicies: security.cedar_policies,
      approvalGateCap: 7,
      maxPreApprovalScope: 'rule',
    });
  });

  test('refuses policies that do not load with every problem, and stores nothing', async () => {
    const world = anApi();
    world.policies.failure = invalid;

    const { status, json } = await world.call('POST', '/v1/repos', { body });

    expect([status, json.error.code, json.error.details]).toStrictEqual([422, 'POLICY_INVALID', { problems }]);
    expect(await world.repos.find('acme/api' as RepoId)).toBeUndefined();
  });

  test.each([
    [{ cedar_policies: { hard: null } }, 'blueprint.security.cedar_policies.hard'],
    [{ cedarPolicies: {} }, 'blueprint.security.cedarPolicies'],
    [{ approval_gate_cap: 501 }, 'blueprint.security.approval_gate_cap'],
    [7, 'blueprint.security'],
  ])('answers %j with 400 and the path %s', async (bad, wrong) => {
    const { status, json } = await anApi().call('POST', '/v1/repos', {
      body: { ...body, blueprint: { security: bad } },
    });

    expect(status).toBe(400);
    expect(json.error.details.issues).toContainEqual(expect.objectContaining({ in: 'body', path: wrong }));
  });
});

describe('POST /v1/tasks under policies', () => {
  const submit = (world: ApiWorld, fields: Readonly<Record<string, unknown>>): ReturnType<ApiWorld['call']> =>
    world.call('POST', '/v1/tasks', { body: { repo: 'acme/shop', task_description: 'x', ...fields } });

  test('shows the approvals that a task was given and its limits', async () => {
    const world = anApiWithRules();
    await world.call('PUT', path, { body: security });

    const { status, json } = await submit(world, { approval_timeout_s: 90, initial_approvals: [' rule:soft_1 '] });

    expect(status).toBe(201);
    expect(json.data).toMatchObject({
      approval_timeout_s: 90,
      approval_gate_cap: 7,
      initial_approvals: ['rule:soft_1'],
    });
  });

  test.each([
    ['tool_type:Bash', 'is wider than acme/shop takes in advance, which is rule'],
    ['all_session', 'is wider than'],
    ['rule:unknown', 'is not a rule of acme/shop; soft rules: soft_1'],
    ['rule:hard_1', 'is a hard rule'],
  ])('refuses %s: it %s', async (scope, reason) => {
    const world = anApiWithRules();
    await world.call('PUT', path, { body: security });

    const { status, json } = await submit(world, { initial_approvals: [scope] });

    expect([status, json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
    expect(json.error.message).toContain(reason);
    expect(world.executions.started.size).toBe(0);
  });

  test.each(['this_call', 'bash_pattern:**', 'tool_type:Hammer', 'x'.repeat(129)])(
    'refuses the scope %s with its path',
    async (scope) => {
      const { status, json } = await submit(anApi(), { initial_approvals: ['all_session', scope] });

      expect(status).toBe(400);
      expect(json.error.details.issues[0]).toMatchObject({ in: 'body', path: 'initial_approvals[1]' });
    },
  );

  test('answers 503 with every problem when the stored policies do not load, and starts nothing', async () => {
    const world = anApi();
    world.policies.failure = invalid;

    const { status, json } = await submit(world, {});

    expect([status, json.error.code, json.error.details]).toStrictEqual([503, 'SERVICE_UNAVAILABLE', { problems }]);
    expect(world.executions.started.size).toBe(0);
  });
});
