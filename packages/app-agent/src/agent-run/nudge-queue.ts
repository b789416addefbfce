import { milestoneEvent, nudgeBlock, readLog, type EventLog, type TaskId, type UserNudge } from '@abca/core';
import * as z from 'zod';

const nudgeSchema = z.object({ nudge_id: z.string(), text: z.string() });

/**
 * What people say to the agent while it works, read from the log of the task in its order. A session starts at the
 * beginning of the log: the model of a session that was replaced took what it was told with it.
 */
export class NudgeQueue {
  readonly #log: Pick<EventLog, 'read'>;
  readonly #taskId: TaskId;
  #after = 0;

  constructor(log: Pick<EventLog, 'read'>, taskId: TaskId) {
    this.#log = log;
    this.#taskId = taskId;
  }

  /** The nudges since the last call. They count as delivered from now on. */
  async take(signal: AbortSignal): Promise<readonly UserNudge[]> {
    const events = await readLog(this.#log, { taskId: this.#taskId, after: this.#after }, { signal });
    this.#after = events.at(-1)?.seq ?? this.#after;
    return events.flatMap(({ eventType, metadata, timestamp }) => {
      const nudge = eventType === 'nudge_received' ? nudgeSchema.safeParse(metadata).data : undefined;
      return nudge === undefined ? [] : [{ nudgeId: nudge.nudge_id, text: nudge.text, sentAt: timestamp }];
    });
  }
}

/** That the model was handed these. */
export function deliveredEvent(nudges: readonly UserNudge[]): ReturnType<typeof milestoneEvent> {
  return milestoneEvent('nudges_delivered', { nudge_ids: nudges.map(({ nudgeId }) => nudgeId) });
}

/** What the model is told of them: words of the person whose task it is. */
export function nudgeText(nudges: readonly UserNudge[]): string {
  return [
    'The person who submitted the task says, while you work (follow it as you follow the task):',
    ...nudges.map(nudgeBlock),
  ].join('\n');
}
