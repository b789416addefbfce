import { AbcaError } from '../errors/abca-error.ts';
import {
  formatScope,
  parsePreApproval,
  parseScope,
  permits,
  type ApprovalScope,
  type RequestedScope,
} from '../policy/approval-scope.ts';
import type { Approval } from './approval.ts';

/**
 * The scope that an answer to `approval` gives, as it is stored: words that stand for the request's own tool or group are
 * replaced by it. One that has nothing to do with what was asked is refused: who types it has something else in mind.
 *
 * @param text absent: `this_call`
 * @throws AbcaError VALIDATION_ERROR with the remedy
 */
export function resolveScope(text: string | undefined, approval: Approval): string {
  const asked = parseScope(text ?? 'this_call');
  if (asked.kind === 'this_call') return formatScope(asked);
  // Read again, so that what is stored is surely taken by the session too.
  const scope = parsePreApproval(formatScope(named(asked, approval)));
  if (isAbout(scope, approval)) return formatScope(scope);
  throw new AbcaError(
    'VALIDATION_ERROR',
    `the scope "${formatScope(asked)}" permits nothing of what request ${approval.requestId} asks for (${approval.matchingRuleIds.join(', ')}); scopes that do: ${approval.suggestedScopes.join(', ')}`,
  );
}

function named(scope: RequestedScope, { toolName, judged }: Approval): RequestedScope {
  if (scope.kind === 'tool_type_session') return { kind: 'tool_type', toolName };
  if (scope.kind !== 'tool_group_session') return scope;
  if (judged.toolGroup !== undefined) return { kind: 'tool_group', group: judged.toolGroup };
  throw new AbcaError(
    'VALIDATION_ERROR',
    `${toolName} belongs to no group of tools; permit the tool: tool_type_session`,
  );
}

function isAbout(scope: ApprovalScope, { toolName, judged }: Approval): boolean {
  const { toolGroup, ...read } = judged;
  const call = { ...read, ...(toolGroup !== undefined && { toolGroup }) };
  return judged.matches.some(({ ruleId, subjects }) =>
    subjects.some((subject) => permits(scope, { toolName, call }, ruleId, subject)),
  );
}
