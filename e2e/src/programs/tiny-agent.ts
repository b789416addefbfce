import 'reflect-metadata';
import {
  createSessionDeps,
  loadConfig,
  loadServerConfig,
  runProgram,
  runServer,
  runToEnd,
  type ProgramParts,
} from '@abca/app-agent';
import { SystemClock } from '@abca/adapter-system';
import { createJsonLogger } from '@abca/core';
import { FakeCodingAgent, type FakeAgentStep } from '@abca/core/testing';
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { overriding } from '../support/overriding.ts';
import { until } from '../support/until.ts';
import type { TinyPlan } from './tiny-plan.ts';

/**
 * The agent program on all its real parts but the model: the run writes one file and ends. Argument 1: a file that gets a
 * line for every session that begins, so that a test can count them. Argument 2: a {@link TinyPlan} as JSON. Argument 3:
 * `serve`, to be told of the session over HTTP.
 */
const plan = JSON.parse(process.argv[3] ?? '{}') as TinyPlan;
const logger = createJsonLogger((line) => process.stdout.write(`${line}\n`), {
  clock: new SystemClock(),
  level: 'debug',
});
const writeTurn: FakeAgentStep = {
  kind: 'turn',
  text: 'I write the file.',
  calls: [{ toolName: 'Write', input: { file_path: 'done.txt' }, run: writeDone }],
};
const fillTurn: FakeAgentStep = {
  kind: 'turn',
  text: 'I fill the disk.',
  calls: [{ toolName: 'Write', input: { file_path: 'big.bin' }, run: fillDisk }],
};

function stepsOf(plan: TinyPlan, taskId: string): FakeAgentStep[] {
  const { turns = 0, waitFor, hang, fill, idle, exit, notePrompt } = plan;
  const looks = Array.from({ length: turns }, (_, index) => lookTurn(index + 1));
  return [
    ...looks,
    ...(notePrompt ? [{ kind: 'act' as const, run: writePrompt }] : []),
    ...(idle ? [] : [writeTurn]),
    ...(fill ? [fillTurn] : []),
    ...(waitFor === undefined
      ? []
      : [{ kind: 'act' as const, run: () => untilThere(waitFor.replace('{task}', taskId)) }]),
    ...(exit === undefined ? [] : [{ kind: 'act' as const, run: () => process.exit(exit) }]),
    ...(hang ? [{ kind: 'act' as const, run: writeLate }, { kind: 'waitForAbort' as const }] : []),
    { kind: 'turn', text: 'Done.' },
  ];
}

function lookTurn(nth: number): FakeAgentStep {
  const call = { toolName: 'Read', input: { file_path: 'README.md' }, run: () => `look ${String(nth)}` };
  return { kind: 'turn', text: `I look, ${String(nth)}.`, calls: [call] };
}

function writeDone({ workspaceDir }: { readonly workspaceDir: string }): string {
  writeFileSync(join(workspaceDir, 'done.txt'), 'done\n');
  return 'written';
}

function writePrompt({ workspaceDir, prompt }: { readonly workspaceDir: string; readonly prompt: string }): void {
  writeFileSync(join(workspaceDir, 'prompt.txt'), prompt);
}

/** Random, so that git cannot make it small. */
function fillDisk({ workspaceDir }: { readonly workspaceDir: string }): void {
  for (;;) appendFileSync(join(workspaceDir, 'big.bin'), randomBytes(4_096));
}

function writeLate({ workspaceDir }: { readonly workspaceDir: string }): void {
  writeFileSync(join(workspaceDir, 'late.txt'), 'late\n');
}

async function untilThere(file: string): Promise<void> {
  await until(() => (existsSync(file) ? true : undefined), { boundMs: 60_000, what: () => `${file} is not there` });
}

/** One session, told of by `env`. */
function tinySession(env: Readonly<Record<string, string | undefined>>): ProgramParts {
  appendFileSync(process.argv[2] ?? '/dev/null', `${String(process.pid)}\n`);
  const config = loadConfig(env, { parseModel: () => undefined });
  return { session: config.session, logger, createDeps: () => createDeps(config) };
}

function createDeps(config: ReturnType<typeof loadConfig>): ReturnType<typeof createSessionDeps> {
  const model = { provider: 'scripted', baseUrl: 'http://127.0.0.1:1' } as const;
  const agent = new FakeCodingAgent(stepsOf(plan, config.session.taskId), { modelLabel: 'tiny' });
  const deps = { ...createSessionDeps({ ...config, model }, logger), agent };
  if (!plan.lie) return deps;
  const { workspace, forges } = deps;
  return {
    ...deps,
    workspace: overriding(workspace, {
      push: async () => ({ kind: 'pushed', sha: 'a'.repeat(40) }),
      ...(plan.unsaved && { saveWork: async () => ({ kind: 'unchanged' }) }),
    }),
    forges: new Map(
      [...forges].map(([type, forge]) => [
        type,
        overriding(forge, { ensurePullRequest: async () => ({ number: 1, url: 'nowhere' }) }),
      ]),
    ),
  };
}

function serve(): Promise<number> {
  const { address } = loadServerConfig(process.env);
  return runServer(process, {
    address,
    logger,
    clock: new SystemClock(),
    prepare: (environment) => {
      const parts = tinySession({ ...process.env, ...environment });
      return { sessionId: parts.session.sessionId, run: (ending) => runToEnd(parts, ending) };
    },
  });
}

process.exit(await (process.argv[4] === 'serve' ? serve() : runProgram(process, tinySession(process.env))));
