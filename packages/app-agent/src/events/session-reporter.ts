import { redactDeep, type AgentProgress, type EventPublisher, type NewTaskEvent } from '@abca/core';
import { progressEvents } from './progress-events.ts';

/** Events that may wait for the store before whoever tells the next one has to wait too. */
const backlog = 32;

/** What happened at certain points of a session; the fields of each are in the docs of the events. */
export type MilestoneName =
  'repo_cloned' | 'agent_started' | 'work_saved' | 'branch_pushed' | 'pr_created' | 'diff_size';

/** Tells what a session does. Never rejects, and does not hold the session up while the store keeps pace. */
export interface SessionReporter {
  progress(event: AgentProgress): Promise<void>;
  milestone(milestone: MilestoneName, fields?: Readonly<Record<string, string | number>>): Promise<void>;
  publish(...events: readonly NewTaskEvent[]): Promise<void>;
  /** Resolves when everything told so far has been written, or given up. */
  flush(): Promise<void>;
}

/** A reporter over the publisher that all writers of the session share. */
export function createSessionReporter(publisher: EventPublisher): SessionReporter {
  let waiting = 0;
  const publish = async (...events: readonly NewTaskEvent[]): Promise<void> => {
    if (events.length === 0) return;
    waiting += 1;
    const written = publisher.publish(...events).finally(() => {
      waiting -= 1;
    });
    if (waiting > backlog) await written;
  };
  return {
    publish,
    progress: (event) => publish(...progressEvents(event)),
    milestone: (milestone, fields = {}) =>
      publish({ eventType: 'agent_milestone', metadata: { ...(redactDeep(fields) as object), milestone } }),
    flush: () => publisher.publish(),
  };
}
