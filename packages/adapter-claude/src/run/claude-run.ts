import type { AgentOutcome, AgentRunHooks, AgentRunInput, AgentUsage, Logger, TurnDirective } from '@abca/core';
import { type Options, type Query, query, type SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import { redactTexts } from '../relay/redact-request.ts';
import { Changes } from './changes.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { agentFailure, describeReason, interpretResult, modelFailure, type RunEnd, sumTokens } from './outcome.ts';
import type { SdkHookHandlers } from './sdk-hooks.ts';
import { type TrackedEvent, TurnTracker } from './turn-tracker.ts';

/** What a run is made of. */
export interface ClaudeRunParts {
  readonly input: AgentRunInput;
  readonly hooks: AgentRunHooks;
  readonly logger: Logger;
  /** How the model is called in usage and progress; without it, as the SDK calls it. */
  readonly modelName: string | undefined;
  readonly options: Options;
  /** Latest failure of the model, when its latest request failed. */
  readonly modelFailure: () => string | undefined;
  /** Kills every process of the run. */
  readonly endProcesses: () => Promise<unknown>;
}

/** Longest wait for messages that the SDK has sent already, in milliseconds. */
const settleMs = 5_000;
/** Longest wait for the rest of an answer while one of its tool calls is ready. */
const answerMs = 120_000;

/** One run of the SDK's program. The first end that is decided is the outcome, however the program then ends. */
export class ClaudeRun implements SdkHookHandlers {
  readonly #parts: ClaudeRunParts;
  readonly #gatekeeper: Gatekeeper;
  readonly #tracker = new TurnTracker();
  readonly #changes = new Changes();
  #hasRead = false;
  #end: RunEnd | undefined;
  #query: Query | undefined;
  #model: string;
  #used = { costUsd: 0, inputTokens: 0, outputTokens: 0 };

  constructor(parts: ClaudeRunParts) {
    this.#parts = parts;
    this.#gatekeeper = new Gatekeeper(parts.hooks, parts.logger);
    this.#model = parts.modelName ?? parts.options.model ?? 'unknown';
  }

  /** Ends the run as `end`, unless it has been decided before. */
  decide(end: RunEnd): void {
    this.#end ??= end;
    this.#changes.wake();
  }

  async execute(): Promise<AgentOutcome> {
    void this.#read();
    await this.#changes.until(() => this.#hasRead || this.#end !== undefined);
    await this.#parts.endProcesses();
    await this.#changes.until(() => this.#hasRead, settleMs);
    return { ...this.usage(), ...(this.#end ?? agentFailure('the agent program ended without a result')) };
  }

  usage(): AgentUsage {
    const turns = Math.min(this.#tracker.turns, this.#parts.input.maxTurns);
    return { turns, model: this.#model, ...this.#used };
  }

  async beforeTool(toolUseId: string, toolName: string, input: unknown): Promise<string | undefined> {
    // The turn is told before its calls are judged; its answer may still be arriving.
    await this.#changes.until(() => !this.#tracker.isStreaming || this.#end !== undefined, answerMs);
    await this.#changes.until(() => this.#tracker.find(toolUseId) !== undefined || this.#end !== undefined, settleMs);
    if (this.#end) return 'the run has ended';
    const turn = this.#tracker.find(toolUseId)?.turn ?? this.#tracker.turns;
    const verdict = await this.#gatekeeper.judge({ toolName, input, toolUseId, turn });
    return verdict.kind === 'deny' ? verdict.reason : undefined;
  }

  async mayRun(toolUseId: string): Promise<boolean> {
    return (await this.#gatekeeper.find(toolUseId))?.kind === 'allow';
  }

  redactOutput(output: unknown): unknown {
    return redactTexts(output, (text) => this.#parts.hooks.redact(text));
  }

  async afterTools(toolUseIds: readonly string[]): Promise<string | undefined> {
    await this.#changes.until(
      () => toolUseIds.every((id) => this.#tracker.hasResult(id)) || this.#end !== undefined,
      settleMs,
    );
    if (this.#end) return undefined;
    const turn = this.#tracker.turns;
    await this.#tellCost(turn);
    const injected = await this.#askBetweenTurns(turn);
    if (this.#used.costUsd >= this.#parts.input.maxBudgetUsd) this.decide({ kind: 'budget_cap' });
    if (turn >= this.#parts.input.maxTurns) this.decide({ kind: 'turn_cap' });
    return injected;
  }

  async beforeStop(): Promise<string | undefined> {
    if (this.#end || this.#tracker.turns >= this.#parts.input.maxTurns) return undefined;
    try {
      return this.#follow(await this.#parts.hooks.beforeEnd());
    } catch (error) {
      this.#parts.logger.warn('nobody could say whether the run goes on', { error });
      return undefined;
    }
  }

  isOver(): boolean {
    return this.#end !== undefined;
  }

  async #read(): Promise<void> {
    try {
      this.#query = query({ prompt: this.#parts.input.prompt, options: this.#parts.options });
      for await (const message of this.#query) {
        await this.#take(message);
        if (this.#end) return;
      }
    } catch (error) {
      this.decide(this.#interpretThrown(error));
    } finally {
      this.#hasRead = true;
      this.#changes.wake();
    }
  }

  async #take(message: SDKMessage): Promise<void> {
    for (const event of this.#tracker.take(message)) await this.#tell(event);
    this.#changes.wake();
    if (message.type !== 'result') return;
    this.#count(message.total_cost_usd, sumTokens(message.modelUsage));
    await this.#progress({ kind: 'cost', turn: this.#tracker.turns, ...this.#used });
    const end = interpretResult(message);
    this.decide(end.kind === 'failed' ? this.#blameModel(end) : end);
  }

  async #tell(event: TrackedEvent): Promise<void> {
    switch (event.kind) {
      case 'started':
        this.#model = this.#parts.modelName ?? event.model;
        return this.#progress({ kind: 'started', model: this.#model });
      case 'turn':
        return this.#progress({ ...event, model: this.#model });
      case 'tool_result':
        return this.#tellResult(event);
      case 'retry': {
        const status = event.status === null ? 'no answer' : `HTTP ${event.status}`;
        const message = `${status}, attempt ${event.attempt}`;
        return this.#progress({ kind: 'error', errorType: `model_retry_${event.error}`, message });
      }
      default:
        event satisfies never;
    }
  }

  /** A call that the SDK refused by itself, such as one of a tool that does not exist, never came to the gate's hook. */
  async #tellResult({ call, isError, content }: TrackedEvent & { kind: 'tool_result' }): Promise<void> {
    if ((await this.#gatekeeper.find(call.toolUseId)) === undefined) await this.#gatekeeper.judge(call);
    const { turn, toolName } = call;
    await this.#progress({ kind: 'tool_result', turn, toolName, isError, content });
  }

  async #askBetweenTurns(turn: number): Promise<string | undefined> {
    try {
      return this.#follow(await this.#parts.hooks.betweenTurns(turn));
    } catch (error) {
      this.decide({ kind: 'stopped', reason: describeReason(error) });
      return undefined;
    }
  }

  #follow(directive: TurnDirective): string | undefined {
    if (directive.kind === 'stop') this.decide({ kind: 'stopped', reason: directive.reason });
    return directive.kind === 'inject' ? directive.text : undefined;
  }

  /** The SDK tells money at the end only, and by a call that it may take back: without it the turn tells none. */
  async #tellCost(turn: number): Promise<void> {
    try {
      const asked = this.#query?.usage_EXPERIMENTAL_MAY_CHANGE_DO_NOT_RELY_ON_THIS_API_YET({ skipBehaviors: true });
      const session = (await asked)?.session;
      if (!session) return;
      this.#count(session.total_cost_usd, sumTokens(session.model_usage));
      await this.#progress({ kind: 'cost', turn, ...this.#used });
    } catch (error) {
      this.#parts.logger.debug('cost of the turn is not known', { turn, error });
    }
  }

  #count(costUsd: number, tokens: Pick<AgentUsage, 'inputTokens' | 'outputTokens'>): void {
    // A result that reports a crash may carry zeros: money that was spent stays spent.
    this.#used = {
      costUsd: Math.max(costUsd, this.#used.costUsd),
      inputTokens: Math.max(tokens.inputTokens, this.#used.inputTokens),
      outputTokens: Math.max(tokens.outputTokens, this.#used.outputTokens),
    };
  }

  #interpretThrown(error: unknown): RunEnd {
    return this.#blameModel(agentFailure(`the agent program failed: ${describeReason(error)}`));
  }

  #blameModel(end: RunEnd): RunEnd {
    const failure = this.#parts.modelFailure();
    return failure === undefined ? end : modelFailure(`the model did not answer: ${failure}`);
  }

  async #progress(event: Parameters<AgentRunHooks['progress']>[0]): Promise<void> {
    try {
      await this.#parts.hooks.progress(event);
    } catch (error) {
      this.#parts.logger.warn('progress listener failed', { kind: event.kind, error });
    }
  }
}
