import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadCedarWasm, type CedarWasm } from './cedar-wasm.ts';
import type { Question } from './questions.ts';
import type { Rule } from './rule.ts';
import { RuleSet } from './rule-set.ts';

const basePermit = 'permit (principal, action, resource);';

const aRule = (ruleId: string, text: string, reads: readonly string[] = []): Rule => ({
  ruleId,
  tier: 'hard',
  severity: 'medium',
  source: 'test',
  text,
  line: 1,
  actions: ['invoke_tool'],
  reads,
});

const question: Question = {
  action: 'invoke_tool',
  principal: 'new_task',
  resource: { type: 'Agent::Tool', id: 'Bash' },
  context: { tool_name: 'Bash' },
  subject: { kind: 'call' },
};

describe('RuleSet', () => {
  let cedar: CedarWasm;
  beforeAll(async () => {
    cedar = await loadCedarWasm();
  });

  const ask = (...rules: readonly Rule[]): unknown => new RuleSet(cedar, basePermit, rules).ask(question);

  test('answers with the rules that forbid', () => {
    const rules = [
      aRule('a', 'forbid (principal, action, resource) when { context.tool_name == "Bash" };', ['tool_name']),
      aRule('b', 'forbid (principal, action, resource) when { context.tool_name == "Read" };', ['tool_name']),
      aRule('c', 'forbid (principal, action, resource);'),
    ];

    expect(ask(...rules)).toMatchObject({ kind: 'answer' });
    expect((ask(...rules) as { ruleIds: readonly string[] }).ruleIds.toSorted()).toStrictEqual(['a', 'c']);
  });

  // What a rule reads decides what it is sent: were it found out wrongly, the rule must fail and not be skipped.
  test('says so where a rule reads what it is not sent', () => {
    const rules = [
      aRule('a', 'forbid (principal, action, resource) when { context.tool_name == "Bash" };'),
      aRule('b', 'forbid (principal, action, resource);'),
    ];

    expect(ask(...rules)).toStrictEqual({ kind: 'error', what: expect.stringContaining('rule a: ') });
  });

  test('throws where Cedar does not take a rule', () => {
    expect(() => ask(aRule('a', 'nonsense'))).toThrow('the policies did not parse');
  });

  test('says so where no rule denies and nothing permits', () => {
    expect(
      new RuleSet(cedar, 'permit (principal, action, resource) when { false };', [
        aRule('a', 'forbid (principal, action, resource) when { false };'),
      ]).ask(question),
    ).toStrictEqual({
      kind: 'error',
      what: 'the call was denied by no rule',
    });
  });

  test('asks Cedar once for questions that do not differ in what is read', () => {
    let asked = 0;
    const counting: CedarWasm = {
      ...cedar,
      statefulIsAuthorized: (call) => {
        asked++;
        return cedar.statefulIsAuthorized(call);
      },
    };
    const rules = new RuleSet(counting, basePermit, [
      aRule('a', 'forbid (principal, action, resource) when { context.tool_name == "Bash" };', ['tool_name']),
    ]);
    const answers = [
      question,
      { ...question, context: { ...question.context, repo: 'other' } },
      { ...question, context: { tool_name: 'Read' } },
      { ...question, principal: 'pr_review' },
      { ...question, resource: { type: 'Agent::Tool', id: 'Read' } },
    ].map((one) => rules.ask(one));

    expect(asked).toBe(4);
    expect(answers.map((answer) => answer.kind === 'answer' && answer.ruleIds)).toStrictEqual([
      ['a'],
      ['a'],
      [],
      ['a'],
      ['a'],
    ]);
  });

  test('remembers no error', () => {
    const rules = new RuleSet(cedar, basePermit, [
      aRule('a', 'forbid (principal, action, resource) when { context.tool_name == "Bash" };'),
    ]);

    expect([rules.ask(question), rules.ask(question)].map(({ kind }) => kind)).toStrictEqual(['error', 'error']);
  });
});
