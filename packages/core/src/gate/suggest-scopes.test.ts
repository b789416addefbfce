import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { parsePreApproval, type ScopedCall } from '../policy/approval-scope.ts';
import type { MatchSubject, RuleMatch } from '../policy/policy-types.ts';
import { testEpochMs } from '../testing/builders.ts';
import { aSoftMatch, someFindings } from '../testing/fake-policies.ts';
import { decideCall } from './decide-call.ts';
import { secret } from './gate-world.test-kit.ts';
import { suggestScopes } from './suggest-scopes.ts';

function shell(...commands: readonly string[]): ScopedCall {
  return { toolName: 'Bash', call: { resolved: true, commands } };
}

const edit: ScopedCall = { toolName: 'Edit', call: { resolved: true, commands: [], toolGroup: 'file_write' } };
const command = [{ kind: 'command' }] as const;

function writing(...paths: readonly string[]): readonly MatchSubject[] {
  return paths.map((path) => ({ kind: 'write', path }));
}

describe('suggestScopes()', () => {
  test.each<[string, ScopedCall, readonly RuleMatch[], readonly string[]]>([
    [
      'a command',
      shell('git push --force'),
      [aSoftMatch({ ruleId: 'r1' }, command)],
      ['bash_pattern:git push --force', 'rule:r1', 'tool_type:Bash'],
    ],
    [
      'a file',
      edit,
      [aSoftMatch({ ruleId: 'r1' }, writing('.env'))],
      ['write_path:.env', 'rule:r1', 'tool_type:Edit', 'tool_group:file_write'],
    ],
    [
      'a file that two rules mind: neither of them alone',
      edit,
      [aSoftMatch({ ruleId: 'r1' }, writing('.env')), aSoftMatch({ ruleId: 'r2' }, writing('.env'))],
      ['write_path:.env', 'tool_type:Edit', 'tool_group:file_write'],
    ],
    [
      'two files: neither of them alone',
      edit,
      [aSoftMatch({ ruleId: 'r1' }, writing('.env', '.env.local'))],
      ['rule:r1', 'tool_type:Edit', 'tool_group:file_write'],
    ],
    [
      'a command that writes a file',
      shell('tee .env'),
      [aSoftMatch({ ruleId: 'r1' }, [...command, ...writing('.env')])],
      ['rule:r1', 'tool_type:Bash'],
    ],
    ['several commands', shell('a b c', 'd e f'), [aSoftMatch({ ruleId: 'r1' })], ['rule:r1', 'tool_type:Bash']],
    [
      'what was not resolved',
      { ...shell('eval x'), call: { resolved: false, commands: ['eval x'] } },
      [aSoftMatch({ ruleId: 'r1' })],
      ['rule:r1', 'tool_type:Bash'],
    ],
    ['a tool that no scope names', { ...shell(), toolName: 'Odd' }, [aSoftMatch({ ruleId: 'r1' })], ['rule:r1']],
    ['a rule that no scope names', shell(), [aSoftMatch({ ruleId: 'r 1' })], ['tool_type:Bash']],
  ])('for %s', (_what, scoped, asking, expected) => {
    expect(suggestScopes(scoped, asking)).toStrictEqual(['this_call', ...expected]);
  });

  test.each([
    ['with a wildcard in it', 'rm a*'],
    ['with a question mark in it', 'rm a?'],
    ['of two lines', 'echo a\necho b'],
    ['of two characters', 'ls'],
    ['with white space around it', ' echo a'],
    ['with an escape sequence in it', 'echo \u001b[2Ja'],
    ['with a secret in it', `curl -H ${secret}`],
    ['that is too long', `echo ${'x'.repeat(limits.initialApprovals.chars)}`],
  ])('a command %s is not offered, nor a file', (_what, text) => {
    const asking = [aSoftMatch({ ruleId: 'r1' })];

    expect(suggestScopes(shell(text), asking)).toStrictEqual(['this_call', 'rule:r1', 'tool_type:Bash']);
    expect(suggestScopes(edit, [aSoftMatch({ ruleId: 'r1' }, writing(text))])).not.toContain(`write_path:${text}`);
  });

  test('the longest scope that is taken is offered', () => {
    const text = 'x'.repeat(limits.initialApprovals.chars - 'bash_pattern:'.length);

    expect(suggestScopes(shell(text), [aSoftMatch()])).toContain(`bash_pattern:${text}`);
    expect(suggestScopes(shell(`${text}x`), [aSoftMatch()])).not.toContain(`bash_pattern:${text}x`);
  });

  test('each permits the whole call, whatever the call (L10)', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom('a', '*', '?', '/', '.', '~', ' ', '\n'), maxLength: 8 }),
    );
    const subject = fc.oneof(
      fc.constant<MatchSubject>({ kind: 'call' }),
      fc.constant<MatchSubject>({ kind: 'command' }),
      text.map((path): MatchSubject => ({ kind: 'write', path })),
    );
    const match = fc
      .tuple(fc.constantFrom('r1', 'r2', 'r 3'), fc.array(subject, { minLength: 1, maxLength: 3 }))
      .map(([ruleId, subjects]) => aSoftMatch({ ruleId }, subjects));
    const scoped = fc.record({
      toolName: fc.constantFrom('Bash', 'Edit', 'mcp__a__b', 'Odd'),
      commands: fc.array(text, { maxLength: 3 }),
      resolved: fc.boolean(),
      isWrite: fc.boolean(),
    });
    fc.assert(
      fc.property(scoped, fc.array(match, { minLength: 1, maxLength: 3 }), (given, asking) => {
        const { toolName, commands, resolved, isWrite } = given;
        const call = { commands, resolved, ...(isWrite && { toolGroup: 'file_write' as const }) };
        const [first, ...others] = suggestScopes({ toolName, call }, asking);
        expect(first).toBe('this_call');
        for (const suggestion of others) {
          const view = { scopes: [parsePreApproval(suggestion)], recent: [], grants: [] };
          const decision = decideCall({ toolName, inputSha256: '' }, someFindings(asking, call), view, testEpochMs);
          expect(decision).toMatchObject({ outcome: 'allow', decidedBy: 'scope', scope: suggestion });
        }
      }),
    );
  });
});
