import {
  adoptCallback,
  checkSession,
  failTask,
  finalizeTask,
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
import { durableStep, type StepFailed } from './durable-step.ts';
import { settled, waitFor } from './durable-callback.ts';

/** What the workflow works on. */
export interface WorkflowDeps
  extends LoadDeps, AdmitDeps, PreflightDeps, HydrateDeps, StartDeps, CheckDeps, FinalizeDeps {
  /** How long a session may be silent before it is looked after, in milliseconds. */
  readonly heartbeatLostMs: number;
  /** How often a queued task looks for itself, in milliseconds. */
  readonly queueRecheckMs: number;
}

/** Why the way of a task ended before its session was over. `ended`: somebody else ended the task. */
type Stop = { readonly kind: 'ended' } | (StepFailed & { readonly event?: 'preflight_failed' });

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
  const step = <T>(name: string, work: () => Promise<T>): Promise<T | StepFailed> =>
    durableStep(ctx, deps.logger, name, work);

  const loaded = await step('load-task', () => loadTask(deps, taskId));
  if (loaded.kind !== 'loaded') return stopEarly(ctx, deps, taskId, loaded);
  const { settings } = loaded;

  const admission = await admit(ctx, deps, taskId);
  if (admission.kind !== 'admitted') return stopEarly(ctx, deps, taskId, admission, settings);

  const passed = await step('pre-flight', () => preflightTask(deps, taskId, settings));
  if (passed.kind === 'failed') return stopEarly(ctx, deps, taskId, { ...passed, event: 'preflight_failed' }, settings);
  if (passed.kind === 'ended') return stopEarly(ctx, deps, taskId, passed, settings);

  const hydrated = await step('hydrate-context', () => hydrateTask(deps, taskId, settings));
  if (hydrated.kind !== 'hydrated') return stopEarly(ctx, deps, taskId, hydrated, settings);

  const heartbeatMs = deps.heartbeatLostMs;
  const [ended, callbackId] = await waitFor(ctx, 'session-ended', { timeoutMs: deps.sessionMs, heartbeatMs });
  const { baseBranch } = passed;
  const started = await step('start-session', () =>
    startTaskSession(deps, taskId, { settings, baseBranch, callbackId }),
  );
  if (started.kind !== 'started') return stopEarly(ctx, deps, taskId, started, settings);

  const failure = await awaitSession(ctx, deps, taskId, ended);

  return finish(ctx, deps, taskId, settings, failure);
}

/** A slot, at once or after a durable wait in the queue. */
async function admit(ctx: DurableContext, deps: WorkflowDeps, taskId: TaskId): Promise<Admission | StepFailed> {
  let admission = await durableStep(ctx, deps.logger, 'admission-control', () => requestAdmission(deps, taskId));
  while (admission.kind === 'queued') {
    const [freed, callbackId] = await waitFor(ctx, 'slot-freed', { timeoutMs: deps.queueRecheckMs });
    admission = await durableStep(ctx, deps.logger, 'wait-in-queue', () => waitInQueue(deps, taskId, callbackId));
    if (admission.kind !== 'queued') break;
    await settled(freed);
    admission = await durableStep(ctx, deps.logger, 'admission-control', () => requestAdmission(deps, taskId));
  }
  return admission;
}

/**
 * Until the session has ended, or is given up.
 *
 * @returns why it was given up, if it was
 */
async function awaitSession(
  ctx: DurableContext,
  deps: WorkflowDeps,
  taskId: TaskId,
  first: Promise<unknown>,
): Promise<Failure | undefined> {
  let ended = first;
  while ((await settled(ended)) === 'silent') {
    const check = await durableStep(ctx, deps.logger, 'check-session', () => checkSession(deps, taskId));
    if (check.kind === 'finalize') return undefined;
    if (check.kind !== 'wait') return check.failure;
    const [next, callbackId] = await waitFor(ctx, 'session-ended', {
      timeoutMs: check.remainingMs,
      heartbeatMs: deps.heartbeatLostMs,
    });
    const waits = await durableStep(ctx, deps.logger, 'adopt-callback', () => adoptCallback(deps, taskId, callbackId));
    if (waits !== true) return waits === false ? undefined : waits.failure;
    ended = next;
  }
  return undefined;
}

/** Receipt, terminal status, slot. When even that fails for good, the task fails with the reason. */
async function finish(
  ctx: DurableContext,
  deps: WorkflowDeps,
  taskId: TaskId,
  settings: TaskSettings,
  failure: Failure | undefined,
): Promise<TaskStatus | undefined> {
  const finalized = await durableStep(ctx, deps.logger, 'finalize', async () => ({
    kind: 'finalized' as const,
    status: await finalizeTask(deps, taskId, settings, failure),
  }));
  return finalized.kind === 'finalized' ? finalized.status : stopEarly(ctx, deps, taskId, finalized, settings);
}

/** End a task that did not get as far as a session, or whose end failed; tidy up after one that somebody else ended. */
async function stopEarly(
  ctx: DurableContext,
  deps: WorkflowDeps,
  taskId: TaskId,
  stop: Stop | Admission,
  settings?: TaskSettings,
): Promise<TaskStatus | undefined> {
  const { logger } = deps;
  if (stop.kind === 'failed') {
    const { failure } = stop;
    const told = 'event' in stop ? [{ eventType: 'preflight_failed' as const, metadata: failure }] : [];
    const failed = await durableStep(ctx, logger, 'fail-task', async () => ({
      kind: 'done' as const,
      status: await failTask(deps, taskId, failure, told),
    }));
    return failed.kind === 'done' ? failed.status : undefined;
  }
  if (settings === undefined) return undefined;
  // A slot may have been granted after the one who ended the task gave it back.
  const tidied = await durableStep(ctx, logger, 'tidy-up', async () => ({
    kind: 'done' as const,
    status: await finalizeTask(deps, taskId, settings),
  }));
  return tidied.kind === 'done' ? tidied.status : undefined;
}
