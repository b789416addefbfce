import { randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RepoView, SubmitBody, TaskView } from '../client/wire-types.ts';
import { createJsonLogger, type LogLevel } from '@abca/core';
import { ApiClient } from '../client/api-client.ts';
import { followTask } from '../commands/follow-task.ts';
import { showReceipt } from '../commands/watch.ts';
import { StopOnInterrupt } from '../commands/up.ts';
import { CliError, exitCodes, type ExitCode } from '../errors/cli-error.ts';
import type { LocalPlatform, LocalPlatformModule } from '../platform/local-platform.ts';
import type { CommandContext } from '../program/context.ts';
import { openDemoFolder, type DemoFolder } from './demo-folder.ts';
import { planDemo, type DemoPlan } from './demo-plan.ts';
import { demoAnswer } from './demo-answers.ts';
import { demoPreApprovals, demoTask } from './demo-files.ts';
import { nextSteps } from './next-steps.ts';

export interface DemoFlags {
  readonly repo?: string;
  readonly task?: string;
  readonly base?: string;
  readonly script?: string;
  readonly dataDir?: string;
  /** Permit what is asked, without asking. */
  readonly yes?: true;
  readonly logLevel: LogLevel;
}

/** One demo: what it does, where, and on which platform. */
interface Demo {
  readonly context: CommandContext;
  readonly plan: DemoPlan;
  readonly yes: boolean;
  readonly folder: DemoFolder;
  readonly stopping: StopOnInterrupt;
}

/**
 * Run one task from submit to receipt on a platform of its own, and end everything that was started; the repository stays. 0
 * when the task completed, 1 when it did not, 130 after Ctrl-C.
 */
export async function runDemo(context: CommandContext, flags: DemoFlags): Promise<ExitCode> {
  const { io } = context;
  const local = await io.loadLocal();
  const plan = planDemo({ ...flags, hasCredentials: local.hasModelCredentials(io.env), cwd: io.cwd });
  if (plan.script !== undefined) {
    const { checkScript } = await import('../commands/check-script.ts');
    await checkScript(plan.script);
  }
  const folder = openDemoFolder(flags.dataDir, io.cwd);
  const stopping = new StopOnInterrupt(context);
  const demo: Demo = { context, plan, yes: flags.yes === true, folder, stopping };
  try {
    const repo = await prepareRepo(demo);
    const platform = await startOwn(demo, local, flags.logLevel);
    const task = await useAndEnd(demo, platform, () => runTask(demo, platform, repo));
    return closeDemo(demo, repo, task);
  } finally {
    stopping.release();
  }
}

interface DemoTarget {
  readonly repo: string;
  readonly cloneUrl: string;
}

async function prepareRepo({ context: { io, talk }, plan, folder }: Demo): Promise<DemoTarget> {
  if (plan.kind === 'own') return plan;
  const { makeDemoRepo } = await import('./make-demo-repo.ts');
  const { path } = await makeDemoRepo(folder.dir, io.env);
  talk.say(`made a repository with a failing test: ${path}`, 'dim');
  return { repo: 'demo/price-tag', cloneUrl: path };
}

async function startOwn(
  { context: { io, talk }, plan, folder }: Demo,
  local: LocalPlatformModule,
  level: LogLevel,
): Promise<LocalPlatform> {
  const log = join(folder.dataDir, 'platform.log');
  const logger = createJsonLogger(
    (line) => {
      appendFileSync(log, `${line}\n`, { mode: 0o600 });
    },
    { clock: io, level },
  );
  const modelScript = plan.script ?? (await writeDemoScript(folder));
  const flags = { dataDir: folder.dataDir, port: 0, modelScript, ownSessions: true };
  const config = local.loadPlatformConfig({ flags, env: io.env, cwd: io.cwd });
  const platform = await local.startPlatform(config, { env: io.env, logger });
  talk.say(`platform ${platform.url} · model ${platform.modelLabel}`, 'dim');
  return platform;
}

async function writeDemoScript({ dataDir }: DemoFolder): Promise<string> {
  const { demoScript } = await import('./demo-script.ts');
  const file = join(dataDir, 'demo-script.json');
  writeFileSync(file, `${JSON.stringify(demoScript(), undefined, 2)}\n`);
  return file;
}

/** Whatever comes of the task, the platform ends before the demo goes on. */
async function useAndEnd<T>({ stopping }: Demo, platform: LocalPlatform, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await stopping.end(platform);
  }
}

/** `undefined` when Ctrl-C came first. */
async function runTask(
  { context, plan, yes, folder, stopping }: Demo,
  platform: LocalPlatform,
  target: DemoTarget,
): Promise<TaskView | undefined> {
  const connection = { url: platform.url, token: platform.token, source: 'the demo' };
  const client = new ApiClient(connection, context.io);
  const repo = target.repo as RepoView['repo'];
  await client.addRepo({ repo, clone_url: target.cloneUrl });
  const { task } = await client.submit({ repo, ...bodyOf(plan) }, randomUUID());
  context.talk.say(`task ${task.task_id}: ${task.task_description}`, 'dim');
  const interrupt = new AbortController();
  void stopping.interrupted.then(() => {
    interrupt.abort();
  });
  const answer = demoAnswer(context, client, { plan, yes, dataDir: folder.dataDir });
  const ended = await followTask(context, task, { connect: () => connection, answer, signal: interrupt.signal });
  if (ended === undefined) context.talk.say('stopping in order; Ctrl-C again ends it at once', 'dim');
  else await showReceipt(context, client, ended);
  return ended;
}

function bodyOf(plan: DemoPlan): Omit<SubmitBody, 'repo'> {
  if (plan.kind === 'own') {
    return { task_description: plan.task, ...(plan.base !== undefined && { base_branch: plan.base }) };
  }
  return { task_description: plan.task ?? demoTask, initial_approvals: [...demoPreApprovals] };
}

function closeDemo({ context, plan, folder }: Demo, target: DemoTarget, task: TaskView | undefined): ExitCode {
  const { io, talk } = context;
  if (task === undefined) {
    folder.discardData();
    throw new CliError('DETACHED', 'the demo was ended before its task', { exitCode: exitCodes.detached });
  }
  if (task.status !== 'COMPLETED') {
    talk.say(`the log of the platform is kept: ${join(folder.dataDir, 'platform.log')}`);
    return exitCodes.error;
  }
  folder.discardData();
  talk.print([], ...nextSteps({ task, target, isBuiltIn: plan.kind === 'built_in', env: io.env }));
  return exitCodes.ok;
}
