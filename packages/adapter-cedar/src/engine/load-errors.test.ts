import { describe, expect, test } from '@jest/globals';
import { AbcaError, limits, type CedarPolicies, type PolicyEngine } from '@abca/core';
import { builtInRules, schemaText } from '../policies/built-in.gen.ts';
import { loadCedarWasm } from './cedar-wasm.ts';
import { loadRules } from './load-rules.ts';
import { loadEngine } from './policy-request.test-kit.ts';

const scope = '(principal, action, resource)';
const softRule = (id: string, annotations = ''): string =>
  `@rule_id("${id}") @tier("soft") ${annotations} forbid ${scope};`;

async function problemsOf(policies: CedarPolicies): Promise<readonly string[]> {
  try {
    await loadEngine(policies);
    return [];
  } catch (error) {
    if (!AbcaError.is(error, 'POLICY_INVALID')) throw error;
    return error.details?.['problems'] as readonly string[];
  }
}

describe('load() refuses hard rules with', () => {
  test.each([
    [
      'a syntax error',
      `\nforbid (principal action);`,
      [
        'operator hard policies, line 2: unexpected token `action`; expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or `is`',
      ],
    ],
    [
      'a rule without an id',
      `@tier("hard") forbid ${scope};`,
      ['operator hard policies, line 1: the rule has no id; add @rule_id("...") before it'],
    ],
    [
      'an id with odd characters',
      `@rule_id("a b") @tier("hard") forbid ${scope};`,
      ['operator hard policies, rule a b, line 1: the id may hold up to 100 letters, digits, "_", "." and "-"'],
    ],
    [
      'a missing tier',
      `// é\n\n@rule_id("a") forbid ${scope};`,
      ['operator hard policies, rule a, line 3: the tier is missing; write @tier("hard")'],
    ],
    [
      'a wrong tier',
      `@rule_id("a") @tier("soft") forbid ${scope};`,
      ['operator hard policies, rule a, line 1: the tier is "soft"; write @tier("hard")'],
    ],
    [
      'a bad severity',
      `@rule_id("a") @tier("hard") @severity("fatal") forbid ${scope};`,
      ['operator hard policies, rule a, line 1: the severity is "fatal"; it must be one of low, medium, high'],
    ],
    [
      'an id that is taken by a built-in rule',
      `@rule_id("rm_slash") @tier("hard") forbid ${scope};`,
      [
        expect.stringMatching(
          /^operator hard policies, rule rm_slash, line 1: the id is taken by built-in hard policies, line \d+; choose another$/,
        ),
      ],
    ],
    [
      'two rules of one id',
      `@rule_id("a") @tier("hard") forbid ${scope};\n@rule_id("a") @tier("hard") forbid ${scope};`,
      ['operator hard policies, rule a, line 2: the id is taken by operator hard policies, line 1; choose another'],
    ],
    [
      'a forbid that calls itself the base permit',
      `@rule_id("base_permit") forbid ${scope};`,
      [
        'operator hard policies, rule base_permit, line 1: only a permit may be called base_permit; give the rule another id',
      ],
    ],
    [
      'an attribute that does not exist',
      `@rule_id("a") @tier("hard")\nforbid (principal, action == Agent::Action::"execute_bash", resource)\nwhen { context.shel.parsed };`,
      [
        expect.stringMatching(
          /^operator hard policies, rule a, line 3: attribute `shel` .*not found; did you mean `shell`\?$/,
        ),
      ],
    ],
    [
      'an attribute of another action',
      `@rule_id("a") @tier("hard") forbid ${scope} when { context.command like "*" };`,
      expect.arrayContaining([
        expect.stringMatching(/rule a, line 1: attribute `command` in context for .*invoke_tool.* not found/),
      ]),
    ],
    [
      'an action that does not exist',
      `@rule_id("a") @tier("hard") forbid (principal, action == Agent::Action::"read_file", resource);`,
      [expect.stringMatching(/rule a, line 1: unrecognized action .*read_file.*; did you mean/)],
    ],
    [
      'a task type that does not exist',
      `@rule_id("a") @tier("hard") forbid (principal == Agent::TaskAgent::"review", action, resource);`,
      [expect.stringMatching(/rule a, line 1: .*review.*; valid entity eids: "new_task", "pr_iteration", "pr_review"/)],
    ],
    [
      'a template',
      `@rule_id("a") @tier("hard") forbid (principal == ?principal, action, resource);`,
      ['operator hard policies, line 1: templates are not supported; write the rule out'],
    ],
  ])('%s', async (_what, hard, expected) => {
    expect(await problemsOf({ hard })).toStrictEqual(expected);
  });

  test('an approval timeout', async () => {
    expect(
      await problemsOf({ hard: `@rule_id("a") @tier("hard") @approval_timeout_s("60") forbid ${scope};` }),
    ).toStrictEqual([
      'operator hard policies, rule a, line 1: a hard rule waits for no approval; remove @approval_timeout_s, or make the rule soft',
    ]);
  });
});

describe('load() refuses soft rules with', () => {
  test.each([
    ['a syntax error', 'forbid (', /^operator soft policies, line 1: unexpected end of input; expected .+/],
    [
      'no id',
      `@tier("soft") forbid ${scope};`,
      'operator soft policies, line 1: the rule has no id; add @rule_id("...") before it',
    ],
    [
      'an empty id',
      `@rule_id @tier("soft") forbid ${scope};`,
      'operator soft policies, line 1: the id may hold up to 100 letters, digits, "_", "." and "-"',
    ],
    [
      'no tier',
      `\n@rule_id("a") forbid ${scope};`,
      'operator soft policies, rule a, line 2: the tier is missing; write @tier("soft")',
    ],
    [
      'the other tier',
      `@rule_id("a") @tier("hard") forbid ${scope};`,
      'operator soft policies, rule a, line 1: the tier is "hard"; write @tier("soft")',
    ],
    [
      'a tier without a value',
      `@rule_id("a") @tier forbid ${scope};`,
      'operator soft policies, rule a, line 1: the tier is ""; write @tier("soft")',
    ],
    ...['29', '0', '-60', '60.5', '1e3', ' 60', '', 'ten', '99999999999999999999'].map(
      (timeout) =>
        [
          `the timeout ${JSON.stringify(timeout)}`,
          softRule('a', `@approval_timeout_s("${timeout}")`),
          `operator soft policies, rule a, line 1: the approval timeout is "${timeout}"; write whole seconds, 30 or more`,
        ] as const,
    ),
    [
      'a bad severity',
      softRule('a', '@severity("High")'),
      'operator soft policies, rule a, line 1: the severity is "High"; it must be one of low, medium, high',
    ],
    [
      'the id of a built-in soft rule',
      softRule('force_push_any'),
      /^operator soft policies, rule force_push_any, line 1: the id is taken by built-in soft policies, line \d+; choose another$/,
    ],
    [
      'the id of a built-in hard rule',
      softRule('drop_table'),
      /^operator soft policies, rule drop_table, line 1: the id is taken by built-in hard policies, line \d+; choose another$/,
    ],
    [
      'an id of their own twice',
      `${softRule('a')}\n${softRule('a')}`,
      'operator soft policies, rule a, line 2: the id is taken by operator soft policies, line 1; choose another',
    ],
    [
      'an attribute that does not exist',
      '@rule_id("a") @tier("soft")\nforbid (principal, action == Agent::Action::"write_file", resource)\nwhen { context.path.base == "x" };',
      /^operator soft policies, rule a, line 3: attribute `path.base` .*not found/,
    ],
    [
      'a forbid called base_permit',
      `@rule_id("base_permit") forbid ${scope};`,
      'operator soft policies, rule base_permit, line 1: only a permit may be called base_permit; give the rule another id',
    ],
    [
      'a permit without its annotations',
      `permit ${scope};`,
      'operator soft policies, line 1: the rule has no id; add @rule_id("...") before it',
    ],
    [
      'a permit without a tier',
      `@rule_id("a") permit ${scope};`,
      'operator soft policies, rule a, line 1: the tier is missing; write @tier("soft")',
    ],
  ] as const)('%s', async (_what, soft, problem) => {
    expect(await problemsOf({ soft })).toStrictEqual([
      typeof problem === 'string' ? problem : expect.stringMatching(problem),
    ]);
  });
});

describe('load() refuses', () => {
  test('an id that both tiers of the operator use', async () => {
    expect(
      await problemsOf({ hard: `@rule_id("a") @tier("hard") forbid ${scope};`, soft: `\n${softRule('a')}` }),
    ).toStrictEqual([
      'operator soft policies, rule a, line 2: the id is taken by operator hard policies, line 1; choose another',
    ]);
  });

  test('a permit of the name of a rule', async () => {
    expect(await problemsOf({ soft: `@rule_id("force_push_any") @tier("soft") permit ${scope};` })).toStrictEqual([
      expect.stringMatching(/rule force_push_any, line 1: the id is taken by built-in soft policies/),
    ]);
  });

  test('text over the limit, both tiers together', async () => {
    const half = `// ${'é'.repeat(limits.cedarPolicyBytes / 4)}`;

    expect(await problemsOf({ hard: half })).toStrictEqual([]);
    expect(await problemsOf({ hard: half, soft: half })).toStrictEqual([
      'operator policies: 65542 bytes of both tiers are over the limit of 65536; shorten the rules',
    ]);
  });

  test('to disable a hard rule, built-in or not', async () => {
    const hard = `@rule_id("mine") @tier("hard") forbid ${scope};`;

    expect(await problemsOf({ hard, disable: ['rm_slash', 'mine'] })).toStrictEqual([
      'disable: rule rm_slash is hard and cannot be disabled; remove it from the list',
      'disable: rule mine is hard and cannot be disabled; remove it from the list',
    ]);
  });

  test('to disable a rule that does not exist', async () => {
    expect(await problemsOf({ disable: ['force_push'] })).toStrictEqual([
      'disable: there is no rule force_push; soft rules are: force_push_any, force_push_main, push_to_protected_branch, unresolved_command, write_credentials, write_env_files',
    ]);
    expect(await problemsOf({ disable: ['base_permit'] })).toStrictEqual([
      expect.stringMatching(/^disable: there is no rule base_permit;/),
    ]);
  });

  test('with all problems at once, also in its message', async () => {
    const load = loadEngine({ hard: `@rule_id("a") forbid ${scope};\nforbid ${scope};`, soft: 'nonsense' });

    await expect(load).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      message: expect.stringMatching(
        /^the policies cannot be used: .*rule a, line 1: the tier is missing.* \| .*line 2: the rule has no id.* \| operator soft policies, line 1/,
      ),
    });
  });

  // L29: a policy file that was missing from an image. Here it would be an empty text.
  test.each([
    { schema: schemaText, rules: [] },
    { schema: schemaText, rules: builtInRules.filter(({ tier }) => tier === 'hard') },
    { schema: '', rules: builtInRules },
  ])('built-in policies that are not whole', async (builtIn) => {
    const cedar = await loadCedarWasm();

    expect(() => loadRules(cedar, builtIn, {})).toThrow(
      'the built-in policies hold no rules; install the package again',
    );
  });

  test('a schema that does not parse', async () => {
    const cedar = await loadCedarWasm();

    expect(() => loadRules(cedar, { schema: 'no schema', rules: builtInRules }, { soft: softRule('a') })).toThrow(
      'the policies cannot be used',
    );
  });
});

describe('load() accepts', () => {
  const warningsOf = async (policies: CedarPolicies): Promise<readonly string[]> =>
    (await loadEngine(policies)).warnings;

  test('no operator rules, empty ones, and a repeated base permit', async () => {
    expect(await problemsOf({})).toStrictEqual([]);
    expect(await problemsOf({ hard: '', soft: '// none yet', disable: [] })).toStrictEqual([]);
    expect(await warningsOf({ soft: `@rule_id("base_permit") permit ${scope};` })).toStrictEqual([]);
  });

  test('a rule that can never match, with a warning', async () => {
    expect(await warningsOf({ hard: `@rule_id("a") @tier("hard") forbid ${scope} when { false };` })).toStrictEqual([
      expect.stringMatching(/^operator hard policies, rule a, line 1: policy is impossible/),
    ]);
  });

  test('a short timeout with a warning, and one of two minutes without', async () => {
    expect(await warningsOf({ soft: softRule('a', '@approval_timeout_s("119")') })).toStrictEqual([
      'operator soft policies, rule a, line 1: a person has 119 s to answer, which is short; 120 or more is better',
    ]);
    expect(await warningsOf({ soft: softRule('a', '@approval_timeout_s("120")') })).toStrictEqual([]);
  });

  test('a permit with a warning that it has no effect', async () => {
    const engine = await loadEngine({ soft: `@rule_id("a") @tier("soft") permit ${scope};` });

    expect(engine.warnings).toStrictEqual([
      'operator soft policies, rule a, line 1: a permit lifts no rule, and what no rule forbids is permitted anyway; remove it, or disable the soft rule that it was meant to lift',
    ]);
    expect(engine.rules.map(({ ruleId }) => ruleId)).not.toContain('a');
  });

  test('soft rules, and shows them with what they say', async () => {
    const soft = `@rule_id("a.b-c_1") @tier("soft") @approval_timeout_s("30") @severity("low") @category("x") @summary("y")\nforbid ${scope};`;

    const engine = await loadEngine({ soft });

    expect(find(engine, 'a.b-c_1')).toStrictEqual({
      ruleId: 'a.b-c_1',
      tier: 'soft',
      severity: 'low',
      approvalTimeoutS: 30,
      category: 'x',
      summary: 'y',
      source: 'operator soft policies',
    });
  });

  test('to disable soft rules, built-in or not: they are gone', async () => {
    const engine = await loadEngine({ soft: `${softRule('a')}\n${softRule('b')}`, disable: ['force_push_any', 'b'] });

    expect(find(engine, 'force_push_any')).toBeUndefined();
    expect(find(engine, 'b')).toBeUndefined();
    expect(find(engine, 'a')).toBeDefined();
  });
});

function find(engine: PolicyEngine, id: string): unknown {
  return engine.rules.find(({ ruleId }) => ruleId === id);
}
