import {
  adoptCallback,
  checkSession,
  failTask,
  finalizeTask,
  finalizeUnverified,
  hydrateTask,
  loadTask,
  preflightTask,
  requestAdmission,
  startTaskSession,
  waitInQueue,
  type AdmitDeps,
  type Admission,
  type CheckDeps,
  type Failure,
  type FinalizeDeps,
  type HydrateDeps,
  type LoadDeps,
  type PreflightDeps,
  type StartDeps,
  type TaskId,
  type TaskSettings,
  type TaskStatus,
} from '@abca/core';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { settled, waitFor } from './durable-callback.ts';
import { durableStep, type StepFailed } from './durable-step.ts';

/** What the workflow works on. */
export interface WorkflowDeps
  extends LoadDeps, AdmitDeps, PreflightDeps, HydrateDeps, StartDeps, CheckDeps, FinalizeDeps {
  /** How long a session may be silent before it is looked after, in milliseconds. */
  readonly heartbeatLostMs: number;
  /** How often a queued task looks for itself, in milliseconds. */
  readonly queueRecheckMs: number;
}

/** One run of the workflow. */
interface Run {
  readonly ctx: DurableContext;
  readonly deps: WorkflowDeps;
  readonly taskId: TaskId;
  step<T>(name: string, work: (attempt: number) => Promise<T>): Promise<T | StepFailed>;
  /** A step that is tried until it works: for ends. */
  end(name: string, work: () => Promise<TaskStatus | undefined>): Promise<TaskStatus | undefined>;
}

/** Why the way of a task ended before its session was over. `ended`: somebody else ended the task. */
type Stop = { readonly kind: 'ended' } | StepFailed;

/**
 * The way of one task, as durable steps. Each calls one use case of core; this file only says in which order and where it
 * leads. However long the session runs, the number of durable operations stays the same: its end arrives by a callback.
 *
 * @returns the terminal status; `undefined` when there is no such task
 */
export async function runTask(
  ctx: DurableContext,
  deps: WorkflowDeps,
  taskId: TaskId,
): Promise<TaskStatus | undefined> {
  const run = startRun(ctx, deps, taskId);
  const { step } = run;

  const loaded = await step('load-task', () => loadTask(deps, taskId));
  if (loaded.kind === 'ended') return undefined;
  if (loaded.kind === 'failed') return fail(run, loaded.failure);
  const { settings } = loaded;

  const admission = await admit(run);
  if (admission.kind !== 'admitted') return stop(run, settings, admission);

  const passed = await step('pre-flight', () => preflightTask(deps, taskId, settings));
  if (passed.kind === 'failed') return fail(run, passed.failure, 'preflight_failed');
  if (passed.kind === 'ended') return stop(run, settings, passed);

  const hydrated = await step('hydrate-context', () => hydrateTask(deps, taskId, settings, passed.pullRequest));
  if (hydrated.kind !== 'hydrated') return stop(run, settings, hydrated);

  const [ended, callbackId] = await waitFor(ctx, 'session-ended', {
    timeoutMs: deps.sessionMs,
    heartbeatMs: deps.heartbeatLostMs,
  });
  const session = { settings, baseBranch: passed.baseBranch, callbackId };
  const started = await step('start-session', (attempt) => startTaskSession(deps, taskId, { ...session, attempt }));
  if (started.kind !== 'started') return stop(run, settings, started);

  return finish(run, settings, await awaitSession(run, ended));
}

function startRun(ctx: DurableContext, deps: WorkflowDeps, taskId: TaskId): Run {
  const { logger } = deps;
  return {
    ctx,
    deps,
    taskId,
    step: (name, work) => durableStep(ctx, logger, { name, work }),
    async end(name, work) {
      const wrapped = async () => ({ kind: 'done' as const, status: await work() });
      const done = await durableStep(ctx, logger, { name, work: wrapped, patience: 'endless' });
      return done.kind === 'done' ? done.status : undefined;
    },
  };
}

/** A slot, at once or after a durable wait in the queue. */
async function admit({ ctx, deps, taskId, step }: Run): Promise<Exclude<Admission, { kind: 'queued' }> | StepFailed> {
  for (;;) {
    const asked = await step('admission-control', () => requestAdmission(deps, taskId));
    if (asked.kind !== 'queued') return asked;
    const [freed, callbackId] = await waitFor(ctx, 'slot-freed', { timeoutMs: deps.queueRecheckMs });
    const noted = await step('wait-in-queue', () => waitInQueue(deps, taskId, callbackId));
    if (noted.kind !== 'queued') return noted;
    await settled(freed);
  }
}

/**
 * Until the session has ended, or is given up.
 *
 * @returns why it was given up, if it was
 */
async function awaitSession({ ctx, deps, taskId, step }: Run, first: Promise<unknown>): Promise<Failure | undefined> {
  let ended = first;
  while ((await settled(ended)) === 'silent') {
    const check = await step('check-session', () => checkSession(deps, taskId));
    if (check.kind === 'finalize') return undefined;
    if (check.kind !== 'wait') return check.failure;
    const [next, callbackId] = await waitFor(ctx, 'session-ended', {
      timeoutMs: check.remainingMs,
      heartbeatMs: deps.heartbeatLostMs,
    });
    const adopted = await step('adopt-callback', () => adoptCallback(deps, taskId, callbackId));
    if (adopted.kind === 'failed') return adopted.failure;
    if (adopted.kind === 'over') return undefined;
    ended = next;
  }
  return undefined;
}

/** Receipt, terminal status, slot. A remote that cannot be read in all that time leaves the work unconfirmed. */
async function finish(run: Run, settings: TaskSettings, failure?: Failure): Promise<TaskStatus | undefined> {
  const { deps, taskId, step } = run;
  const done = await step('finalize', async () => ({
    kind: 'done' as const,
    status: await finalizeTask(deps, taskId, settings, failure),
  }));
  if (done.kind === 'done') return done.status;
  return run.end('finalize-unverified', () => finalizeUnverified(deps, taskId, done.failure));
}

/**
 * The way ended before a session was there to wait for. A task that somebody else ended is tidied up after: a slot may have
 * been granted after it was given back.
 */
async function stop(run: Run, settings: TaskSettings, reason: Stop): Promise<TaskStatus | undefined> {
  return reason.kind === 'failed' ? fail(run, reason.failure) : finish(run, settings);
}

function fail(run: Run, failure: Failure, event?: 'preflight_failed'): Promise<TaskStatus | undefined> {
  const told = event === undefined ? [] : [{ eventType: event, metadata: failure }];
  return run.end('fail-task', () => failTask(run.deps, run.taskId, failure, told));
}
