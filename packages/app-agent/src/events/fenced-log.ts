import type { EventLog } from '@abca/core';
import type { LeaseKeeper } from '../lease/lease-keeper.ts';

/**
 * `log`, silent for good once the task is not the session's any more: the log of a task that was cancelled has ended.
 * Asked at each append and not when an event is told, since events wait for one another in between.
 */
export function fencedLog(log: EventLog, lease: Pick<LeaseKeeper, 'mayTell'>): Pick<EventLog, 'append'> {
  return {
    append: async (owner, events, options) => ((await lease.mayTell()) ? log.append(owner, events, options) : []),
  };
}
