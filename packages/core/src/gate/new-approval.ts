import type { Approval } from '../approval/approval.ts';
import type { RequestId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { JudgedCall, MatchSubject, RuleMatch } from '../policy/policy-types.ts';
import type { ToolCall } from '../ports/coding-agent.ts';
import { preview } from '../redaction/preview.ts';
import { redactDeep } from '../redaction/redact.ts';
import { formatIso } from '../time/iso-time.ts';
import { toolInputPreview, toolInputText } from './call-text.ts';
import type { GateDecision } from './decide-call.ts';
import type { ToolGateScope } from './gate-deps.ts';
import { suggestScopes } from './suggest-scopes.ts';

/** Most commands and paths of a call that are kept for the scope of its approval, and characters of each. Beyond it no pattern is taken. */
const mostKept = 100;
const mostKeptChars = 1_000;

/** What a request is made of. */
export interface ApprovalParts {
  readonly requestId: RequestId;
  readonly call: ToolCall;
  readonly inputSha256: string;
  readonly decision: Extract<GateDecision, { outcome: 'ask' }>;
  readonly judged: JudgedCall;
  readonly timeoutS: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** The request for a person's approval of one call: redacted, and bound to its arguments by their hash. */
export function newApproval({ task, workspaceDir }: ToolGateScope, parts: ApprovalParts): Approval {
  const { requestId, call, inputSha256, decision, judged, timeoutS, nowMs } = parts;
  const expiresAtMs = nowMs + timeoutS * 1000;
  return {
    taskId: task.taskId,
    userId: task.userId,
    repo: task.repo,
    requestId,
    status: 'PENDING',
    toolName: preview(call.toolName),
    inputSha256,
    input: toolInputText(call.input, workspaceDir),
    inputPreview: toolInputPreview(call.input, workspaceDir),
    reason: preview(decision.reason, limits.denyReasonChars.stored),
    severity: decision.severity,
    matchingRuleIds: [...decision.matchingRuleIds],
    timeoutS,
    suggestedScopes: [...suggestScopes({ toolName: call.toolName, call: judged }, decision.asking)],
    judged: keptCall(judged, decision.asking),
    createdAt: formatIso(nowMs),
    expiresAt: formatIso(expiresAtMs),
    ttl: Math.ceil(expiresAtMs / 1000) + limits.approvalTtlS,
  };
}

function keptCall(judged: JudgedCall, asking: readonly RuleMatch[]): Approval['judged'] {
  const isWhole = judged.commands.length <= mostKept && judged.commands.every((text) => text.length <= mostKeptChars);
  return {
    ...(judged.toolGroup !== undefined && { toolGroup: judged.toolGroup }),
    resolved: judged.resolved && isWhole,
    commands: isWhole ? (redactDeep(judged.commands) as string[]) : [],
    matches: asking.map(({ rule, subjects }) => ({
      ruleId: rule.ruleId,
      subjects: redactDeep(
        subjects.slice(0, mostKept).map(keptSubject),
      ) as Approval['judged']['matches'][number]['subjects'],
    })),
  };
}

/** A path that is too long is kept as one that no pattern matches. */
function keptSubject(subject: MatchSubject): MatchSubject {
  return subject.kind === 'write' && subject.path.length > mostKeptChars ? { kind: 'write', path: '' } : subject;
}
