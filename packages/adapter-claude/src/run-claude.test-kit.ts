import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentOutcome, AgentProgress, AgentRunHooks, AgentRunInput, Logger, ToolCall } from '@abca/core';
import { redactOrHide } from '@abca/core';
import { type RecordedRequest, type ScriptedModel, type ScriptInput, startScriptedModel } from '@abca/scripted-model';
import { ClaudeCodingAgent, type ClaudeCodingAgentOptions, type ModelPatience } from './claude-coding-agent.ts';

/** A logger that keeps its lines. */
export function aLogger(lines: unknown[] = []): Logger {
  const add =
    (level: string) =>
    (message: string, fields: object = {}): void =>
      void lines.push({ level, message, ...fields });
  return { debug: add('debug'), info: add('info'), warn: add('warn'), error: add('error'), with: () => aLogger(lines) };
}

/** Impatient, so that a test of a model that does not answer is short. */
export const impatient: ModelPatience = { maxRetries: 2, giveUpAfterMs: 8_000, idleMs: 1_500 };

/** A scripted model, folders for one run, and what the run did. */
export interface Bench {
  readonly model: ScriptedModel;
  readonly workspaceDir: string;
  readonly input: AgentRunInput;
  readonly progress: AgentProgress[];
  readonly gated: ToolCall[];
  readonly logLines: unknown[];
  run(overrides?: RunOverrides): Promise<AgentOutcome>;
  /** Texts of the results of tools that the model saw in its latest request. */
  toolResults(): string[];
  dispose(): Promise<void>;
}

/** What a test changes about a run. */
export interface RunOverrides {
  readonly input?: Partial<AgentRunInput>;
  readonly hooks?: Partial<AgentRunHooks>;
  readonly options?: Partial<ClaudeCodingAgentOptions>;
  readonly signal?: AbortSignal;
}

/** A bench whose workspace holds `files`. Its path has a space and a quote in it, as people's folders do. */
export async function aBench(script: ScriptInput, files: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "claude agent's ")));
  const workspaceDir = join(root, 'work space');
  const homeDir = join(root, 'home');
  await Promise.all([mkdir(workspaceDir), mkdir(homeDir)]);
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(workspaceDir, name), text)));
  const model = await startScriptedModel({ script });
  const input: AgentRunInput = {
    prompt: 'Do the task.',
    workspaceDir,
    homeDir,
    shellEnvironment: {},
    maxTurns: 20,
    maxBudgetUsd: 5,
  };
  const [progress, gated, logLines]: [AgentProgress[], ToolCall[], unknown[]] = [[], [], []];
  const run = ({ input: more, hooks, options, signal }: RunOverrides = {}): Promise<AgentOutcome> => {
    const agent = new ClaudeCodingAgent({
      model: { provider: 'scripted', baseUrl: model.url },
      logger: aLogger(logLines),
      patience: impatient,
      ...options,
    });
    const all: AgentRunHooks = {
      gate: async (call) => {
        gated.push(call);
        return { kind: 'allow' };
      },
      betweenTurns: async () => ({ kind: 'continue' }),
      beforeEnd: async () => ({ kind: 'continue' }),
      progress: async (event) => void progress.push(event),
      redact: redactOrHide,
      ...hooks,
    };
    return agent.run({ ...input, ...more }, all, signal && { signal });
  };
  const dispose = async (): Promise<void> => {
    await model.stop();
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  };
  const toolResults = (): string[] => resultsOf(model.requests.at(-1));
  return { model, workspaceDir, input, progress, gated, logLines, run, toolResults, dispose };
}

/** A turn that calls Bash. */
export function bash(
  command: string,
  text?: string,
): { text?: string; tools: { name: string; input: { command: string } }[] } {
  return { ...(text !== undefined && { text }), tools: [{ name: 'Bash', input: { command } }] };
}

interface Message {
  readonly role: string;
  readonly content: string | readonly { type: string; text?: string; content?: unknown }[];
}

/** The messages of a recorded request. */
export function messagesOf(request: RecordedRequest | undefined): readonly Message[] {
  return (request?.body as { messages: Message[] }).messages;
}

function resultsOf(request: RecordedRequest | undefined): string[] {
  const blocks = messagesOf(request).flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  return blocks
    .filter(({ type }) => type === 'tool_result')
    .map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content)));
}
