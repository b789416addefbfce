import { findPermission, formatScope, type ApprovalScope, type ScopedCall } from '../policy/approval-scope.ts';
import type { RuleMatch } from '../policy/policy-types.ts';
import { preview } from '../redaction/preview.ts';
import { lastingScope } from './gate-memory.ts';

/**
 * Scopes that a person may answer with, the narrowest first: each but `this_call` alone permits all that is asked about, now
 * and when it comes again.
 */
export function suggestScopes(scoped: ScopedCall, asking: readonly RuleMatch[]): readonly string[] {
  const candidates = [...literalScopes(scoped, asking), ...wideScopes(scoped, asking)];
  const fitting = candidates
    .filter((scope) => asking.every((match) => findPermission([scope], scoped, match) !== undefined))
    .map(formatScope)
    .filter(isTaken);
  return ['this_call', ...new Set(fitting)];
}

/** Whether the scope is the same once it was shown and typed: short, readable, without a secret, and one that is known. */
function isTaken(text: string): boolean {
  const scope = lastingScope(text);
  return scope !== undefined && formatScope(scope) === text && preview(text) === text;
}

/** The file or the command itself. One with a wildcard in its name would permit more than it shows. */
function literalScopes({ call }: ScopedCall, asking: readonly RuleMatch[]): readonly ApprovalScope[] {
  const paths = asking
    .flatMap(({ subjects }) => subjects)
    .flatMap((subject) => (subject.kind === 'write' ? [subject.path] : []));
  const isLiteral = (text: string): boolean => !/[*?\n]/.test(text);
  return [
    ...[...new Set(paths)].filter(isLiteral).map((pattern): ApprovalScope => ({ kind: 'write_path', pattern })),
    ...call.commands
      .slice(0, 1)
      .filter(isLiteral)
      .map((pattern): ApprovalScope => ({ kind: 'bash_pattern', pattern })),
  ];
}

function wideScopes({ toolName, call }: ScopedCall, asking: readonly RuleMatch[]): readonly ApprovalScope[] {
  return [
    ...asking.map(({ rule }): ApprovalScope => ({ kind: 'rule', ruleId: rule.ruleId })),
    { kind: 'tool_type', toolName },
    ...(call.toolGroup === undefined ? [] : [{ kind: 'tool_group', group: call.toolGroup } as const]),
  ];
}
