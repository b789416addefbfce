import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '@abca/core';
import { schemaText } from '../policies/built-in.gen.ts';
import { loadCedarPolicyEngine } from './cedar-policy-engine.ts';
import { loadCedarWasm } from './cedar-wasm.ts';
import { loadRules, maxOperatorTextBytes } from './load-rules.ts';

const scope = '(principal, action, resource)';

async function problemsOf(hard: string): Promise<readonly string[]> {
  try {
    await loadCedarPolicyEngine({ policies: { hard } });
    return [];
  } catch (error) {
    if (!AbcaError.is(error, 'POLICY_INVALID')) throw error;
    return error.details?.['problems'] as readonly string[];
  }
}

describe('loadCedarPolicyEngine() refuses', () => {
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
    [
      'text over its limit',
      `// ${'x'.repeat(maxOperatorTextBytes)}`,
      [
        `operator hard policies: ${String(maxOperatorTextBytes + 3)} bytes are over the limit of ${String(maxOperatorTextBytes)}; shorten the rules`,
      ],
    ],
  ])('%s', async (_what, text, expected) => {
    expect(await problemsOf(text)).toStrictEqual(expected);
  });

  test('with all problems at once, also in its message', async () => {
    const load = loadCedarPolicyEngine({ policies: { hard: `@rule_id("a") forbid ${scope};\nforbid ${scope};` } });

    await expect(load).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      message: expect.stringMatching(/rule a, line 1: the tier is missing.* \| .*line 2: the rule has no id/),
    });
  });

  // L29: a policy file that was missing from an image. Here it would be an empty text.
  test.each([
    ['', 'the built-in policies hold no base_permit; install the package again'],
    [`@rule_id("base_permit") permit ${scope};`, 'the built-in policies hold no rule; install the package again'],
  ])('built-in policies %j', async (text, problem) => {
    const cedar = await loadCedarWasm();

    expect(() => loadRules(cedar, schemaText, [{ name: 'built-in', tier: 'hard', text }])).toThrow(problem);
  });

  test('a schema that does not parse', async () => {
    const cedar = await loadCedarWasm();
    const text = `@rule_id("base_permit") permit ${scope}; @rule_id("a") @tier("hard") forbid ${scope};`;

    expect(() => loadRules(cedar, 'no schema', [{ name: 'built-in', tier: 'hard', text }])).toThrow(
      'the policies cannot be used',
    );
  });
});

describe('loadCedarPolicyEngine() accepts', () => {
  test('no operator rules, and a repeated base permit', async () => {
    expect(await problemsOf('')).toStrictEqual([]);
    expect(await problemsOf(`@rule_id("base_permit") permit ${scope};`)).toStrictEqual([]);
  });

  test('a rule that can never match, with a warning', async () => {
    const engine = await loadCedarPolicyEngine({
      policies: { hard: `@rule_id("a") @tier("hard") forbid ${scope} when { false };` },
    });

    expect(engine.warnings).toStrictEqual([expect.stringMatching(/rule a, line 1: policy is impossible/)]);
  });
});
