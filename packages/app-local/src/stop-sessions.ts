import {
  sessionStatuses,
  stopCompute,
  type Clock,
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
 * Tell every running session to end, and wait until their tasks have: the agents save their work and report, the workflows
 * write the receipts.
 *
 * @param boundMs longest wait for the tasks, after the sessions have ended
 * @returns how many tasks had not ended within the bound; the next start takes them up
 */
export async function stopSessions(deps: StopSessionsDeps, boundMs: number): Promise<number> {
  const running = await tasksIn(deps.tasks, sessionStatuses);
  await Promise.all(running.map((task) => stopCompute(deps, task)));
  const until = deps.clock.nowMs() + boundMs;
  for (;;) {
    const left = await tasksIn(deps.tasks, [...sessionStatuses, 'FINALIZING']);
    if (left.length === 0 || running.length === 0 || deps.clock.nowMs() >= until) return left.length;
    await deps.clock.sleep(lookMs);
  }
}

async function tasksIn(tasks: TaskRepository, statuses: readonly TaskStatus[]): Promise<readonly Task[]> {
  const pages = await Promise.all(statuses.map((status) => tasks.listByStatus({ status, limit: 100 })));
  return pages.flatMap((page) => page.tasks);
}
