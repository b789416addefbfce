import type { CallOptions } from './call-options.ts';

/** What an agent run needs. */
export interface AgentRunInput {
  readonly prompt: string;
  readonly systemPrompt?: string;
  /** Absolute path of the checkout the agent works in. */
  readonly workspaceDir: string;
  /** HOME of everything the agent starts: a folder of its own. */
  readonly homeDir: string;
  /** Extra environment of the agent's shell, on top of an allow-list. No credential of the platform. */
  readonly shellEnvironment: Readonly<Record<string, string>>;
  readonly maxTurns: number;
  readonly maxBudgetUsd: number;
}

/** A tool call that the model wants to make. */
export interface ToolCall {
  readonly toolName: string;
  readonly input: unknown;
  /** The model's id of the call. */
  readonly toolUseId: string;
  /** Counts from 1. */
  readonly turn: number;
}

/** Whether a tool call may go on. `reason` reaches the model. */
export type ToolVerdict = { readonly kind: 'allow' } | { readonly kind: 'deny'; readonly reason: string };

/** What happens before the next turn. `reason` of a stop is for the log. */
export type TurnDirective =
  | { readonly kind: 'continue' }
  | { readonly kind: 'inject'; readonly text: string }
  | { readonly kind: 'stop'; readonly reason: string };

/** Something a run tells while it goes on. Raw: redaction and cutting are the listener's. */
export type AgentProgress =
  | { readonly kind: 'started'; readonly model: string }
  | {
      readonly kind: 'turn';
      readonly turn: number;
      readonly model: string;
      readonly text: string;
      readonly toolCalls: number;
    }
  | {
      readonly kind: 'tool_result';
      readonly turn: number;
      readonly toolName: string;
      readonly isError: boolean;
      readonly content: string;
    }
  | {
      readonly kind: 'cost';
      readonly turn: number;
      readonly costUsd: number;
      readonly inputTokens: number;
      readonly outputTokens: number;
    }
  | { readonly kind: 'error'; readonly errorType: string; readonly message: string };

/** The seams at which a run asks back. All are awaited; a throw in `gate` is a deny, in `betweenTurns` a stop, in
 * `beforeEnd` the end. */
export interface AgentRunHooks {
  /** Called for every tool call, unknown tools and those of MCP servers too, before it runs. */
  gate(call: ToolCall): Promise<ToolVerdict>;
  /** Called after the tool results of a turn, before the model is asked again. */
  betweenTurns(turn: number): Promise<TurnDirective>;
  /** Called when the model wants to end the run. After an `inject` it goes on, while it has turns left. */
  beforeEnd(): Promise<TurnDirective>;
  /** Never throws. */
  progress(event: AgentProgress): Promise<void>;
  /** What the model sees of a tool's output. */
  redact(text: string): string;
}

/** What a run used. */
export interface AgentUsage {
  readonly turns: number;
  readonly costUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly model: string;
}

/** How a run ended. */
export type AgentOutcome = AgentUsage &
  (
    | { readonly kind: 'finished'; readonly summary: string }
    | { readonly kind: 'turn_cap' }
    | { readonly kind: 'budget_cap' }
    | { readonly kind: 'stopped'; readonly reason: string }
    /** The model or the agent program failed for good; retries are over. */
    | { readonly kind: 'failed'; readonly code: 'MODEL_UNAVAILABLE' | 'AGENT_FAILED'; readonly message: string }
  );

/**
 * Drives one run of a coding agent and calls back into the tool gate. Never rejects: each end is an outcome. When the
 * signal is aborted the run and all its processes end and the outcome is `stopped`.
 */
export interface CodingAgent {
  /** How people are told which model is in use, such as `scripted` or a model's name. */
  readonly modelLabel: string;
  run(input: AgentRunInput, hooks: AgentRunHooks, options?: CallOptions): Promise<AgentOutcome>;
}
