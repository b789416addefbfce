import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import { aSoftMatch } from '../testing/fake-policies.ts';
import {
  findPermission,
  formatScope,
  isWiderThan,
  parsePreApproval,
  parseScope,
  permits,
  preApprovalBreadths,
  preApprovalSchema,
  scopeBreadths,
  type ApprovalScope,
  type RequestedScope,
  type ScopedCall,
} from './approval-scope.ts';
import type { MatchSubject } from './policy-types.ts';

const lasting: readonly [string, ApprovalScope][] = [
  ['all_session', { kind: 'all_session' }],
  ['tool_type:Bash', { kind: 'tool_type', toolName: 'Bash' }],
  ['tool_type:NotebookEdit', { kind: 'tool_type', toolName: 'NotebookEdit' }],
  ['tool_type:mcp__jira__get-issue', { kind: 'tool_type', toolName: 'mcp__jira__get-issue' }],
  ['tool_group:file_write', { kind: 'tool_group', group: 'file_write' }],
  ['bash_pattern:npm *', { kind: 'bash_pattern', pattern: 'npm *' }],
  ['bash_pattern:echo a:b', { kind: 'bash_pattern', pattern: 'echo a:b' }],
  ['write_path:src/**', { kind: 'write_path', pattern: 'src/**' }],
  ['rule:force_push_any', { kind: 'rule', ruleId: 'force_push_any' }],
];

const answersOnly: readonly [string, RequestedScope][] = [
  ['this_call', { kind: 'this_call' }],
  ['tool_type_session', { kind: 'tool_type_session' }],
  ['tool_group_session', { kind: 'tool_group_session' }],
];

const forms =
  'this_call, tool_type:<tool>, tool_group:file_write, bash_pattern:<pattern>, write_path:<pattern>, rule:<id>, tool_type_session, tool_group_session, all_session';

const noTool = 'write it as the agent calls it, such as tool_type:Bash or tool_type:mcp__server__tool';
const noRule = 'list them with: bgagent policies list --repo <owner/name>';
const nearlyAll = 'use three characters or more, at most half of them wildcards, or say all_session';

const refusals: readonly [string, string][] = [
  ['', 'the scope is empty'],
  [' \n\t', 'the scope is empty'],
  ['x'.repeat(129), 'the scope has 129 characters; at most 128 are taken'],
  ['everything', `"everything" is not a scope; write one of: ${forms}`],
  ['This_Call', `"This_Call" is not a scope; write one of: ${forms}`],
  [':', `":" is not a scope; write one of: ${forms}`],
  [':Bash', `":Bash" is not a scope; write one of: ${forms}`],
  ['this_call:x', `"this_call:x" is not a scope; write one of: ${forms}`],
  ['all_session:Bash', `"all_session:Bash" is not a scope; write one of: ${forms}`],
  ['tool_type', `"tool_type" is not a scope; write one of: ${forms}`],
  ['tool_type:', `"tool_type:" names no tool; ${noTool}`],
  ['tool_type:bash', `"tool_type:bash" names no tool; ${noTool}`],
  ['tool_type:mcp__', `"tool_type:mcp__" names no tool; ${noTool}`],
  ['tool_type:mcp__a b', `"tool_type:mcp__a b" names no tool; ${noTool}`],
  ['tool_type:xmcp__a__b', `"tool_type:xmcp__a__b" names no tool; ${noTool}`],
  ['tool_type:mcp__a__b/', `"tool_type:mcp__a__b/" names no tool; ${noTool}`],
  ['tool_group:', '"tool_group:" names no group of tools; the groups are: file_write'],
  ['tool_group:shell', '"tool_group:shell" names no group of tools; the groups are: file_write'],
  ['rule', `"rule" is not a scope; write one of: ${forms}`],
  ['rule:', `"rule:" names no rule; ${noRule}`],
  ['rule:_a', `"rule:_a" names no rule; ${noRule}`],
  ['rule:a b', `"rule:a b" names no rule; ${noRule}`],
  ['rule:a/', `"rule:a/" names no rule; ${noRule}`],
  [`rule:${'a'.repeat(101)}`, `"rule:${'a'.repeat(101)}" names no rule; ${noRule}`],
];

const degenerate = ['', '*', 'a', 'ab', '**', '***', '*?*', 'a**', '**/*', '?a?', '*.*', 'ab**?'];
const permittedPatterns = ['abc', 'a*b', 'ab*', '*.ts', 'a**b', 'ab**', 'src/**', 'npm *', '?abc', 'a?b*'];

describe('parseScope()', () => {
  test.each([...lasting, ...answersOnly])('reads %j', (text, scope) => {
    expect(parseScope(text)).toStrictEqual(scope);
  });

  test.each([...lasting, ...answersOnly])('reads %j with white space around it', (text, scope) => {
    expect(parseScope(`\t ${text}\n`)).toStrictEqual(scope);
  });

  test('white space around the parts is no part of them, that inside a pattern is', () => {
    expect(parseScope(' tool_type : Bash ')).toStrictEqual({ kind: 'tool_type', toolName: 'Bash' });
    expect(parseScope('bash_pattern :  npm  run *  ')).toStrictEqual({ kind: 'bash_pattern', pattern: 'npm  run *' });
  });

  test.each(refusals)('refuses %j with the remedy', (text, message) => {
    expect(() => parseScope(text)).toThrow(new AbcaError('VALIDATION_ERROR', message));
    expect(
      AbcaError.is(
        caught(() => parseScope(text)),
        'VALIDATION_ERROR',
      ),
    ).toBe(true);
  });

  test('takes 128 characters, counted without the white space around', () => {
    const longest = `bash_pattern:${'x'.repeat(limits.initialApprovals.chars - 13)}`;

    expect(parseScope(`  ${longest}  `)).toStrictEqual({ kind: 'bash_pattern', pattern: longest.slice(13) });
    expect(() => parseScope(`${longest}x`)).toThrow('the scope has 129 characters; at most 128 are taken');
  });

  test('a rule has up to 100 characters, an MCP tool up to 100 after its mark', () => {
    expect(parseScope(`rule:${'a'.repeat(100)}`)).toStrictEqual({ kind: 'rule', ruleId: 'a'.repeat(100) });
    expect(parseScope(`tool_type:mcp__${'a'.repeat(100)}`)).toMatchObject({ kind: 'tool_type' });
    expect(() => parseScope(`tool_type:mcp__${'a'.repeat(101)}`)).toThrow('names no tool');
  });
});

describe.each(['bash_pattern', 'write_path'] as const)('a pattern of %s', (kind) => {
  test.each(degenerate)('that permits nearly everything is refused, at submit and at approve: %j', (pattern) => {
    const message = `"${kind}:${pattern}" permits nearly everything; ${nearlyAll}`;

    expect(() => parseScope(`${kind}:${pattern}`)).toThrow(new AbcaError('VALIDATION_ERROR', message));
    expect(() => parsePreApproval(`${kind}:${pattern}`)).toThrow(new AbcaError('VALIDATION_ERROR', message));
  });

  test.each(permittedPatterns)('that says something is taken, at submit and at approve: %j', (pattern) => {
    expect(parseScope(`${kind}:${pattern}`)).toStrictEqual({ kind, pattern });
    expect(parsePreApproval(`${kind}:${pattern}`)).toStrictEqual({ kind, pattern });
  });

  test.each(['./**', '././**', './/**', './*/*', '//**'])('is measured without what says nothing: %j', (pattern) => {
    expect(() => parseScope(`${kind}:${pattern}`)).toThrow('permits nearly everything');
  });

  test.each(['./src/**', 'a./**', '../abc', '.x/**'])('keeps what looks alike: %j', (pattern) => {
    expect(parseScope(`${kind}:${pattern}`)).toStrictEqual({ kind, pattern });
  });
});

describe('parsePreApproval()', () => {
  test.each(lasting)('reads %j', (text, scope) => {
    expect(parsePreApproval(` ${text} `)).toStrictEqual(scope);
  });

  test.each([
    [
      'this_call',
      '"this_call" answers one request and cannot be given in advance; name what to permit, such as rule:<id>',
    ],
    [
      'tool_type_session',
      '"tool_type_session" stands for the tool of a request; in advance, name it: tool_type:<tool>',
    ],
    [
      'tool_group_session',
      '"tool_group_session" stands for the group of a request; in advance, name it: tool_group:file_write',
    ],
    ...refusals,
  ])('refuses %j', (text, message) => {
    expect(() => parsePreApproval(text)).toThrow(new AbcaError('VALIDATION_ERROR', message));
  });
});

describe('preApprovalSchema', () => {
  test('takes what parsePreApproval takes, trimmed', () => {
    expect(lasting.map(([text]) => preApprovalSchema.parse(`  ${text}\n`))).toStrictEqual(
      lasting.map(([text]) => text),
    );
  });

  test('says why it refuses, in the same words', () => {
    expect(messagesOf('this_call')).toStrictEqual([
      '"this_call" answers one request and cannot be given in advance; name what to permit, such as rule:<id>',
    ]);
    expect(messagesOf('bash_pattern:*')).toStrictEqual([`"bash_pattern:*" permits nearly everything; ${nearlyAll}`]);
  });

  test('names the remedy for an empty text, and refuses what is no text or too long', () => {
    expect(messagesOf('  ')).toContain('must be a scope, such as rule:<id>');
    expect(preApprovalSchema.safeParse(5).success).toBe(false);
    expect(preApprovalSchema.safeParse(`rule:${'a'.repeat(200)}`).success).toBe(false);
  });

  function messagesOf(text: unknown): readonly string[] {
    return preApprovalSchema.safeParse(text).error?.issues.map(({ message }) => message) ?? [];
  }
});

describe('formatScope()', () => {
  test.each([...lasting, ...answersOnly])('writes %j as it is read', (text, scope) => {
    expect(formatScope(scope)).toBe(text);
  });
});

describe('isWiderThan()', () => {
  test('goes by the order of breadths', () => {
    expect(scopeBreadths).toStrictEqual([
      'this_call',
      'write_path',
      'bash_pattern',
      'rule',
      'tool_type',
      'tool_group',
      'all_session',
    ]);
    expect(preApprovalBreadths).toStrictEqual(scopeBreadths.slice(1));
  });

  test('is true for exactly the breadths behind the widest', () => {
    const rule: ApprovalScope = { kind: 'rule', ruleId: 'r' };

    expect(scopeBreadths.filter((widest) => isWiderThan(rule, widest))).toStrictEqual([
      'this_call',
      'write_path',
      'bash_pattern',
    ]);
    expect(scopeBreadths.filter((widest) => isWiderThan({ kind: 'all_session' }, widest))).toStrictEqual(
      scopeBreadths.slice(0, -1),
    );
  });
});

describe('permits()', () => {
  const call = { kind: 'call' } as const;
  const command = { kind: 'command' } as const;
  const write = (path: string): MatchSubject => ({ kind: 'write', path });
  const shell = (commands: readonly string[], resolved = true): ScopedCall => ({
    toolName: 'Bash',
    call: { resolved, commands },
  });
  /** A call, what a rule matched on in it, and whether that is permitted. */
  type Held = readonly [ScopedCall, MatchSubject, boolean];
  const edit: ScopedCall = { toolName: 'Edit', call: { resolved: true, commands: [], toolGroup: 'file_write' } };

  test.each<readonly [string, string, ...Held]>([
    ['all there is', 'all_session', shell([], false), write('../x'), true],
    ['the tool', 'tool_type:Bash', shell(['a']), command, true],
    ['the tool, whatever it writes', 'tool_type:Bash', shell(['a'], false), write('a'), true],
    ['not another tool', 'tool_type:Bash', edit, write('a'), false],
    ['the group', 'tool_group:file_write', edit, write('a'), true],
    ['the group, for the call as such', 'tool_group:file_write', edit, call, true],
    ['not a call of no group', 'tool_group:file_write', shell(['a']), write('a'), false],
    ['the rule', 'rule:r1', shell(['a']), command, true],
    ['not another rule', 'rule:r2', shell(['a']), command, false],
    ['a file', 'write_path:src/**', edit, write('src/a/b.ts'), true],
    ['a file that a command writes', 'write_path:src/**', shell(['a'], false), write('src/a'), true],
    ['not a file elsewhere', 'write_path:src/**', edit, write('lib/a'), false],
    ['not a file outside', 'write_path:src*/**', edit, write('../src'), false],
    ['not a command', 'write_path:src/**', shell(['src/a']), command, false],
    ['not the call as such', 'write_path:src/**', edit, call, false],
    ['a command', 'bash_pattern:npm *', shell(['npm test']), command, true],
    ['the call as such by its commands', 'bash_pattern:npm *', shell(['npm test']), call, true],
    ['every command of several', 'bash_pattern:npm *', shell(['npm test', 'npm run x']), command, true],
    ['not one of several', 'bash_pattern:npm *', shell(['npm test', 'git push --force']), command, false],
    ['not the first of several', 'bash_pattern:npm *', shell(['git push', 'npm test']), command, false],
    ['not what was not resolved', 'bash_pattern:npm *', shell(['npm test'], false), command, false],
    ['not a call without commands', 'bash_pattern:npm *', shell([]), command, false],
    ['not a file that the command writes', 'bash_pattern:npm *', shell(['npm test']), write('a'), false],
  ])('permits %s: %s', (_what, text, ...held) => {
    const [scoped, subject, permitted] = held;
    expect(permits(parsePreApproval(text), scoped, 'r1', subject)).toBe(permitted);
  });
});

describe('findPermission()', () => {
  const scoped: ScopedCall = { toolName: 'Bash', call: { resolved: true, commands: ['npm test'] } };
  const match = aSoftMatch({ ruleId: 'r1' }, [{ kind: 'command' }, { kind: 'write', path: 'out/a' }]);
  const npm: ApprovalScope = { kind: 'bash_pattern', pattern: 'npm *' };
  const out: ApprovalScope = { kind: 'write_path', pattern: 'out/**' };
  const rule: ApprovalScope = { kind: 'rule', ruleId: 'r1' };

  test('needs every subject permitted', () => {
    expect(findPermission([], scoped, match)).toBeUndefined();
    expect(findPermission([npm], scoped, match)).toBeUndefined();
    expect(findPermission([out], scoped, match)).toBeUndefined();
  });

  test('several scopes may permit it together; the one for the first subject is named', () => {
    expect(findPermission([out, npm], scoped, match)).toBe(npm);
  });

  test('the first that permits is named', () => {
    const all: ApprovalScope = { kind: 'all_session' };

    expect(findPermission([{ kind: 'rule', ruleId: 'r2' }, rule, all], scoped, match)).toBe(rule);
    expect(findPermission([all, rule], scoped, match)).toBe(all);
  });

  test('a match on nothing is permitted by nothing', () => {
    expect(findPermission([{ kind: 'all_session' }], scoped, aSoftMatch({}, []))).toBeUndefined();
  });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
