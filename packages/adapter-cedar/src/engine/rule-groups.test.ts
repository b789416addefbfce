import { describe, expect, test } from '@jest/globals';
import { builtInRules } from '../policies/built-in.gen.ts';
import { groupRules } from './rule-groups.ts';
import type { Rule } from './rule.ts';

const aRule = (ruleId: string, overrides: Partial<Rule>): Rule => ({
  ruleId,
  tier: 'soft',
  severity: 'medium',
  source: 'test',
  text: '',
  line: 1,
  actions: ['execute_bash'],
  reads: [],
  ...overrides,
});

const shapeOf = (rules: readonly Rule[]): unknown =>
  groupRules(rules).map(({ action, rules: members, reads }) => [action, members.map(({ ruleId }) => ruleId), reads]);

describe('groupRules()', () => {
  test('puts rules that read the same together, and those that read less with them, but not what never varies', () => {
    const rules = [
      aRule('a', { reads: ['shell.parsed'] }),
      aRule('b', { reads: ['shell.parsed', 'shell.rm.targets'] }),
      aRule('c', { reads: ['shell.programs'] }),
      aRule('d', { reads: ['shell.programs'] }),
      aRule('e', { reads: ['shell?'] }),
    ];

    expect(shapeOf(rules)).toStrictEqual([
      ['execute_bash', ['b', 'a'], ['shell.parsed', 'shell.rm.targets']],
      ['execute_bash', ['c', 'd'], ['shell.programs']],
      ['execute_bash', ['e'], ['shell?']],
    ]);
  });

  test('does not tell rules apart by what stays the same in a task, nor by which of the facts of a path they read', () => {
    const rules = [
      aRule('a', { actions: ['write_file'], reads: ['path.basename', 'task_type'] }),
      aRule('b', { actions: ['write_file'], reads: ['path.repo_relative', 'read_only', 'repo'] }),
      aRule('c', { actions: ['write_file'], reads: ['tool_name'] }),
    ];

    expect(shapeOf(rules)).toStrictEqual([
      ['write_file', ['a', 'b'], ['path.basename', 'path.repo_relative', 'read_only', 'repo', 'task_type']],
      ['write_file', ['c'], ['tool_name']],
    ]);
  });

  test('leaves out what questions of the action do not have', () => {
    const rule = aRule('a', {
      actions: ['write_file', 'execute_bash'],
      reads: ['path.basename', 'shell?', 'tool_name'],
    });

    expect(shapeOf([rule])).toStrictEqual([
      ['write_file', ['a'], ['path.basename', 'tool_name']],
      ['execute_bash', ['a'], ['shell?', 'tool_name']],
    ]);
  });

  test('makes no more than eight groups of one action, and loses no rule and nothing that one reads', () => {
    const rules = Array.from({ length: 20 }, (_, index) =>
      aRule(`r${String(index)}`, { reads: [`shell.x${String(index)}`] }),
    );

    const groups = groupRules(rules);

    expect(groups).toHaveLength(8);
    expect(groups.flatMap((group) => group.rules)).toHaveLength(20);
    expect(groups.at(-1)?.reads).toHaveLength(13);
  });

  test('has every built-in rule once in each action of its scope', () => {
    const groups = groupRules(builtInRules);

    for (const { ruleId, actions } of builtInRules) {
      const found = groups
        .filter(({ rules }) => rules.some((rule) => rule.ruleId === ruleId))
        .map(({ action }) => action);
      expect([ruleId, found]).toStrictEqual([ruleId, actions]);
    }
  });
});
