import { isTerminalEvent, type EventType } from '@abca/core';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addRepo, getEvents, submit, whenEnded, type ApiAddress } from '../support/api.ts';
import { describePoint, type CrashPoint } from '../support/crash-point.ts';
import {
  quickFlags,
  startPlatformProcess,
  type PlatformProcess,
  type PlatformSpec,
} from '../support/platform-process.ts';
import { processesNaming } from '../support/processes.ts';
import { programCommand } from '../support/programs.ts';
import { makeRemote, type Remote } from '../support/remote.ts';
import { openStores } from '../support/stores.ts';
import { until } from '../support/until.ts';

/** What one run, with or without a crash, came to. */
export interface CrashRun {
  readonly point: string;
  /** Whether the platform really died there. */
  readonly crashed: boolean;
  readonly status: string;
  /** Everything that is not as it must be; empty for a run that survived. */
  readonly problems: readonly string[];
}

/** A folder with a remote, a data folder and a count of agent starts. */
interface Scene {
  readonly dir: string;
  readonly remote: Remote;
  readonly startsFile: string;
  readonly spec: PlatformSpec;
}

const repo = 'acme/shop';

function makeScene(): Scene {
  const dir = mkdtempSync(join(tmpdir(), 'abca-crash-'));
  const startsFile = join(dir, 'starts');
  return {
    dir,
    startsFile,
    remote: makeRemote(dir),
    spec: {
      cwd: dir,
      // A lease that outlasts the restart on a busy machine too: what is tried is the order of writes, not the speed of a start.
      flags: { ...quickFlags, leaseMs: 20_000, dataDir: join(dir, 'data') },
      agentCommand: programCommand('tiny-agent', startsFile),
    },
  };
}

/** The places that a task passes on its way, from a run without a crash. */
export async function listPoints(): Promise<readonly CrashPoint[]> {
  const scene = makeScene();
  const traceFile = join(scene.dir, 'trace');
  try {
    const platform = await startUp({ ...scene.spec, traceFile });
    const { taskId } = await submitOne(scene, platform, randomUUID());
    await whenEnded(platform, taskId);
    await platform.stop();
    const lines = readFileSync(traceFile, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as CrashPoint);
  } finally {
    rmSync(scene.dir, { recursive: true, force: true });
  }
}

/** Lead one task through a platform that dies at `point`, start the platform again, and look at everything that is left. */
export async function crashAt(point: CrashPoint): Promise<CrashRun> {
  const scene = makeScene();
  const key = randomUUID();
  try {
    const first = await startPlatformProcess({ ...scene.spec, crashAt: point });
    const submitted = first && (await trySubmit(scene, first, key));
    const crashed = first === undefined || (await diesWithin(first, submitted));
    const second = crashed ? await startUp(scene.spec) : first;
    const { taskId } = await submitOne(scene, second, key);
    const run = await inspect(scene, second, taskId);
    await second.stop();
    return { point: describePoint(point), crashed, ...run, problems: [...run.problems, ...leftovers(scene)] };
  } finally {
    rmSync(scene.dir, { recursive: true, force: true });
  }
}

async function startUp(spec: PlatformSpec): Promise<PlatformProcess> {
  const platform = await startPlatformProcess(spec);
  if (platform === undefined) throw new Error('the platform was killed while it started');
  return platform;
}

async function submitOne(scene: Scene, api: ApiAddress, key: string): Promise<{ taskId: string }> {
  await addRepo(api, repo, scene.remote.path);
  const task = await submit(api, { repo }, key);
  return { taskId: task.task_id };
}

/** The platform may die under the request: whoever submits with a key repeats it. */
async function trySubmit(scene: Scene, api: ApiAddress, key: string): Promise<string | undefined> {
  try {
    return (await submitOne(scene, api, key)).taskId;
  } catch {
    return undefined;
  }
}

/** A place behind the end of the task is reached a moment after it. */
async function diesWithin(platform: PlatformProcess, taskId: string | undefined): Promise<boolean> {
  const end =
    taskId === undefined
      ? platform.ended
      : Promise.race([platform.ended, whenEnded(platform, taskId).catch(() => platform.ended)]);
  await end;
  const late = AbortSignal.timeout(3_000);
  return Promise.race([
    platform.ended.then(({ signal }) => signal === 'SIGKILL'),
    new Promise<boolean>((resolve) => {
      late.addEventListener('abort', () => {
        resolve(false);
      });
    }),
  ]);
}

async function inspect(
  scene: Scene,
  platform: PlatformProcess,
  taskId: string,
): Promise<{ status: string; problems: string[] }> {
  const task = await whenEnded(platform, taskId);
  const events = await getEvents(platform, taskId);
  const ends = events.filter(({ event_type }) => isTerminalEvent(event_type as EventType));
  const starts = existsSync(scene.startsFile) ? readFileSync(scene.startsFile, 'utf8').trim().split('\n').length : 0;
  const problems = [
    expectOne('terminal events', ends.length),
    expectOne('agents started', starts),
    expectOne('pull requests', scene.remote.refs('refs/abca/pulls').filter((name) => name.endsWith('/head')).length),
    events.every(({ seq }, index) => seq === index + 1)
      ? undefined
      : `events are not gapless: ${events.map(({ seq }) => seq).join(' ')}`,
    task.status === 'COMPLETED' ? undefined : `the task is ${task.status}: ${JSON.stringify(task.failure)}`,
    await slotProblem(scene),
  ];
  return { status: task.status, problems: problems.filter((problem) => problem !== undefined) };
}

function expectOne(what: string, count: number): string | undefined {
  return count === 1 ? undefined : `${what}: ${String(count)}`;
}

/** The slot is given back a moment after the terminal status; until then is no leak. */
async function slotProblem({ spec }: Scene): Promise<string | undefined> {
  const stores = openStores(String(spec.flags['dataDir']));
  try {
    await until(async () => ((await stores.slots.inspect(stores.user)).holders.length === 0 ? true : undefined), {
      boundMs: 10_000,
      what: () => 'slot',
    });
    return undefined;
  } catch {
    return 'the slot was not given back';
  } finally {
    stores.close();
  }
}

/** Processes of the scene that are there after the platform has stopped. */
function leftovers({ dir }: Scene): string[] {
  return processesNaming(dir).map(({ pid, command }) => `process ${String(pid)} was left: ${command}`);
}
