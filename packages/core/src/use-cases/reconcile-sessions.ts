import type { StoredHandle, Task } from '../task/task.ts';
import { judgeSession, type OrphanRules } from '../session/orphan-rules.ts';
import type { SessionStatus } from '../session/session-status.ts';
import { getStrategy } from './preflight-task.ts';
import { runPass, type PassBounds, type PassReport, type Tended } from './reconcile-pass.ts';
import { noteSessionEnd, stopCompute, type StopDeps } from './stop-compute.ts';

/** `proven`: its end is. `requested`: the stop was accepted and its end is still not seen. */
export type SessionRescue = 'proven' | 'requested';

/**
 * End the sessions that run for nobody, through the strategy of their handle, whatever the backend, until their end is proven:
 * those of tasks that have ended, those that were replaced, and those whose stop proved nothing.
 */
export function reconcileSessions(
  deps: StopDeps,
  rules: OrphanRules,
  bounds: PassBounds,
): Promise<PassReport<SessionRescue>> {
  return runPass(
    deps,
    {
      name: 'sessions',
      lists: [
        async (query) => {
          const { tasks, ...next } = await deps.tasks.listOpenSessions(query);
          return { items: tasks, ...next };
        },
      ],
      tend: (task: Task) => tendSession(deps, rules, task),
      idOf: ({ taskId, sessionHandle }) => ({ taskId, sessionId: sessionHandle?.sessionId }),
    },
    bounds,
  );
}

/** The list may lag: it only says whom to look at. */
async function tendSession(deps: StopDeps, rules: OrphanRules, listed: Task): Promise<Tended<SessionRescue>> {
  if (judgeSession(listed, deps.clock.nowMs(), rules) === 'leave') return { kind: 'left' };
  const task = await deps.tasks.find(listed.taskId);
  const verdict = task === undefined ? 'leave' : judgeSession(task, deps.clock.nowMs(), rules);
  if (task?.sessionHandle === undefined || verdict === 'leave') return { kind: 'left' };
  if (verdict === 'look' && (await isSeenOver(deps, task, task.sessionHandle))) return { kind: 'done', did: 'proven' };
  const report = await stopCompute(deps, task);
  if (report.kind === 'failed') return { kind: 'failed', code: report.code };
  return { kind: 'done', did: report.kind === 'requested' ? 'requested' : 'proven' };
}

/** Whether the substrate shows the end of a stop that it accepted: that saves another one. A look that fails saves nothing. */
async function isSeenOver(deps: StopDeps, task: Task, handle: StoredHandle): Promise<boolean> {
  const { taskId } = task;
  let status: SessionStatus;
  try {
    status = await getStrategy(deps.strategies, handle.strategyType).pollSession(handle);
  } catch (error) {
    deps.logger.debug('session not looked at', { taskId, error });
    return false;
  }
  if (status.kind !== 'completed' && status.kind !== 'failed') return false;
  const shown = status.kind === 'failed' ? `failed: ${status.error}` : 'completed';
  await noteSessionEnd(deps, task, { kind: 'ended', provenBy: `the substrate shows it as ${shown}` });
  deps.logger.info('session stop', { taskId, sessionId: handle.sessionId, outcome: 'ended' });
  return true;
}
