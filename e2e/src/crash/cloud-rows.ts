import type { TaskStatus } from '@abca/core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudType } from '../cloud/open-cloud.ts';
import type { TinyPlan } from '../programs/tiny-plan.ts';
import { call } from '../support/api.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import type { PlatformProcess } from '../support/platform-process.ts';
import type { Scene } from '../support/scene.ts';
import { whenMilestone } from '../support/work.ts';

/** A task in the middle of what a row does to it. */
export interface RowWorld {
  readonly scene: Scene;
  /** The one that runs now. */
  platform: PlatformProcess;
  readonly taskId: string;
}

/** What goes wrong with a session on a backend of its own, and what must come of it. */
export interface CloudRow {
  readonly what: string;
  readonly tiny: TinyPlan;
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Where the first platform dies. */
  readonly crashAt?: CrashPoint;
  /** Before the task is submitted. */
  readonly arrange?: (scene: Scene) => void;
  /** After it. */
  readonly act?: (world: RowWorld) => Promise<void>;
  readonly ends: TaskStatus;
  /** Code of the failure. */
  readonly code?: Readonly<Record<CloudType, string>>;
  /** Agents that begin work. */
  readonly agents: number;
}

const gate = 'gate';

/** A lease that outlasts the restart of a platform on a busy machine. */
const patient = { leaseMs: 20_000 };

export const cloudRows: readonly CloudRow[] = [
  {
    what: 'platform killed between start accepted and row written',
    tiny: {},
    flags: patient,
    crashAt: { where: 'compute', what: 'startSession', nth: 1, phase: 'after' },
    act: startAgain,
    ends: 'COMPLETED',
    agents: 1,
  },
  {
    what: 'start times out, session started',
    tiny: {},
    flags: patient,
    arrange: ({ cloud }) => cloud.trouble('start_unanswered', 3),
    ends: 'COMPLETED',
    agents: 1,
  },
  {
    what: 'stop refused',
    tiny: { hang: true },
    flags: patient,
    arrange: ({ cloud }) => cloud.trouble('stop_refused', 3),
    act: cancel,
    ends: 'CANCELLED',
    agents: 1,
  },
  {
    what: 'access denied on poll',
    tiny: { hang: true },
    act: freezeUnseen,
    ends: 'FAILED',
    code: { ecs: 'SESSION_ACCESS_DENIED', agentcore: 'SESSION_LOST' },
    agents: 1,
  },
  {
    what: 'exit 0 without result',
    tiny: { waitFor: gate, exit: 0 },
    act: openGate,
    ends: 'FAILED',
    code: { ecs: 'SESSION_ENDED_WITHOUT_RESULT', agentcore: 'SESSION_LOST' },
    agents: 1,
  },
  {
    what: 'container does not come up, exit code missing',
    tiny: {},
    arrange: ({ cloud }) => cloud.trouble('container_broken', 10),
    ends: 'FAILED',
    code: { ecs: 'SESSION_ENDED_WITHOUT_RESULT', agentcore: 'SESSION_START_FAILED' },
    agents: 0,
  },
  {
    what: 'agent killed',
    tiny: { hang: true },
    act: signalAgent('SIGKILL'),
    ends: 'FAILED',
    code: { ecs: 'SESSION_ENDED_WITHOUT_RESULT', agentcore: 'SESSION_LOST' },
    agents: 1,
  },
  {
    what: 'lease lost, agent frozen',
    tiny: { hang: true },
    act: signalAgent('SIGSTOP'),
    ends: 'FAILED',
    code: { ecs: 'SESSION_LOST', agentcore: 'SESSION_LOST' },
    agents: 1,
  },
];

async function cancel(world: RowWorld): Promise<void> {
  await whenWorkSaved(world);
  await call(world.platform, 'DELETE', `/v1/tasks/${world.taskId}`);
}

async function freezeUnseen(world: RowWorld): Promise<void> {
  await signalAgent('SIGSTOP')(world);
  world.scene.cloud.trouble('poll_denied');
}

async function openGate(world: RowWorld): Promise<void> {
  await whenWorkSaved(world);
  writeFileSync(join(world.scene.dir, gate), '');
}

async function startAgain(world: RowWorld): Promise<void> {
  await world.platform.ended;
  world.platform = await world.scene.start();
}

function whenWorkSaved({ platform, taskId }: RowWorld): Promise<unknown> {
  return whenMilestone(platform, taskId, 'work_saved');
}

/** To the agent, once its work is saved. */
function signalAgent(signal: NodeJS.Signals) {
  return async (world: RowWorld): Promise<void> => {
    await whenWorkSaved(world);
    process.kill(Number(world.scene.starts()[0]), signal);
  };
}
