import * as z from 'zod';
import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import { matchesPathGlob, matchesWildcard } from '../text/wildcard.ts';
import { isAgentTool } from './agent-tools.ts';
import { toolGroups, type JudgedCall, type MatchSubject, type RuleMatch, type ToolGroup } from './policy-types.ts';

/** How far a permission reaches, the narrowest first. A repository may limit by it what is permitted in advance. */
export const scopeBreadths = [
  'this_call',
  'write_path',
  'bash_pattern',
  'rule',
  'tool_type',
  'tool_group',
  'all_session',
] as const;
export type ScopeBreadth = (typeof scopeBreadths)[number];

/** Breadths that a permission may have before there is a call. */
export const preApprovalBreadths = scopeBreadths.slice(1) as [ScopeBreadth, ...ScopeBreadth[]];

/** What a person permits for the rest of a session. */
export type ApprovalScope =
  | { readonly kind: 'tool_type'; readonly toolName: string }
  | { readonly kind: 'tool_group'; readonly group: ToolGroup }
  | { readonly kind: 'bash_pattern'; readonly pattern: string }
  | { readonly kind: 'write_path'; readonly pattern: string }
  | { readonly kind: 'rule'; readonly ruleId: string }
  | { readonly kind: 'all_session' };

/** What a person may answer a request with: a scope, or words that stand for one that the request itself names. */
export type RequestedScope =
  | ApprovalScope
  | { readonly kind: 'this_call' }
  | { readonly kind: 'tool_type_session' }
  | { readonly kind: 'tool_group_session' };

const forms =
  'this_call, tool_type:<tool>, tool_group:file_write, bash_pattern:<pattern>, write_path:<pattern>, rule:<id>, tool_type_session, tool_group_session, all_session';

const words = ['this_call', 'tool_type_session', 'tool_group_session', 'all_session'] as const;

/** `text`, without white space around it and its parts, as a scope. @throws AbcaError VALIDATION_ERROR with the remedy */
export function parseScope(text: string): RequestedScope {
  const scope = text.trim();
  if (scope === '') throw refused('the scope is empty');
  if (scope.length > limits.initialApprovals.chars) {
    throw refused(
      `the scope has ${String(scope.length)} characters; at most ${String(limits.initialApprovals.chars)} are taken`,
    );
  }
  const word = words.find((known) => known === scope);
  if (word !== undefined) return { kind: word };
  const colon = scope.indexOf(':');
  const value = colon < 0 ? '' : scope.slice(colon + 1).trim();
  return withValue(scope, scope.slice(0, Math.max(0, colon)).trim(), value);
}

/** A scope that may be given before there is a call. @throws AbcaError VALIDATION_ERROR with the remedy */
export function parsePreApproval(text: string): ApprovalScope {
  const scope = parseScope(text);
  switch (scope.kind) {
    case 'this_call':
      throw refused(
        '"this_call" answers one request and cannot be given in advance; name what to permit, such as rule:<id>',
      );
    case 'tool_type_session':
      throw refused('"tool_type_session" stands for the tool of a request; in advance, name it: tool_type:<tool>');
    case 'tool_group_session':
      throw refused(
        '"tool_group_session" stands for the group of a request; in advance, name it: tool_group:file_write',
      );
    default:
      return scope;
  }
}

/** The scope as it is written. */
export function formatScope(scope: RequestedScope): string {
  switch (scope.kind) {
    case 'tool_type':
      return `tool_type:${scope.toolName}`;
    case 'tool_group':
      return `tool_group:${scope.group}`;
    case 'bash_pattern':
    case 'write_path':
      return `${scope.kind}:${scope.pattern}`;
    case 'rule':
      return `rule:${scope.ruleId}`;
    case 'this_call':
    case 'tool_type_session':
    case 'tool_group_session':
    case 'all_session':
      return scope.kind;
    default:
      return scope satisfies never;
  }
}

/** Whether a scope is wider than `widest`. */
export function isWiderThan(scope: ApprovalScope, widest: ScopeBreadth): boolean {
  return scopeBreadths.indexOf(scope.kind) > scopeBreadths.indexOf(widest);
}

/** A call that scopes are held against. */
export interface ScopedCall {
  readonly toolName: string;
  readonly call: Pick<JudgedCall, 'toolGroup' | 'resolved' | 'commands'>;
}

/**
 * Whether `scope` permits what `match` matched on `subject` of the call.
 *
 * A pattern for commands never permits a file that the command writes, and permits nothing of a command that was not
 * resolved or of which one part does not fit: `npm test && git push --force` is not `npm *`.
 */
export function permits(
  scope: ApprovalScope,
  { toolName, call }: ScopedCall,
  ruleId: string,
  subject: MatchSubject,
): boolean {
  switch (scope.kind) {
    case 'all_session':
      return true;
    case 'tool_type':
      return scope.toolName === toolName;
    case 'tool_group':
      return scope.group === call.toolGroup;
    case 'rule':
      return scope.ruleId === ruleId;
    case 'write_path':
      return subject.kind === 'write' && matchesPathGlob(scope.pattern, subject.path);
    case 'bash_pattern':
      return subject.kind !== 'write' && fitsEveryCommand(scope.pattern, call);
    default:
      return scope satisfies never;
  }
}

/** The first scope of `scopes` that permits all of `match`; `undefined` when a part of it is left to be asked about. */
export function findPermission(
  scopes: readonly ApprovalScope[],
  scoped: ScopedCall,
  { rule, subjects }: RuleMatch,
): ApprovalScope | undefined {
  const permissions = subjects.map((subject) => scopes.find((scope) => permits(scope, scoped, rule.ruleId, subject)));
  return permissions.includes(undefined) ? undefined : permissions[0];
}

function fitsEveryCommand(pattern: string, { resolved, commands }: ScopedCall['call']): boolean {
  return resolved && commands.length > 0 && commands.every((command) => matchesWildcard(pattern, command));
}

function withValue(scope: string, kind: string, value: string): ApprovalScope {
  switch (kind) {
    case 'tool_type':
      if (isAgentTool(value)) return { kind, toolName: value };
      throw refused(
        `"${scope}" names no tool; write it as the agent calls it, such as tool_type:Bash or tool_type:mcp__server__tool`,
      );
    case 'tool_group': {
      const group = toolGroups.find((known) => known === value);
      if (group !== undefined) return { kind, group };
      throw refused(`"${scope}" names no group of tools; the groups are: ${toolGroups.join(', ')}`);
    }
    case 'bash_pattern':
    case 'write_path':
      return { kind, pattern: notDegenerate(scope, value) };
    case 'rule':
      if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(value)) return { kind, ruleId: value };
      throw refused(`"${scope}" names no rule; list them with: bgagent policies list --repo <owner/name>`);
    default:
      throw refused(`"${scope}" is not a scope; write one of: ${forms}`);
  }
}

/** A pattern that says next to nothing permits next to everything, and would look as if it did not. */
function notDegenerate(scope: string, pattern: string): string {
  // `./**` is `**`.
  const said = pattern.replaceAll(/(?<=^|\/)\.?\//g, '');
  const wildcards = said.replaceAll(/[^*?]/g, '').length;
  if (said.length > 2 && wildcards * 2 <= said.length) return pattern;
  throw refused(
    `"${scope}" permits nearly everything; use three characters or more, at most half of them wildcards, or say all_session`,
  );
}

function refused(message: string): AbcaError {
  return new AbcaError('VALIDATION_ERROR', message);
}

/** A text that {@link parsePreApproval} takes, trimmed. */
export const preApprovalSchema = z
  .string()
  .trim()
  .min(1, 'must be a scope, such as rule:<id>')
  .max(limits.initialApprovals.chars)
  .superRefine((text, context) => {
    try {
      parsePreApproval(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  });
