import type { EcsTaskDefinition } from './ecs-definitions.ts';

/** The states of a task, in the order it passes them. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html */
export type EcsTaskStatus =
  'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED';

const next: Readonly<Record<EcsTaskStatus, EcsTaskStatus>> = {
  PROVISIONING: 'PENDING',
  PENDING: 'ACTIVATING',
  ACTIVATING: 'RUNNING',
  RUNNING: 'DEACTIVATING',
  DEACTIVATING: 'STOPPING',
  STOPPING: 'DEPROVISIONING',
  DEPROVISIONING: 'STOPPED',
  STOPPED: 'STOPPED',
};

const starting: readonly EcsTaskStatus[] = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

/** A container of a task. */
export interface EcsContainerState {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Absent while it runs, and for ever when it never started. */
  exitCode?: number;
  reason?: string;
}

/** What a task is made from. */
export interface EcsTaskOrigin {
  readonly arn: string;
  readonly clusterArn: string;
  readonly definition: EcsTaskDefinition;
  readonly createdAtMs: number;
  readonly startedBy: string | undefined;
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** Why a task is over or about to be. */
export interface EcsStop {
  readonly stopCode: string;
  readonly stoppedReason: string;
}

/** One task and its way through the states. */
export class EcsTask {
  readonly origin: EcsTaskOrigin;
  readonly containers: readonly EcsContainerState[];
  status: EcsTaskStatus = 'PROVISIONING';
  stop: EcsStop | undefined;
  startedAtMs: number | undefined;
  stoppedAtMs: number | undefined;

  constructor(origin: EcsTaskOrigin, containers: readonly EcsContainerState[]) {
    this.origin = origin;
    this.containers = containers;
  }

  get isOver(): boolean {
    return this.status === 'STOPPED';
  }

  /** One state on: up to RUNNING while it is wanted, down to STOPPED once it is not. */
  step(nowMs: number): void {
    if (this.stop === undefined && this.status === 'RUNNING') return;
    const giveUp = this.stop !== undefined && starting.includes(this.status);
    this.#enter(giveUp ? 'DEPROVISIONING' : next[this.status], nowMs);
  }

  /** All the way to where it is wanted. */
  settle(nowMs: number): void {
    const goal = this.stop === undefined ? 'RUNNING' : 'STOPPED';
    while (this.status !== goal) this.step(nowMs);
  }

  /** From now on it is to stop. What was the reason first remains it. */
  requestStop(stop: EcsStop): void {
    this.stop ??= stop;
  }

  /** A container ended. An essential one takes the task with it. */
  endContainer(name: string, exit: { readonly exitCode?: number; readonly reason?: string }): void {
    const container = this.container(name);
    Object.assign(container, exit);
    const defined = this.origin.definition.containers.find((candidate) => candidate.name === name);
    if (defined?.essential === false) return;
    this.requestStop({ stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' });
  }

  /** @throws Error when the task has none of this name: a mistake of the test */
  container(name: string): EcsContainerState {
    const found = this.containers.find((container) => container.name === name);
    if (found === undefined) throw new Error(`task ${this.origin.arn} has no container ${name}`);
    return found;
  }

  #enter(status: EcsTaskStatus, nowMs: number): void {
    this.status = status;
    if (status === 'RUNNING') this.startedAtMs = nowMs;
    if (status === 'STOPPED') this.stoppedAtMs ??= nowMs;
    // Whoever runs when a task is stopped is ended by its signal.
    if (status === 'DEPROVISIONING' && this.startedAtMs !== undefined) {
      for (const container of this.containers) container.exitCode ??= 143;
    }
  }
}

/** A task as the API shows it. Times are seconds since the epoch. */
export function renderTask(task: EcsTask): Readonly<Record<string, unknown>> {
  const { origin, stop } = task;
  return {
    taskArn: origin.arn,
    clusterArn: origin.clusterArn,
    taskDefinitionArn: origin.definition.arn,
    group: `family:${origin.definition.family}`,
    launchType: 'FARGATE',
    lastStatus: task.status,
    desiredStatus: stop === undefined ? 'RUNNING' : 'STOPPED',
    createdAt: origin.createdAtMs / 1000,
    startedBy: origin.startedBy,
    overrides: origin.overrides,
    startedAt: seconds(task.startedAtMs),
    stoppedAt: seconds(task.stoppedAtMs),
    ...stop,
    containers: task.containers.map(({ name, exitCode, reason }) => ({
      name,
      taskArn: origin.arn,
      lastStatus: exitCode === undefined ? containerStatus(task.status) : 'STOPPED',
      exitCode,
      reason,
    })),
  };
}

function containerStatus(status: EcsTaskStatus): string {
  if (status === 'STOPPED') return 'STOPPED';
  return starting.includes(status) ? 'PENDING' : 'RUNNING';
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
