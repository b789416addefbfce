import type { ApiAddress } from './api.ts';
import { getEvents, getTask } from './api.ts';
import type { Remote } from './remote.ts';
import { until } from './until.ts';

/** Name of the ref that holds the saved work of a task. */
export function wipRef(taskId: string): string {
  return `refs/abca/${taskId.toLowerCase()}/wip`;
}

/** Files on the WIP ref of a task, sorted; empty when nothing was saved. */
export function savedFiles(remote: Remote, taskId: string): readonly string[] {
  if (remote.refs(wipRef(taskId)).length === 0) return [];
  return remote.git('ls-tree', '-r', '--name-only', wipRef(taskId)).split('\n').sort();
}

/** Resolves when the agent of a task has told a milestone. */
export function whenMilestone(api: ApiAddress, taskId: string, milestone: string): Promise<true> {
  return until(
    async () => {
      const events = await getEvents(api, taskId);
      const told = events.some(
        ({ event_type, metadata }) =>
          event_type === 'agent_milestone' && (metadata as { milestone: string }).milestone === milestone,
      );
      return told ? true : undefined;
    },
    { boundMs: 30_000, what: async () => `${milestone} was not told: ${JSON.stringify(await getTask(api, taskId))}` },
  );
}
