import { cpus } from 'node:os';
import { submit } from '../support/api.ts';
import {
  databasePid,
  installWithNoopAgent,
  repo,
  startBundledPlatform,
  type BundledPlatform,
} from './bundled-platform.ts';
import { followTask } from './event-stream.ts';
import type { BenchOptions, Figure, Measurement } from './figure.ts';
import { usageOf, type ProcessUsage } from './machine.ts';

/** As many as there are slots. */
const callers = 10;

/** How many tasks go through when the agent itself takes no time. */
export const measureThroughput: Measurement = {
  name: 'throughput',
  how:
    `${String(callers)} callers submit a task each, watch it to its end over SSE and submit the next. The agent is the real ` +
    'session program (clone, policies, report) with a coding agent that does nothing, as a bundle in the place of the real ' +
    'one: that program cannot be chosen by a setting, so it stands beside a copy of the bundle of `bgagent`. Such a task ends ' +
    'FAILED, with nothing delivered. One run; the second rate is that of each of its tenths.',
  async measure({ tasks }: BenchOptions) {
    const platform = await startBundledPlatform({ launcher: installWithNoopAgent() });
    try {
      await runTasks(platform, callers, () => undefined);
      const database = databasePid(platform);
      const before = { platform: usageOf(platform.pid), database: usageOf(database) };
      const startMs = performance.now();
      const endsMs: number[] = [];
      await runTasks(platform, tasks, () => endsMs.push(performance.now() - startMs));
      const after = { platform: usageOf(platform.pid), database: usageOf(database) };
      return figuresOf(endsMs, before, after);
    } finally {
      await platform.stop();
    }
  },
};

interface Usages {
  readonly platform: ProcessUsage;
  readonly database: ProcessUsage;
}

async function runTasks(platform: BundledPlatform, tasks: number, onEnd: () => void): Promise<void> {
  let left = tasks;
  const call = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { task_id: taskId } = await submit(platform, { repo });
      await followTask(platform, taskId, () => undefined);
      onEnd();
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
}

function figuresOf(endsMs: readonly number[], before: Usages, after: Usages): Figure[] {
  const tasks = endsMs.length;
  const perTask = (of: (usages: Usages) => number): number => (of(after) - of(before)) / tasks;
  const cost = {
    platform: perTask(({ platform }) => platform.ownMs),
    database: perTask(({ database }) => database.ownMs),
    sessions: perTask(({ platform }) => platform.childrenMs),
  };
  const cores = cpus().length;
  const own = cost.platform + cost.database;
  return [
    {
      id: 'tasks-per-minute',
      what: `tasks a minute with a no-op agent, over ${String(tasks)} tasks`,
      unit: 'tasks/min',
      runs: [(tasks * 60_000) / (endsMs.at(-1) ?? 0)],
    },
    {
      id: 'tasks-per-minute-tenth',
      what: 'the same, in each tenth of the run',
      unit: 'tasks/min',
      runs: ratesOfTenths(endsMs),
    },
    { id: 'task-cpu-platform', what: 'processor time of the platform per task', unit: 'ms', runs: [cost.platform] },
    { id: 'task-cpu-database', what: 'processor time of the database per task', unit: 'ms', runs: [cost.database] },
    {
      id: 'task-cpu-session',
      what: 'processor time of session and git processes per task',
      unit: 'ms',
      runs: [cost.sessions],
    },
    {
      id: 'tasks-per-minute-own',
      what: `tasks a minute that ${String(cores)} cores would do if sessions cost nothing: from platform and database alone`,
      unit: 'tasks/min',
      runs: [(60_000 * cores) / own],
    },
    {
      id: 'memory-before',
      what: 'resident memory of the platform before them',
      unit: 'MiB',
      runs: [before.platform.residentMiB],
    },
    {
      id: 'memory-after',
      what: `resident memory of the platform after ${String(tasks)} tasks`,
      unit: 'MiB',
      runs: [after.platform.residentMiB],
    },
    {
      id: 'database-memory-after',
      what: 'resident memory of the database after them',
      unit: 'MiB',
      runs: [after.database.residentMiB],
    },
  ];
}

/** Tasks a minute in each tenth of the run. */
function ratesOfTenths(endsMs: readonly number[]): number[] {
  const size = Math.max(1, Math.floor(endsMs.length / 10));
  const marks = [0, ...endsMs.filter((_, index) => (index + 1) % size === 0)];
  return marks.slice(1).map((endMs, index) => (size * 60_000) / (endMs - (marks[index] ?? 0)));
}
