import type { TaskEvent } from '../events/task-event.ts';
import { forgesOf } from '../forge/forges.ts';
import type { TaskId, UserId } from '../ids/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { SlotRepository } from '../ports/slot-repository.ts';
import { platformDefaults } from '../repo/resolve-settings.ts';
import type { TaskSettings } from '../repo/task-settings.ts';
import type { SlotCaps } from '../slots/slot-ledger.ts';
import { sessionStatuses } from '../task/task-status.ts';
import type { SessionResult, Task } from '../task/task.ts';
import { aRepoConfig, testEpochMs } from '../testing/builders.ts';
import { CapturingLogger } from '../testing/capturing-logger.ts';
import { FakePolicyLoader } from '../testing/fake-policies.ts';
import { InMemoryComputeStrategy } from '../testing/in-memory-compute-strategy.ts';
import { InMemoryEventLog } from '../testing/in-memory-event-log.ts';
import { InMemoryForge } from '../testing/in-memory-forge.ts';
import { InMemoryGitHost, type InMemoryRepository } from '../testing/in-memory-git-host.ts';
import {
  InMemoryContextStore,
  InMemoryRepoConfigRepository,
  InMemorySlotRepository,
} from '../testing/in-memory-stores.ts';
import { InMemoryApprovalRepository } from '../testing/in-memory-approval-repository.ts';
import { InMemoryTaskRepository } from '../testing/in-memory-task-repository.ts';
import { InMemorySessionSignals, InMemoryTaskExecutions } from '../testing/recording-signals.ts';
import { SequentialIds } from '../testing/sequential-ids.ts';
import { behindGate, openGate, type CallGate } from './call-gate.test-kit.ts';
import type { AdmitDeps } from './admit-task.ts';
import type { CancelDeps } from './cancel-task.ts';
import type { CheckDeps } from './check-session.ts';
import type { FinalizeDeps } from './finalize-task.ts';
import type { HydrateDeps } from './hydrate-task.ts';
import type { LoadDeps } from './load-task.ts';
import type { PreflightDeps } from './preflight-task.ts';
import type { ReconcileDeps } from './reconcile-all.ts';
import type { StartDeps } from './start-session.ts';
import { submitCommandSchema, submitTask, type SubmitCommand, type SubmitDeps } from './submit-task.ts';

/** The user of all tasks in these tests. */
export const ann = 'ann' as UserId;

/** The user's slots and places in the queue: few, so that tests get to the cap. */
export const smallCaps: SlotCaps = { slots: 2, queued: 3 };

/** Where the tasks' repository is. */
export const cloneUrl = '/repos/shop.git';

/** A clock whose sleeps take no time but move it on. */
export class ImpatientClock implements Clock {
  #nowMs = testEpochMs;
  /** Lengths of the sleeps so far, in milliseconds. */
  readonly sleeps: number[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    this.pass(ms);
    return Promise.resolve();
  }

  /** Let `ms` milliseconds pass. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }
}

/** Slots with caps of their own, whatever the caller's are. */
function withCaps(slots: SlotRepository, caps: SlotCaps): SlotRepository {
  return {
    acquire: (userId, entry, _caps, options) => slots.acquire(userId, entry, caps, options),
    release: (userId, taskId, _caps, options) => slots.release(userId, taskId, caps, options),
    inspect: (userId, options) => slots.inspect(userId, options),
    listUsers: (query, options) => slots.listUsers(query, options),
  };
}

/** What may be set about a world. */
export interface WorldOptions {
  readonly gate?: CallGate;
  readonly caps?: SlotCaps;
}

/** What the use cases work on, all of them. */
export type WorldDeps = SubmitDeps &
  LoadDeps &
  AdmitDeps &
  PreflightDeps &
  HydrateDeps &
  StartDeps &
  CheckDeps &
  FinalizeDeps &
  CancelDeps &
  ReconcileDeps;

/** The ports of a world, as they are: not behind its gate. */
export interface WorldPorts {
  readonly clock: ImpatientClock;
  readonly events: InMemoryEventLog;
  readonly tasks: InMemoryTaskRepository;
  readonly approvals: InMemoryApprovalRepository;
  readonly repos: InMemoryRepoConfigRepository;
  readonly slots: SlotRepository;
  readonly contexts: InMemoryContextStore;
  readonly signals: InMemorySessionSignals;
  readonly executions: InMemoryTaskExecutions;
  readonly forge: InMemoryForge;
  readonly compute: InMemoryComputeStrategy;
}

/** In-memory ports with a repository in them, and the dependencies of all use cases made of them, behind a gate. */
export interface CoreWorld extends WorldPorts {
  readonly repository: InMemoryRepository;
  readonly logger: CapturingLogger;
  readonly policies: FakePolicyLoader;
  readonly deps: WorldDeps;
}

/** A world with one empty user and one repository of one commit. */
export function createCoreWorld({ gate = openGate, caps = smallCaps }: WorldOptions = {}): CoreWorld {
  const clock = new ImpatientClock();
  const ids = new SequentialIds();
  const git = new InMemoryGitHost();
  const events = new InMemoryEventLog(clock, ids);
  const tasks = new InMemoryTaskRepository(events);
  const ports: WorldPorts = {
    clock,
    events,
    tasks,
    approvals: new InMemoryApprovalRepository(tasks),
    repos: new InMemoryRepoConfigRepository(aRepoConfig({ cloneUrl })),
    slots: withCaps(new InMemorySlotRepository(), caps),
    contexts: new InMemoryContextStore(),
    signals: new InMemorySessionSignals(),
    executions: new InMemoryTaskExecutions(),
    forge: new InMemoryForge(git),
    compute: new InMemoryComputeStrategy(),
  };
  const repository = git.addRepository(cloneUrl, { 'README.md': 'shop\n' });
  const logger = new CapturingLogger();
  const policies = new FakePolicyLoader();
  const gated = Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [name, behindGate<object>(gate, name, port)]),
  ) as unknown as WorldPorts;
  const { compute, forge } = gated;
  const deps = {
    ...gated,
    ids,
    logger,
    policies,
    forges: forgesOf([forge]),
    strategies: new Map([[compute.type, compute]]),
    defaults: platformDefaults(compute.type),
    environment: { ABCA_TABLE_PREFIX: 'test', AWS_REGION: 'us-east-1' },
    sessionMs: 3_600_000,
  };
  return { ...ports, repository, logger, policies, deps };
}

/** What tasks of {@link createCoreWorld} run with. */
export const worldSettings: TaskSettings = {
  computeType: 'memory',
  compute: {},
  cloneUrl,
  forge: 'git',
  protectedBranches: [],
  maxTurns: 100,
  maxBudgetUsd: 10,
  approvalGateCap: 50,
  approvalTimeoutS: 300,
};

/** A command as it leaves its schema. */
export function aCommand(fields: Partial<SubmitCommand> = {}): SubmitCommand {
  return { ...submitCommandSchema.parse({ repo: 'acme/shop', taskDescription: 'Fix the failing test' }), ...fields };
}

/** Submit the next task of ann's; each is a second younger than the one before. */
export async function submitOne(world: CoreWorld): Promise<TaskId> {
  world.clock.pass(1_000);
  const { task } = await submitTask({ ...world.deps, ...ungated(world) }, { userId: ann, command: aCommand() });
  return task.taskId;
}

function ungated({ tasks, repos, executions }: CoreWorld): Pick<SubmitDeps, 'tasks' | 'repos' | 'executions'> {
  return { tasks, repos, executions };
}

/** Put a task with these fields into the store, with the event that a submit writes. */
export async function given(world: CoreWorld, task: Task): Promise<Task> {
  await world.tasks.create({
    task,
    events: [{ eventType: 'task_created', metadata: { repo: task.repo, task_type: task.taskType } }],
  });
  return task;
}

/** The task as it is stored; it must be there. */
export async function row(world: CoreWorld, taskId: TaskId): Promise<Task> {
  const task = await world.tasks.find(taskId);
  if (task === undefined) throw new Error(`no task ${taskId}`);
  return task;
}

/** The whole log of a task. */
export function logOf(world: CoreWorld, taskId: TaskId): Promise<readonly TaskEvent[]> {
  return world.events.read({ taskId, after: 0, limit: 1_000 });
}

/** The types of a task's events, in order. */
export async function typesOf(world: CoreWorld, taskId: TaskId): Promise<readonly string[]> {
  return (await logOf(world, taskId)).map(({ eventType }) => eventType);
}

/** What sessions use in these tests. */
export const usage = { turns: 3, costUsd: 0.25, inputTokens: 100, outputTokens: 50, model: 'scripted' } as const;

/** What an agent does that finishes its work: branch, pull request, result on the row while the task is its own. */
export async function deliver(world: CoreWorld, taskId: TaskId): Promise<SessionResult> {
  const { branch = '' } = await row(world, taskId);
  const headSha = world.repository.commitTo(branch, { 'fix.ts': `fix of ${taskId}\n` });
  world.repository.pulls.push({ number: world.repository.pulls.length + 1, taskId, headSha });
  const result: SessionResult = { outcome: 'finished', headSha, ...usage };
  await world.tasks.amend({ taskId, atMs: world.clock.nowMs(), whileIn: sessionStatuses, patch: { result } });
  return result;
}

/** Whether the substrate shows the session as running. */
export async function isRunning(world: CoreWorld, sessionId: string): Promise<boolean> {
  const status = await world.compute.pollSession({ strategyType: 'memory', sessionId });
  return status.kind === 'running';
}

/** A stop whose note was lost is proven anew, and then the session is gone already: that much may differ. */
function howeverProven(task: Task | undefined): unknown {
  const { sessionStop: stop, ...rest } = task ?? {};
  if (stop === undefined || stop.outcome === 'requested' || stop.outcome === 'failed') return task;
  return { ...rest, sessionStop: 'proven' };
}

/** Everything that a use case may have changed, to be compared as a whole. */
export async function snapshot(world: CoreWorld, ...taskIds: readonly TaskId[]): Promise<unknown> {
  const perTask = taskIds.map(async (taskId) => ({
    task: howeverProven(await world.tasks.find(taskId)),
    events: await logOf(world, taskId),
    context: await world.contexts.find(taskId),
  }));
  return {
    tasks: await Promise.all(perTask),
    slots: await world.slots.inspect(ann),
    signals: [...world.signals.completed],
    executions: [...world.executions.started],
    started: world.compute.started.map(({ sessionId }) => sessionId),
    stopped: world.compute.stopped,
  };
}
