import {
  failClosed,
  isReadOnly,
  preview,
  type Logger,
  type NewTaskEvent,
  type PolicyDecision,
  type PolicyEngine,
  type Task,
  type ToolCall,
  type ToolVerdict,
} from '@abca/core';
import { toolInputPreview } from '../events/tool-input-preview.ts';
import type { SessionReporter } from '../events/session-reporter.ts';
import type { StopSwitch } from '../session/stop-switch.ts';

/** Longest reason of a deny that the model is given, in characters. */
const reasonChars = 500;

/** Judges every tool call of a run before it happens. */
export type ToolGate = (call: ToolCall) => Promise<ToolVerdict>;

export interface ToolGateDeps {
  /** Absent: everything is denied. */
  readonly engine: PolicyEngine | undefined;
  readonly reporter: Pick<SessionReporter, 'publish'>;
  readonly stop: Pick<StopSwitch, 'reason'>;
  readonly logger: Logger;
}

/**
 * The gate of one session: each call is told, judged by the policy engine, and each deny is told with its rules. Fails
 * closed: an engine that is missing, throws or answers what nobody knows denies.
 */
export function createToolGate(
  deps: ToolGateDeps,
  scope: { readonly task: Task; readonly workspaceDir: string },
): ToolGate {
  return async (call) => {
    const decision = await decide(deps, scope, call);
    const verdict = verdictOf(decision);
    await deps.reporter.publish(callEvent(call, scope.workspaceDir), ...denyEvents(call, decision, verdict));
    if (verdict.kind === 'deny') deps.logger.info('tool call denied', { tool: call.toolName, reason: verdict.reason });
    return verdict;
  };
}

/** What a decision means for the call. There is nobody to ask yet, so what needs an approval does not happen. */
export function verdictOf(decision: PolicyDecision): ToolVerdict {
  switch (decision.outcome) {
    case 'allow':
      return { kind: 'allow' };
    case 'deny':
      return { kind: 'deny', reason: preview(decision.reason, reasonChars) };
    case 'ask': {
      const why = `approval needed; approvals are not available yet: ${decision.reason}`;
      return { kind: 'deny', reason: preview(why, reasonChars) };
    }
    default:
      return decision satisfies never;
  }
}

async function decide(
  { engine, stop, logger }: ToolGateDeps,
  { task, workspaceDir }: { readonly task: Task; readonly workspaceDir: string },
  { toolName, input }: ToolCall,
): Promise<PolicyDecision> {
  const stopping = stop.reason();
  if (stopping !== undefined) return failClosed(`the session is ending: ${stopping.failure.message}`);
  if (engine === undefined) return failClosed('there is no policy engine');
  const { taskId, taskType, repo } = task;
  try {
    const decision = await engine.evaluate({
      taskId,
      taskType,
      repo,
      readOnly: isReadOnly(taskType),
      toolName,
      input,
      workspaceDir,
    });
    return isDecision(decision) ? decision : failClosed('the policy engine gave an answer that is not known');
  } catch (error) {
    logger.error('policy engine failed', { error, tool: toolName });
    return failClosed('the policy engine failed');
  }
}

/** The engine is another package, and of all answers this is the one that is never taken on trust. */
function isDecision(answer: unknown): answer is PolicyDecision {
  if (typeof answer !== 'object' || answer === null) return false;
  const { outcome, matchingRuleIds } = answer as Partial<PolicyDecision>;
  return ['allow', 'deny', 'ask'].includes(outcome ?? '') && Array.isArray(matchingRuleIds);
}

function callEvent({ toolName, input, turn }: ToolCall, workspaceDir: string): NewTaskEvent {
  return {
    eventType: 'agent_tool_call',
    metadata: { tool_name: preview(toolName), tool_input_preview: toolInputPreview(input, workspaceDir), turn },
  };
}

function denyEvents({ toolName, turn }: ToolCall, decision: PolicyDecision, verdict: ToolVerdict): NewTaskEvent[] {
  if (verdict.kind === 'allow') return [];
  const metadata = {
    tool_name: preview(toolName),
    outcome: 'deny',
    matching_rule_ids: [...decision.matchingRuleIds],
    reason: verdict.reason,
    turn,
  };
  return [{ eventType: 'policy_decision', metadata }];
}
