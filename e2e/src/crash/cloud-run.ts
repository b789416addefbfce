import { isTerminalEvent, type EventType } from '@abca/core';
import type { CloudType } from '../cloud/open-cloud.ts';
import { getEvents, whenEnded } from '../support/api.ts';
import { Scene, submitTask } from '../support/scene.ts';
import type { CloudRow, RowWorld } from './cloud-rows.ts';

/** What a row came to on one backend. */
export interface CloudRun {
  readonly status: string;
  readonly code: string | undefined;
  readonly pullRequests: number;
  /** Everything that is not as it must be. */
  readonly problems: readonly string[];
}

/** How often the reconcilers of the platform run here, milliseconds. */
const reconcileMs = 1_000;

/** Lead one task through what `row` does to it, and look at everything that is left. */
export async function runCloudRow(row: CloudRow, cloud: CloudType): Promise<CloudRun> {
  const { tiny, flags, crashAt } = row;
  const { scene, platform } = await Scene.up({
    cloud,
    tiny,
    flags: { reconcileMs, ...flags },
    ...(crashAt && { crashAt }),
  });
  try {
    row.arrange?.(scene);
    const world = { scene, platform, taskId: await submitTask(platform) };
    await row.act?.(world);
    return await inspect(row, cloud, world);
  } finally {
    await scene.end();
  }
}

async function inspect(row: CloudRow, cloud: CloudType, { scene, platform, taskId }: RowWorld): Promise<CloudRun> {
  const { status, failure } = await whenEnded(platform, taskId);
  const stillRuns = await problemOf(() => scene.whenNoSessionRuns());
  const slotTaken = await problemOf(() => scene.whenSlotsFree(scene.stores()));
  const processLeft = await problemOf(() => scene.whenContainersGone());
  const events = await getEvents(platform, taskId);
  const pullRequests = scene.remote.refs('refs/abca/pulls').filter((name) => name.endsWith('/head')).length;
  const problems = [
    unlike('status', status, row.ends),
    unlike('failure', failure?.code, row.code?.[cloud]),
    unlike('terminal events', events.filter(({ event_type }) => isTerminalEvent(event_type as EventType)).length, 1),
    unlike('order of events', events.map(({ seq }) => seq).join(' '), events.map((_, index) => index + 1).join(' ')),
    unlike('agents that began', scene.starts().length, row.agents),
    unlike('pull requests', pullRequests, row.ends === 'COMPLETED' ? 1 : 0),
    stillRuns,
    slotTaken,
    processLeft,
  ];
  return { status, code: failure?.code, pullRequests, problems: problems.filter((problem) => problem !== undefined) };
}

function unlike<T>(what: string, is: T, mustBe: T): string | undefined {
  return is === mustBe ? undefined : `${what}: ${String(is)} instead of ${String(mustBe)}`;
}

async function problemOf(check: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
