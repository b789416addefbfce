import {
  milestoneEvent,
  redactDeep,
  type AgentProgress,
  type EventPublisher,
  type Milestone,
  type MilestoneFields,
  type NewTaskEvent,
} from '@abca/core';
import { progressEvents } from './progress-events.ts';

/** Events that may wait for the store before whoever tells the next one has to wait too. */
const backlog = 32;

/** Tells what a session does. Never rejects, and does not hold the session up while the store keeps pace. */
export interface SessionReporter {
  progress(event: AgentProgress): Promise<void>;
  milestone<M extends Milestone>(milestone: M, fields: MilestoneFields<M>): Promise<void>;
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
    milestone: (milestone, fields) => publish(milestoneEvent(milestone, redactDeep(fields) as typeof fields)),
    flush: () => publisher.publish(),
  };
}
