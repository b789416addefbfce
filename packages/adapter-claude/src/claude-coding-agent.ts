import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AgentOutcome,
  type AgentRunHooks,
  type AgentRunInput,
  type CallOptions,
  type Clock,
  type CodingAgent,
  type Logger,
} from '@abca/core';
import type { Options, SpawnOptions } from '@anthropic-ai/claude-agent-sdk';
import { findExecutable } from './executable.ts';
import { describeModel, type ModelSettings } from './model-settings.ts';
import { startModelRelay } from './relay/start-model-relay.ts';
import { createUpstream, type Upstream } from './relay/upstream.ts';
import { ClaudeRun } from './run/claude-run.ts';
import { type EnvironmentInput, prepareHome, programEnvironment } from './run/environment.ts';
import { FailureWatch } from './run/failure-watch.ts';
import { agentFailure, describeReason, modelFailure } from './run/outcome.ts';
import { startProcessGuard } from './run/process-guard.ts';
import { sdkHooks } from './run/sdk-hooks.ts';

/** How a Claude agent is made. */
export interface ClaudeCodingAgentOptions {
  readonly model: ModelSettings;
  readonly logger: Logger;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Path of the SDK's program. Default: the one that the SDK installs for this machine. */
  readonly executable?: string;
  /** Tools that the agent has. Default {@link defaultTools}. */
  readonly tools?: readonly string[];
  /** Where PATH and the locale are read; nothing else is. Default: the environment of this process. */
  readonly hostEnvironment?: Readonly<Record<string, string | undefined>>;
  /** How long and how often a model that does not answer is asked. */
  readonly patience?: Partial<ModelPatience>;
}

/** How long and how often a model that does not answer is asked. */
export interface ModelPatience {
  /** Retries of one request by the SDK, with growing pauses. Default 6. */
  readonly maxRetries: number;
  /** From the first failure in a row until the run is given up, in milliseconds. Default 180,000. */
  readonly giveUpAfterMs: number;
  /** Longest silence in an answer, in milliseconds. Default 120,000; the API pings more often than that. */
  readonly idleMs: number;
}

const defaultPatience: ModelPatience = { maxRetries: 6, giveUpAfterMs: 180_000, idleMs: 120_000 };

/** Files, search and a shell. No tool that talks to other sessions, schedules work or starts agents of its own. */
export const defaultTools = ['Bash', 'Read', 'Edit', 'Write', 'NotebookEdit', 'Glob', 'Grep'] as const;

const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, { signal } = {}) => sleep(ms, undefined, signal && { signal }),
};

/**
 * {@link CodingAgent} on the Claude Agent SDK. Each run has a program, a relay to the model and a guard of its own; all
 * are gone when `run` resolves.
 */
export class ClaudeCodingAgent implements CodingAgent {
  readonly modelLabel: string;
  readonly #options: ClaudeCodingAgentOptions;
  readonly #clock: Clock;
  readonly #patience: ModelPatience;
  readonly #upstream: Upstream;

  constructor(options: ClaudeCodingAgentOptions) {
    this.modelLabel = describeModel(options.model);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#patience = { ...defaultPatience, ...options.patience };
    this.#upstream = createUpstream(options.model);
  }

  async run(input: AgentRunInput, hooks: AgentRunHooks, { signal }: CallOptions = {}): Promise<AgentOutcome> {
    const nothingUsed = { turns: 0, costUsd: 0, inputTokens: 0, outputTokens: 0, model: this.modelLabel };
    if (signal?.aborted) return { ...nothingUsed, kind: 'stopped', reason: describeReason(signal.reason) };
    try {
      return await this.#run(input, hooks, signal);
    } catch (error) {
      this.#options.logger.error('agent run could not be started', { error });
      return { ...nothingUsed, ...agentFailure(`the agent could not be started: ${describeReason(error)}`) };
    }
  }

  async #run(input: AgentRunInput, hooks: AgentRunHooks, signal: AbortSignal | undefined): Promise<AgentOutcome> {
    const { logger } = this.#options;
    const host = this.#options.hostEnvironment ?? process.env;
    const guard = await startProcessGuard(host['PATH'] ?? '/usr/bin:/bin', this.#clock);
    const watch = new FailureWatch(this.#clock, this.#patience.giveUpAfterMs, (failure) =>
      run.decide(modelFailure(`the model did not answer for ${this.#patience.giveUpAfterMs} ms: ${failure}`)),
    );
    const relay = await startModelRelay({
      upstream: this.#upstream,
      redact: (text) => hooks.redact(text),
      prompt: input.prompt,
      idleMs: this.#patience.idleMs,
      logger,
      onEnd: (failure) => watch.report(failure),
    });
    const environment = { settings: this.#options.model, input, modelUrl: relay.url, mark: guard.mark, host };
    const options = await this.#sdkOptions({ ...environment, maxRetries: this.#patience.maxRetries });
    const run: ClaudeRun = new ClaudeRun({
      input,
      hooks,
      logger,
      modelName: this.#options.model.provider === 'scripted' ? this.modelLabel : undefined,
      options,
      modelFailure: () => watch.latest,
      endProcesses: () => guard.endAll(),
    });
    Object.assign(options, sdkHooks(run));
    const abort = (): void => run.decide({ kind: 'stopped', reason: describeReason(signal?.reason) });
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await run.execute();
    } finally {
      signal?.removeEventListener('abort', abort);
      watch.stop();
      const isClean = await guard.endAll();
      if (!isClean) logger.error('processes of the agent could not be ended', { mark: guard.mark });
      await relay.close();
    }
  }

  async #sdkOptions(environment: EnvironmentInput): Promise<Options> {
    const { input } = environment;
    await prepareHome(environment);
    const executable = this.#options.executable ?? findExecutable();
    const { model } = { model: undefined, ...this.#options.model };
    return {
      cwd: input.workspaceDir,
      env: programEnvironment(environment),
      ...(executable !== undefined && { pathToClaudeCodeExecutable: executable }),
      ...(model !== undefined && { model }),
      tools: [...(this.#options.tools ?? defaultTools)],
      systemPrompt: {
        type: 'preset',
        preset: 'claude_code',
        ...(input.systemPrompt !== undefined && { append: input.systemPrompt }),
      },
      verbatimPrompts: true,
      settingSources: [],
      settings: { includeCoAuthoredBy: false },
      strictMcpConfig: true,
      mcpServers: {},
      permissionMode: 'default',
      persistSession: false,
      includePartialMessages: true,
      // One more than ours, which ends the run after the tools of the last turn: the SDK's is the net.
      maxTurns: input.maxTurns + 1,
      maxBudgetUsd: input.maxBudgetUsd,
      spawnClaudeCodeProcess: (options) => this.#spawn(options),
    };
  }

  /** By ourselves, so that the environment is exactly ours and what the program complains about is logged. */
  #spawn({ command, args, cwd, env }: SpawnOptions): ChildProcess & {
    stdin: NonNullable<ChildProcess['stdin']>;
    stdout: NonNullable<ChildProcess['stdout']>;
  } {
    const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#options.logger.debug('agent program wrote to stderr', { text: chunk.toString('utf8').slice(0, 2_000) });
    });
    return child;
  }
}
