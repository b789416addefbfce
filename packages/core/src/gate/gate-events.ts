import type { NewTaskEvent } from '../events/task-event.ts';
import type { RequestId } from '../ids/ids.ts';
import type { RuleFindings } from '../policy/policy-types.ts';
import type { ToolCall } from '../ports/coding-agent.ts';
import { preview } from '../redaction/preview.ts';
import { isReadOnly } from '../task/task.ts';
import { recordedJson, toolInputPreview } from './call-text.ts';
import type { GateDecision } from './decide-call.ts';
import type { ToolGateScope } from './gate-deps.ts';

/** Longest JSON of a call's input or facts that an event holds, in characters. */
const mostRecorded = 16_000;

/** That a call is about to be judged. */
export function callEvent(
  { toolName, input, turn }: ToolCall,
  { workspaceDir }: Pick<ToolGateScope, 'workspaceDir'>,
): NewTaskEvent {
  return {
    eventType: 'agent_tool_call',
    metadata: { tool_name: preview(toolName), tool_input_preview: toolInputPreview(input, workspaceDir), turn },
  };
}

/** A decision with what it was made of. */
export interface ToldDecision {
  readonly call: ToolCall;
  readonly decision: GateDecision;
  readonly findings: RuleFindings;
  /** The request that an "ask" led to. */
  readonly requestId?: RequestId;
}

/** What was decided, with all that is needed to explain it and to judge the call again. */
export function decisionEvent(
  { call, decision, findings, requestId }: ToldDecision,
  { task, workspaceDir, protectedBranches }: ToolGateScope,
): NewTaskEvent {
  return {
    eventType: 'policy_decision',
    metadata: {
      tool_name: preview(call.toolName),
      outcome: decision.outcome,
      decided_by: decision.decidedBy,
      matching_rule_ids: [...decision.matchingRuleIds],
      ...('reason' in decision && { reason: preview(decision.reason, 500) }),
      turn: call.turn,
      ...(decision.decidedBy === 'scope' && { scope: decision.scope }),
      ...(requestId !== undefined && { request_id: requestId }),
      read_only: isReadOnly(task.taskType),
      task_type: task.taskType,
      protected_branches: [...protectedBranches],
      ...(findings.kind === 'judged' && recordedCall(findings.call, workspaceDir)),
    },
  };
}

function recordedCall(
  { input, facts }: Extract<RuleFindings, { kind: 'judged' }>['call'],
  workspaceDir: string,
): { input?: Record<string, unknown>; input_cut?: boolean; facts?: Record<string, unknown> } {
  const recorded = recordedFields(input, workspaceDir);
  const shown = recordedFields(facts, workspaceDir);
  return {
    ...(recorded === undefined ? { input_cut: true } : { input: recorded }),
    ...(shown !== undefined && { facts: shown }),
  };
}

/** `undefined` when they are too long for an event. */
function recordedFields(
  fields: Readonly<Record<string, unknown>>,
  workspaceDir: string,
): Record<string, unknown> | undefined {
  const recorded = recordedJson(fields, workspaceDir) as Record<string, unknown>;
  return JSON.stringify(recorded).length <= mostRecorded ? recorded : undefined;
}
