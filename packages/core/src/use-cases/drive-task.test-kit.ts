import { aRequestId } from '../testing/builders.ts';
import { AbcaError } from '../errors/abca-error.ts';
import type { SessionId, TaskId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { StartSessionInput } from '../ports/compute-strategy.ts';
import { sessionStatuses } from '../task/task-status.ts';
import type { Failure, SessionResult, Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';
import { requestAdmission, waitInQueue, type Admission } from './admit-task.ts';
import { cancelTask } from './cancel-task.ts';
import { adoptCallback, checkSession } from './check-session.ts';
import { ann, usage, worldSettings as settings, type CoreWorld } from './core-world.test-kit.ts';
import { failTask } from './end-task.ts';
import { finalizeTask } from './finalize-task.ts';
import { hydrateTask } from './hydrate-task.ts';
import { loadTask } from './load-task.ts';
import { preflightTask } from './preflight-task.ts';
import { startTaskSession } from './start-session.ts';

/** Durable callbacks: each waits until it is completed, or until `fallSilent`. */
export class Callbacks {
  readonly #waiting = new Map<string, (how: 'signalled' | 'silent') => void>();
  #count = 0;

  /** A callback's id, and how its wait ends. */
  create(): { readonly id: string; readonly settled: Promise<'signalled' | 'silent'> } {
    this.#count += 1;
    const id = `callback-${String(this.#count)}`;
    return { id, settled: new Promise((resolve) => this.#waiting.set(id, resolve)) };
  }

  complete(id: string): void {
    this.#waiting.get(id)?.('signalled');
    this.#waiting.delete(id);
  }

  /** Time out whoever waits. */
  fallSilent(): void {
    for (const resolve of this.#waiting.values()) resolve('silent');
    this.#waiting.clear();
  }
}

/** What a session does: its work, its work with a question in it, only claims, or ends or hangs without a word. */
export const sessionKinds = ['delivers', 'asks', 'claims', 'dies', 'hangs'] as const;
export type SessionKind = (typeof sessionKinds)[number];

/**
 * Run `work` as a durable step does: what may pass is tried again.
 *
 * The way that {@link driveTask} goes is that of the orchestrator's workflow, with all durable parts played by memory.
 */
async function step<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!AbcaError.is(error) || !error.retryable) throw error;
    }
  }
}

/** The way of one task from load to its end. */
export async function driveTask(world: CoreWorld, callbacks: Callbacks, taskId: TaskId): Promise<void> {
  const { deps } = world;
  const finish = (failure?: Failure): Promise<unknown> => step(() => finalizeTask(deps, taskId, settings, failure));
  const fail = (failure: Failure): Promise<unknown> => step(() => failTask(deps, taskId, failure));

  const loaded = await step(() => loadTask(deps, taskId));
  if (loaded.kind === 'ended') return;
  if (loaded.kind === 'failed') return void (await fail(loaded.failure));
  const admission = await admit(world, callbacks, taskId);
  if (admission.kind === 'failed') return void (await fail(admission.failure));
  if (admission.kind === 'ended') return void (await finish());
  const passed = await step(() => preflightTask(deps, taskId, settings));
  if (passed.kind === 'failed') return void (await fail(passed.failure));
  if (passed.kind === 'ended') return void (await finish());
  const hydrated = await step(() => hydrateTask(deps, taskId, settings, passed.pullRequest));
  if (hydrated.kind === 'ended') return void (await finish());
  const { id: callbackId, settled } = callbacks.create();
  const session = { settings, baseBranch: passed.baseBranch, callbackId };
  const started = await step(() => startTaskSession(deps, taskId, session));
  if (started.kind === 'failed') return void (await fail(started.failure));
  if (started.kind === 'ended') return void (await finish());
  await finish(await awaitSession(world, callbacks, taskId, settled));
}

async function admit(
  { deps }: CoreWorld,
  callbacks: Callbacks,
  taskId: TaskId,
): Promise<Exclude<Admission, { kind: 'queued' }>> {
  for (;;) {
    const asked = await step(() => requestAdmission(deps, taskId));
    if (asked.kind !== 'queued') return asked;
    const { id, settled } = callbacks.create();
    const noted = await step(() => waitInQueue(deps, taskId, id));
    if (noted.kind !== 'queued') return noted;
    await settled;
  }
}

async function awaitSession(
  { deps }: CoreWorld,
  callbacks: Callbacks,
  taskId: TaskId,
  first: Promise<'signalled' | 'silent'>,
): Promise<Failure | undefined> {
  let ended = first;
  while ((await ended) === 'silent') {
    const check = await step(() => checkSession(deps, taskId));
    if (check.kind === 'finalize') return undefined;
    if (check.kind === 'give_up') return check.failure;
    const { id, settled } = callbacks.create();
    const adopted = await step(() => adoptCallback(deps, taskId, id));
    if (adopted.kind === 'over') return undefined;
    ended = settled;
  }
  return undefined;
}

/** A person's cancel; a refusal is an answer. */
export async function driveCancel({ deps }: CoreWorld, taskId: TaskId): Promise<void> {
  try {
    await step(() => cancelTask(deps, ann, taskId));
  } catch (error) {
    if (!AbcaError.is(error, 'TASK_ALREADY_TERMINAL') && !AbcaError.is(error, 'TASK_FINALIZING')) throw error;
  }
}

/** What ends a session's program at once. */
class Killed extends Error {}

/** Let each session that is really started run as a program of its own. @returns the programs started so far */
export function runSessions(
  world: CoreWorld,
  callbacks: Callbacks,
  kindOf: (taskId: TaskId) => SessionKind,
): readonly Promise<void>[] {
  const programs: Promise<void>[] = [];
  const startSession = world.compute.startSession.bind(world.compute);
  world.compute.startSession = async (input, options) => {
    const before = world.compute.started.length;
    const handle = await startSession(input, options);
    if (world.compute.started.length === before) return handle;
    const program = runSession(world, input, kindOf(input.taskId));
    // Who awaits the programs hears of it.
    void program.catch(() => undefined);
    programs.push(program);
    return handle;
  };
  const complete = world.signals.complete.bind(world.signals);
  world.signals.complete = async (callbackId, payload) => {
    callbacks.complete(callbackId);
    return complete(callbackId, payload);
  };
  return programs;
}

async function runSession(world: CoreWorld, session: StartSessionInput, kind: SessionKind): Promise<void> {
  try {
    await sessionProgram(world, session, kind);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

async function sessionProgram(world: CoreWorld, session: StartSessionInput, kind: SessionKind): Promise<void> {
  const { taskId, sessionId, generation } = session;
  const { tasks, signals, clock } = world.deps;
  /** One call of the program, which may be killed before it. */
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    return step(async () => {
      if (!(await runs(world, sessionId))) throw new Killed();
      return work();
    });
  };
  const exit = (status: 'completed' | 'failed'): void =>
    world.compute.end(
      sessionId,
      status === 'failed' ? { kind: 'failed', error: 'exit code 1' } : { kind: 'completed' },
    );

  const leaseExpiresAt = formatIso(clock.nowMs() + limits.heartbeatLostMs);
  const lease = await call(() => tasks.renewLease({ taskId, sessionId, generation, leaseExpiresAt }));
  if (lease.kind === 'lost') return exit('failed');
  if (kind === 'hangs') return;
  if (kind === 'dies') return exit('failed');
  const expectSession = { sessionId, generation };
  if (kind === 'asks') await call(() => askAndGoOn(world, lease.task, expectSession));
  const result =
    kind === 'claims' ? { outcome: 'finished' as const, headSha: 'none', ...usage } : push(world, lease.task);
  const written = await call(() =>
    tasks.amend({ taskId, atMs: clock.nowMs(), whileIn: sessionStatuses, expectSession, patch: { result } }),
  );
  const callbackId = written.kind === 'moved' ? written.task.sessionCallbackId : undefined;
  if (callbackId !== undefined) await call(() => signals.complete(callbackId, {}));
  exit('completed');
}

async function runs(world: CoreWorld, sessionId: string): Promise<boolean> {
  return (await world.compute.pollSession({ strategyType: 'memory', sessionId })).kind === 'running';
}

/** From wherever the row stands; a lost race is not repeated: the session then goes on without its question. */
async function askAndGoOn(
  { deps: { tasks, clock } }: CoreWorld,
  { taskId }: Task,
  expectSession: { readonly sessionId: SessionId; readonly generation: number },
): Promise<void> {
  const seen = await tasks.find(taskId);
  if (seen?.status !== 'RUNNING' && seen?.status !== 'HYDRATING') return;
  const patch = { awaitingApprovalRequestId: aRequestId() };
  const base = { taskId, expectSession, events: [] };
  await tasks.transition({ ...base, from: seen.status, to: 'AWAITING_APPROVAL', atMs: clock.nowMs(), patch });
  await tasks.transition({ ...base, from: 'AWAITING_APPROVAL', to: 'RUNNING', atMs: clock.nowMs() });
}

function push({ repository }: CoreWorld, { taskId, branch = '' }: Task): SessionResult {
  const headSha = repository.commitTo(branch, { 'fix.ts': `fix of ${taskId}\n` });
  repository.pulls.push({ number: repository.pulls.length + 1, taskId, headSha });
  return { outcome: 'finished', headSha, ...usage };
}
