import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { preApprovalBreadths, type ScopeBreadth } from '../policy/approval-scope.ts';
import { aRepoConfig } from '../testing/builders.ts';
import { aRule, FakePolicyLoader } from '../testing/fake-policies.ts';
import { assertPreApprovals, loadPoliciesOf } from './pre-approvals.ts';

const repo = aRepoConfig();

function policies(...rules: Parameters<typeof aRule>[0][]): FakePolicyLoader {
  const loader = new FakePolicyLoader();
  loader.engine.rules = rules.map(aRule);
  return loader;
}

const known = () =>
  policies(
    { ruleId: 'force_push_any', tier: 'soft' },
    { ruleId: 'rm_slash', tier: 'hard' },
    { ruleId: 'write_env_files', tier: 'soft' },
  );

function atMost(maxPreApprovalScope: ScopeBreadth) {
  return aRepoConfig({ blueprint: { security: { maxPreApprovalScope } } });
}

describe('assertPreApprovals()', () => {
  test('takes none', async () => {
    await expect(assertPreApprovals(known(), {}, repo)).resolves.toBeUndefined();
    await expect(assertPreApprovals(known(), { initialApprovals: undefined }, repo)).resolves.toBeUndefined();
  });

  test('takes scopes that the policies know', async () => {
    const initialApprovals = ['rule:force_push_any', ' tool_type:Bash ', 'write_path:src/**', 'all_session'];

    await expect(assertPreApprovals(known(), { initialApprovals }, repo)).resolves.toBeUndefined();
  });

  test.each([
    [
      'rule:unknown',
      'the scope "rule:unknown" cannot be given: unknown is not a rule of acme/shop; soft rules: force_push_any, write_env_files',
    ],
    [
      'rule:rm_slash',
      'the scope "rule:rm_slash" cannot be given: rm_slash is a hard rule, which no approval allows, of acme/shop; soft rules: force_push_any, write_env_files',
    ],
    [
      'this_call',
      '"this_call" answers one request and cannot be given in advance; name what to permit, such as rule:<id>',
    ],
    [
      'bash_pattern:*',
      '"bash_pattern:*" permits nearly everything; use three characters or more, at most half of them wildcards, or say all_session',
    ],
  ])('refuses %s, behind others that are good too', async (text, message) => {
    const initialApprovals = ['rule:force_push_any', text];

    await expect(assertPreApprovals(known(), { initialApprovals }, repo)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message,
    });
  });

  test('says so when there is no soft rule', async () => {
    await expect(assertPreApprovals(policies(), { initialApprovals: ['rule:x'] }, repo)).rejects.toThrow(
      'soft rules: none',
    );
  });

  test("refuses what is wider than the repository's", async () => {
    await expect(
      assertPreApprovals(known(), { initialApprovals: [' tool_type : Bash'] }, atMost('rule')),
    ).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message:
        'the scope "tool_type:Bash" is wider than acme/shop takes in advance, which is rule; leave it out and be asked',
    });
  });

  test('takes exactly what is as wide or narrower', async () => {
    const texts: Readonly<Record<string, string>> = {
      write_path: 'write_path:src/**',
      bash_pattern: 'bash_pattern:npm *',
      rule: 'rule:force_push_any',
      tool_type: 'tool_type:Bash',
      tool_group: 'tool_group:file_write',
      all_session: 'all_session',
    };

    for (const [index, widest] of preApprovalBreadths.entries()) {
      const taken = await Promise.all(
        preApprovalBreadths.map(async (breadth) => {
          const asked = { initialApprovals: [texts[breadth] ?? ''] };
          return assertPreApprovals(known(), asked, atMost(widest)).then(
            () => true,
            () => false,
          );
        }),
      );
      expect(taken).toStrictEqual(preApprovalBreadths.map((_breadth, other) => other <= index));
    }
  });

  test('policies that do not load refuse any submit', async () => {
    const loader = new FakePolicyLoader();
    loader.failure = new AbcaError('POLICY_INVALID', 'rule x has no tier');

    await expect(assertPreApprovals(loader, {}, repo)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

describe('loadPoliciesOf()', () => {
  test("loads the repository's policies", async () => {
    const loader = known();
    const cedarPolicies = { soft: 'forbid (principal, action, resource);' };

    expect(await loadPoliciesOf(loader, aRepoConfig({ blueprint: { security: { cedarPolicies } } }))).toBe(
      loader.engine,
    );
    await loadPoliciesOf(loader, repo);
    await loadPoliciesOf(loader, aRepoConfig({ blueprint: { security: {} } }));

    expect(loader.loads).toStrictEqual([cedarPolicies, undefined, undefined]);
  });

  test.each([[{ problems: ['rule x has no tier'] }], [undefined]])(
    'policies that do not load are told with the remedy, and are not tried again: %j',
    async (details) => {
      const loader = new FakePolicyLoader();
      loader.failure = new AbcaError('POLICY_INVALID', 'rule x has no tier', details && { details });

      const error: unknown = await loadPoliciesOf(loader, repo).catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        message:
          'the policies of repository acme/shop cannot be used: rule x has no tier; correct them with: bgagent repo policy set acme/shop',
        retryable: false,
        cause: loader.failure,
      });
      expect((error as AbcaError).details).toStrictEqual(details);
    },
  );

  test('any other failure is passed on', async () => {
    const loader = new FakePolicyLoader();
    loader.failure = new AbcaError('STORE_ERROR', 'no wasm');

    await expect(loadPoliciesOf(loader, repo)).rejects.toBe(loader.failure);
  });
});
