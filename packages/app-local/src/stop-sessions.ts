import {
  sessionStatuses,
  stopCompute,
  type Clock,
  type SessionId,
  type StopDeps,
  type Task,
  type TaskRepository,
  type TaskStatus,
} from '@abca/core';

/** How often the end of the last task is looked for, in milliseconds. */
const lookMs = 50;

export interface StopSessionsDeps extends StopDeps {
  readonly tasks: TaskRepository;
  readonly clock: Clock;
}

/**
 * Tell every session to end, those too that come up meanwhile, and wait until their tasks have ended: the agents save their
 * work and report, the workflows write the receipts. Tasks without a session are left as they are: the next start takes
 * them up, as nothing new is started any more (see `Drain`).
 *
 * @param boundMs longest wait for the tasks, after their sessions have been told
 * @returns how many tasks with a session had not ended within the bound
 */
export async function stopSessions(deps: StopSessionsDeps, boundMs: number): Promise<number> {
  const told = new Set<SessionId>();
  const untilMs = deps.clock.nowMs() + boundMs;
  for (;;) {
    const live = (await tasksIn(deps.tasks, [...sessionStatuses, 'FINALIZING'])).filter(hasSession);
    const fresh = live.filter(({ sessionId }) => !told.has(sessionId));
    fresh.forEach(({ sessionId }) => told.add(sessionId));
    await Promise.all(fresh.map((task) => stopCompute(deps, task)));
    if (live.length === 0 || deps.clock.nowMs() >= untilMs) return live.length;
    await deps.clock.sleep(lookMs);
  }
}

type TaskWithSession = Task & { readonly sessionId: SessionId };

function hasSession(task: Task): task is TaskWithSession {
  return task.sessionHandle !== undefined && task.sessionId !== undefined;
}

async function tasksIn(tasks: TaskRepository, statuses: readonly TaskStatus[]): Promise<readonly Task[]> {
  const pages = await Promise.all(statuses.map((status) => tasks.listByStatus({ status, limit: 100 })));
  return pages.flatMap((page) => page.tasks);
}
