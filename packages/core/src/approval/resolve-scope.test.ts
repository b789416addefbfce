import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { anApproval, aRequestId } from '../testing/builders.ts';
import { resolveScope } from './resolve-scope.ts';
import type { Approval } from './approval.ts';

const push = anApproval();
const edit = anApproval({
  toolName: 'Edit',
  matchingRuleIds: ['write_env_files', 'write_credentials'],
  judged: {
    toolGroup: 'file_write',
    resolved: true,
    commands: [],
    matches: [
      { ruleId: 'write_env_files', subjects: [{ kind: 'write', path: 'deploy/.env' }] },
      { ruleId: 'write_credentials', subjects: [{ kind: 'write', path: 'deploy/.env' }] },
    ],
  },
});

function permitsNothing(scope: string, { matchingRuleIds, suggestedScopes }: Approval): AbcaError {
  return new AbcaError(
    'VALIDATION_ERROR',
    `the scope "${scope}" permits nothing of what request ${aRequestId()} asks for (${matchingRuleIds.join(', ')}); scopes that do: ${suggestedScopes.join(', ')}`,
  );
}

describe('resolveScope()', () => {
  test.each<[string | undefined, Approval, string]>([
    [undefined, push, 'this_call'],
    [' this_call ', push, 'this_call'],
    ['rule:force_push_any', push, 'rule:force_push_any'],
    [' bash_pattern : git push * ', push, 'bash_pattern:git push *'],
    ['tool_type:Bash', push, 'tool_type:Bash'],
    ['tool_type_session', push, 'tool_type:Bash'],
    ['all_session', push, 'all_session'],
    ['tool_type_session', edit, 'tool_type:Edit'],
    ['tool_group_session', edit, 'tool_group:file_write'],
    ['tool_group:file_write', edit, 'tool_group:file_write'],
    ['write_path:deploy/*', edit, 'write_path:deploy/*'],
    ['rule:write_credentials', edit, 'rule:write_credentials'],
  ])('%j is stored as it will be held against calls', (text, approval, stored) => {
    expect(resolveScope(text, approval)).toBe(stored);
  });

  test.each<[string, Approval]>([
    ['rule:force_push_main', push],
    ['bash_pattern:npm *', push],
    ['write_path:src/**', push],
    ['tool_type:Edit', push],
    ['tool_group:file_write', push],
    ['write_path:src/**', edit],
    ['bash_pattern:git *', edit],
    ['tool_type:Write', edit],
  ])('%s has nothing to do with what was asked', (text, approval) => {
    expect(() => resolveScope(text, approval)).toThrow(permitsNothing(text, approval));
    expect(() => resolveScope(text, approval)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
  });

  test('a part of what was asked is enough to have to do with it', () => {
    const matches = [
      { ruleId: 'other', subjects: [{ kind: 'call' } as const] },
      { ruleId: 'r', subjects: [{ kind: 'command' } as const, { kind: 'write', path: 'out/a' } as const] },
    ];
    const both = anApproval({ judged: { ...push.judged, matches } });

    expect(resolveScope('write_path:out/*', both)).toBe('write_path:out/*');
    expect(resolveScope('rule:r', both)).toBe('rule:r');
  });

  test('a pattern over a command that was not resolved has nothing to do with it', () => {
    const unresolved = anApproval({ judged: { ...push.judged, resolved: false } });

    expect(() => resolveScope('bash_pattern:git push *', unresolved)).toThrow('permits nothing of what request');
  });

  test('a call of no group cannot be permitted by its group', () => {
    expect(() => resolveScope('tool_group_session', push)).toThrow(
      new AbcaError('VALIDATION_ERROR', 'Bash belongs to no group of tools; permit the tool: tool_type_session'),
    );
    expect(() => resolveScope('tool_group_session', push)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR' }),
    );
  });

  test('a tool that no scope names cannot be permitted by itself', () => {
    expect(() => resolveScope('tool_type_session', anApproval({ toolName: 'Odd…' }))).toThrow(
      '"tool_type:Odd…" names no tool',
    );
  });

  test.each(['', 'nonsense', 'bash_pattern:*', 'write_path:**/*'])('%j is refused as anywhere else', (text) => {
    expect(() => resolveScope(text, push)).toThrow(AbcaError);
  });
});
