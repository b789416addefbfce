import {
  InMemoryComputeStrategy,
  InMemoryContextStore,
  InMemoryEventLog,
  InMemoryRepoConfigRepository,
  InMemorySlotRepository,
  InMemoryTaskRepository,
  aRepoConfig,
  aTaskId,
  CapturingLogger,
  SequentialIds,
  FakePolicyLoader,
} from '@abca/core/testing';
import {
  forgesOf,
  limits,
  platformDefaults,
  submitTask,
  type DeliveryEvidence,
  type Forge,
  type PreflightResult,
  type SessionResult,
  type SessionSignals,
  type SignalResult,
  type SubmitCommand,
  type TaskId,
  type UserId,
} from '@abca/core';
import type { WorkflowDeps } from './workflow.ts';

/** The user of all tasks in these tests. */
export const ann = 'ann' as UserId;

/** What a session reports that finished its work. */
export const finished: SessionResult = {
  outcome: 'finished',
  headSha: 'head',
  turns: 3,
  costUsd: 0.25,
  inputTokens: 100,
  outputTokens: 50,
  model: 'scripted',
};

/** What the remote shows of work that was delivered. */
export const deliveredEvidence: DeliveryEvidence = {
  baseSha: 'base',
  branchSha: 'head',
  pullRequest: { number: 1, url: 'pr:1', state: 'open', headSha: 'head' },
  diff: { commits: 1, filesChanged: 1, insertions: 1, deletions: 1 },
};

/** A forge whose answers a test sets. */
export class ScriptedForge implements Forge {
  readonly type = 'git';
  preflightResult: PreflightResult = { kind: 'passed', baseBranch: 'main' };
  evidence: DeliveryEvidence = deliveredEvidence;
  /** Errors that the next calls of gatherEvidence reject with. */
  readonly evidenceErrors: unknown[] = [];

  async preflight(): Promise<PreflightResult> {
    return this.preflightResult;
  }

  async fetchContext(): ReturnType<Forge['fetchContext']> {
    return { comments: [], tokens: 0, truncated: false };
  }

  async ensurePullRequest(): ReturnType<Forge['ensurePullRequest']> {
    throw new Error('the workflow opens no pull request');
  }

  async submitReview(): ReturnType<Forge['submitReview']> {
    throw new Error('the workflow leaves no review');
  }

  async gatherEvidence(): Promise<DeliveryEvidence> {
    const error = this.evidenceErrors.shift();
    if (error !== undefined) throw error;
    return this.evidence;
  }
}

/** Signals that a runner turns into callbacks; until then they are kept. */
export class RunnerSignals implements SessionSignals {
  readonly sent: { readonly callbackId: string; readonly payload: unknown }[] = [];

  async complete(callbackId: string, payload: unknown): Promise<SignalResult> {
    this.sent.push({ callbackId, payload });
    return { kind: 'delivered' };
  }

  async heartbeat(): Promise<SignalResult> {
    return { kind: 'delivered' };
  }
}

/** Real time, and sleeps that take none: what the workflow sleeps for is only politeness to a substrate. */
const promptClock = { nowMs: () => Date.now(), sleep: () => Promise.resolve() };

/** The parts of a world, and the workflow's dependencies made of them. */
export interface World {
  readonly events: InMemoryEventLog;
  readonly tasks: InMemoryTaskRepository;
  readonly repos: InMemoryRepoConfigRepository;
  readonly slots: InMemorySlotRepository;
  readonly contexts: InMemoryContextStore;
  readonly signals: RunnerSignals;
  readonly forge: ScriptedForge;
  readonly compute: InMemoryComputeStrategy;
  readonly logger: CapturingLogger;
  readonly deps: WorkflowDeps;
  submit(command?: Partial<SubmitCommand>): Promise<TaskId>;
}

/** A world for the workflow: in-memory ports, one repository, one user. */
export function createWorld(): World {
  const events = new InMemoryEventLog(promptClock);
  const parts = {
    events,
    tasks: new InMemoryTaskRepository(events),
    repos: new InMemoryRepoConfigRepository(aRepoConfig()),
    slots: new InMemorySlotRepository(),
    contexts: new InMemoryContextStore(),
    signals: new RunnerSignals(),
    forge: new ScriptedForge(),
    compute: new InMemoryComputeStrategy(),
    logger: new CapturingLogger(),
  };
  const { compute, forge, ...ports } = parts;
  const deps: WorkflowDeps = {
    ...ports,
    forges: forgesOf([forge]),
    strategies: new Map([[compute.type, compute]]),
    clock: promptClock,
    defaults: platformDefaults(compute.type),
    environment: { AWS_REGION: 'us-east-1' },
    heartbeatLostMs: limits.heartbeatLostMs,
    sessionMs: limits.sessionMs,
    queueRecheckMs: limits.queueRecheckMs,
  };
  return { ...parts, deps, submit: submitter(deps) };
}

function submitter(deps: WorkflowDeps): World['submit'] {
  const ids = new SequentialIds();
  const executions = { start: () => Promise.resolve() };
  return async (asked = {}) => {
    const command = { repo: aRepoConfig().repo, taskDescription: 'Fix it', taskType: 'new_task', ...asked } as const;
    const { task } = await submitTask(
      { ...deps, executions, ids, policies: new FakePolicyLoader() },
      { userId: ann, command },
    );
    return task.taskId;
  };
}

/** Ids of tasks that are not in the store. */
export const unknownTaskId = aTaskId(999);

/** The types of a task's events, in order. */
export async function eventTypesOf(world: World, taskId: TaskId): Promise<readonly string[]> {
  const events = await world.events.read({ taskId, after: 0, limit: 100 });
  return events.map((event) => event.eventType);
}
