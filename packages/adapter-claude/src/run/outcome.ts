import type { AgentOutcome, AgentUsage } from '@abca/core';
import type { SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';

/** How a run ended, without what it used. */
export type RunEnd = AgentOutcome extends infer Outcome
  ? Outcome extends AgentOutcome
    ? Omit<Outcome, keyof AgentUsage>
    : never
  : never;

/** What the result message of the SDK means. Total. */
export function interpretResult(result: SDKResultMessage): RunEnd {
  switch (result.subtype) {
    case 'success':
      return result.is_error ? modelFailure(result.result) : { kind: 'finished', summary: result.result };
    case 'error_max_turns':
      return { kind: 'turn_cap' };
    case 'error_max_budget_usd':
      return { kind: 'budget_cap' };
    case 'error_during_execution':
    case 'error_max_structured_output_retries':
      return agentFailure(result.errors.join('; ') || result.subtype);
    default:
      return agentFailure(`the agent program ended with an unknown result: ${JSON.stringify(result satisfies never)}`);
  }
}

/** The model did not answer, or not with an answer. */
export function modelFailure(message: string): RunEnd {
  return { kind: 'failed', code: 'MODEL_UNAVAILABLE', message };
}

/** The agent's program failed. */
export function agentFailure(message: string): RunEnd {
  return { kind: 'failed', code: 'AGENT_FAILED', message };
}

/** Tokens over all models of a run, those of the prompt cache counted as input. */
export function sumTokens(usage: SDKResultMessage['modelUsage']): Pick<AgentUsage, 'inputTokens' | 'outputTokens'> {
  return Object.values(usage).reduce(
    (sum, used) => ({
      inputTokens: sum.inputTokens + used.inputTokens + used.cacheReadInputTokens + used.cacheCreationInputTokens,
      outputTokens: sum.outputTokens + used.outputTokens,
    }),
    { inputTokens: 0, outputTokens: 0 },
  );
}

/** Text of anything that was thrown or given as the reason of an abort. */
export function describeReason(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
