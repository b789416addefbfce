import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadCedarWasm, type CedarWasm } from './cedar-wasm.ts';
import { actionsOf, readsOf, type PolicyJson } from './rule-reads.ts';

let cedar: CedarWasm;
beforeAll(async () => {
  cedar = await loadCedarWasm();
});

function jsonOf(policy: string): PolicyJson {
  const parsed = cedar.policyToJson(policy);
  if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message);
  return parsed.json;
}

describe('readsOf()', () => {
  test.each([
    ['', []],
    ['when { true }', []],
    ['when { principal == resource }', []],
    ['when { context.a }', ['a']],
    ['when { context.a.b.c like "x" }', ['a.b.c']],
    ['when { context["a"]["b"] == 1 }', ['a.b']],
    ['when { context.b && context.a } unless { context.c }', ['a', 'b', 'c']],
    ['when { context has a }', ['a?']],
    ['when { context has a.b.c }', ['a.b.c?']],
    ['when { context.a has b && context.a.b }', ['a.b', 'a.b?']],
    ['when { context.a.contains(context.b) || [context.c].containsAny(context.d) }', ['a', 'b', 'c', 'd']],
    ['when { if context.a then context.b else !context.c }', ['a', 'b', 'c']],
    ['when { {x: context.a, "Var": context.b}.x == 1 }', ['a', 'b']],
    ['when { {Value: context.a} == {left: context.b} }', ['a', 'b']],
    ['when { decimal("1.0").lessThan(context.a) }', ['a']],
    ['when { context == {a: 1} }', ['']],
    ['when { [context].contains(resource) }', ['']],
    ['when { (if true then context else context).a }', ['']],
    ['when { context.a == {b: 1} && context.a.b == 1 }', ['a', 'a.b']],
    ['when { -context.a * 2 + 1 < 3 }', ['a']],
    ['when { context.a is T && context.b in resource }', ['a', 'b']],
    ['when { context.a.isEmpty() }', ['a']],
  ])('%j', (conditions, reads) => {
    expect(readsOf(jsonOf(`forbid (principal, action, resource) ${conditions};`))).toStrictEqual(reads);
  });
});

describe('actionsOf()', () => {
  test.each([
    ['action', ['invoke_tool', 'write_file', 'execute_bash']],
    ['action == Agent::Action::"write_file"', ['write_file']],
    ['action in Agent::Action::"execute_bash"', ['execute_bash']],
    ['action in [Agent::Action::"execute_bash", Agent::Action::"invoke_tool"]', ['invoke_tool', 'execute_bash']],
    ['action in [Agent::Action::"write_file", Agent::Action::"all"]', ['invoke_tool', 'write_file', 'execute_bash']],
    ['action == Agent::Action::"other"', ['invoke_tool', 'write_file', 'execute_bash']],
  ])('%s', (action, names) => {
    expect(actionsOf(jsonOf(`forbid (principal, ${action}, resource);`))).toStrictEqual(names);
  });
});
