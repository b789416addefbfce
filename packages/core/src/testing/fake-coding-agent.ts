import type { CallOptions } from '../ports/call-options.ts';
import type {
  AgentOutcome,
  AgentRunHooks,
  AgentRunInput,
  AgentUsage,
  CodingAgent,
  ToolCall,
  ToolVerdict,
} from '../ports/coding-agent.ts';

/** A tool call of a fake turn. It goes through the gate; `run` is called only when the gate allows it. */
export interface FakeToolCall {
  readonly toolName: string;
  readonly input?: unknown;
  /** What the tool does, such as editing a file of the workspace. A text it returns is the output; a throw is an error. */
  run?(input: AgentRunInput): unknown;
}

/** How a fake run ends, without what it used: the fake fills that in. */
export type FakeAgentEnd = AgentOutcome extends infer Outcome
  ? Outcome extends AgentOutcome
    ? Omit<Outcome, keyof AgentUsage>
    : never
  : never;

/** One step of a fake run. Steps are taken in order. */
export type FakeAgentStep =
  /** A turn of the model: its text, its tool calls through the gate, then `betweenTurns` when it had calls. */
  | {
      readonly kind: 'turn';
      readonly text?: string;
      readonly calls?: readonly FakeToolCall[];
      readonly costUsd?: number;
      readonly inputTokens?: number;
      readonly outputTokens?: number;
    }
  /** Anything outside a turn: an edit past the gate, a signal to the test, a wait for a promise of the test. */
  | { readonly kind: 'act'; run(input: AgentRunInput, hooks: AgentRunHooks): Promise<void> | void }
  /** Goes on only when the run's signal is aborted; the run ends as `stopped`. */
  | { readonly kind: 'waitForAbort' }
  /** Ends the run here. */
  | { readonly kind: 'end'; readonly outcome: FakeAgentEnd };

/** What a fake agent can be told besides its steps. */
export interface FakeCodingAgentOptions {
  readonly modelLabel?: string;
}

/** A gate call that a run made, and what was answered. */
export interface FakeGateCall {
  readonly call: ToolCall;
  readonly verdict: ToolVerdict;
}

/**
 * A {@link CodingAgent} that follows a list of steps through the real hooks. Runs out of steps → `beforeEnd`, whose text is
 * remembered and has nothing to go on with, then `finished`. Obeys the
 * abort signal, the turn cap and the budget cap between steps as the port says. Every run starts the steps anew.
 */
export class FakeCodingAgent implements CodingAgent {
  readonly modelLabel: string;
  /** Inputs of the runs so far. */
  readonly runs: AgentRunInput[] = [];
  /** Gate calls of the runs so far, in order. */
  readonly gateCalls: FakeGateCall[] = [];
  /** Texts that `betweenTurns` injected, in order. */
  readonly injected: string[] = [];
  readonly #steps: readonly FakeAgentStep[];

  constructor(steps: readonly FakeAgentStep[], options: FakeCodingAgentOptions = {}) {
    this.#steps = steps;
    this.modelLabel = options.modelLabel ?? 'fake';
  }

  async run(input: AgentRunInput, hooks: AgentRunHooks, options: CallOptions = {}): Promise<AgentOutcome> {
    this.runs.push(input);
    const run = new FakeRun(this, input, hooks, options.signal);
    await hooks.progress({ kind: 'started', model: this.modelLabel });
    for (const step of this.#steps) {
      const end = run.abortedEnd() ?? (await run.take(step));
      if (end) return { ...run.usage(), ...end };
    }
    return { ...run.usage(), ...(run.abortedEnd() ?? (await run.finish())) };
  }
}

class FakeRun {
  readonly #agent: FakeCodingAgent;
  readonly #input: AgentRunInput;
  readonly #hooks: AgentRunHooks;
  readonly #signal: AbortSignal | undefined;
  #turns = 0;
  #calls = 0;
  #used = { costUsd: 0, inputTokens: 0, outputTokens: 0 };
  lastText = '';

  constructor(agent: FakeCodingAgent, input: AgentRunInput, hooks: AgentRunHooks, signal: AbortSignal | undefined) {
    this.#agent = agent;
    this.#input = input;
    this.#hooks = hooks;
    this.#signal = signal;
  }

  usage(): AgentUsage {
    return { turns: this.#turns, model: this.#agent.modelLabel, ...this.#used };
  }

  abortedEnd(): FakeAgentEnd | undefined {
    return this.#signal?.aborted ? { kind: 'stopped', reason: describeReason(this.#signal.reason) } : undefined;
  }

  async finish(): Promise<FakeAgentEnd> {
    const directive = await this.#hooks.beforeEnd();
    if (directive.kind === 'inject') this.#agent.injected.push(directive.text);
    if (directive.kind === 'stop') return { kind: 'stopped', reason: directive.reason };
    return { kind: 'finished', summary: this.lastText };
  }

  async take(step: FakeAgentStep): Promise<FakeAgentEnd | undefined> {
    switch (step.kind) {
      case 'turn':
        return this.#turn(step);
      case 'act':
        await step.run(this.#input, this.#hooks);
        return undefined;
      case 'waitForAbort':
        await untilAborted(this.#signal);
        return this.abortedEnd();
      case 'end':
        return step.outcome;
      default:
        return step satisfies never;
    }
  }

  async #turn(step: FakeAgentStep & { kind: 'turn' }): Promise<FakeAgentEnd | undefined> {
    if (this.#turns >= this.#input.maxTurns) return { kind: 'turn_cap' };
    const calls = step.calls ?? [];
    this.lastText = step.text ?? '';
    const turn = ++this.#turns;
    const { modelLabel: model } = this.#agent;
    await this.#hooks.progress({ kind: 'turn', turn, model, text: this.lastText, toolCalls: calls.length });
    await this.#spend(step);
    if (this.#used.costUsd >= this.#input.maxBudgetUsd) return { kind: 'budget_cap' };
    for (const call of calls) await this.#call(call);
    return this.abortedEnd() ?? (calls.length > 0 ? await this.#betweenTurns() : undefined);
  }

  async #spend(step: FakeAgentStep & { kind: 'turn' }): Promise<void> {
    this.#used = {
      costUsd: this.#used.costUsd + (step.costUsd ?? 0),
      inputTokens: this.#used.inputTokens + (step.inputTokens ?? 0),
      outputTokens: this.#used.outputTokens + (step.outputTokens ?? 0),
    };
    if (step.costUsd !== undefined) await this.#hooks.progress({ kind: 'cost', turn: this.#turns, ...this.#used });
  }

  async #call({ toolName, input = {}, run }: FakeToolCall): Promise<void> {
    const toolUseId = `toolu_fake_${++this.#calls}`;
    const call: ToolCall = { toolName, input, toolUseId, turn: this.#turns };
    const verdict = await this.#judge(call);
    this.#agent.gateCalls.push({ call, verdict });
    const result =
      verdict.kind === 'deny' ? { isError: true, content: verdict.reason } : await attempt(() => run?.(this.#input));
    const content = this.#hooks.redact(result.content);
    await this.#hooks.progress({ kind: 'tool_result', turn: this.#turns, toolName, isError: result.isError, content });
  }

  async #judge(call: ToolCall): Promise<ToolVerdict> {
    try {
      return await this.#hooks.gate(call);
    } catch (error) {
      return { kind: 'deny', reason: describeReason(error) };
    }
  }

  async #betweenTurns(): Promise<FakeAgentEnd | undefined> {
    try {
      const directive = await this.#hooks.betweenTurns(this.#turns);
      if (directive.kind === 'inject') this.#agent.injected.push(directive.text);
      return directive.kind === 'stop' ? { kind: 'stopped', reason: directive.reason } : undefined;
    } catch (error) {
      return { kind: 'stopped', reason: describeReason(error) };
    }
  }
}

async function attempt(run: () => unknown): Promise<{
  readonly isError: boolean;
  readonly content: string;
}> {
  try {
    const output = await run();
    return { isError: false, content: typeof output === 'string' ? output : '' };
  } catch (error) {
    return { isError: true, content: describeReason(error) };
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) throw new Error('the fake agent waits for an abort, but the run has no signal');
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function describeReason(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
