import { milestoneEvent, preview, type AgentProgress, type NewTaskEvent } from '@abca/core';

/** The events that tell of one step of an agent's run: cut, redacted, without escape sequences. */
export function progressEvents(progress: AgentProgress): readonly NewTaskEvent[] {
  switch (progress.kind) {
    case 'started':
      return [milestoneEvent('agent_started', { model: preview(progress.model) })];
    case 'turn':
      return [turnEvent(progress)];
    case 'tool_result':
      return [toolResultEvent(progress)];
    case 'cost':
      return [costEvent(progress)];
    case 'error':
      return [errorEvent(progress.errorType, progress.message)];
    default:
      return progress satisfies never;
  }
}

/** An error of the agent or the session. */
export function errorEvent(errorType: string, message: string): NewTaskEvent {
  return { eventType: 'agent_error', metadata: { error_type: preview(errorType), message_preview: preview(message) } };
}

function turnEvent({ turn, model, text, toolCalls }: Extract<AgentProgress, { kind: 'turn' }>): NewTaskEvent {
  return {
    eventType: 'agent_turn',
    metadata: { turn, model: preview(model), text_preview: preview(text), tool_calls_count: toolCalls },
  };
}

function toolResultEvent(progress: Extract<AgentProgress, { kind: 'tool_result' }>): NewTaskEvent {
  const { turn, toolName, isError, content } = progress;
  return {
    eventType: 'agent_tool_result',
    metadata: { tool_name: preview(toolName), is_error: isError, content_preview: preview(content), turn },
  };
}

function costEvent(progress: Extract<AgentProgress, { kind: 'cost' }>): NewTaskEvent {
  const { turn, costUsd, inputTokens, outputTokens } = progress;
  return {
    eventType: 'agent_cost_update',
    metadata: { cost_usd: costUsd, input_tokens: inputTokens, output_tokens: outputTokens, turn },
  };
}
