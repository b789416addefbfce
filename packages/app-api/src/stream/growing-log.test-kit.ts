import {
  formatIso,
  type EventLog,
  type EventType,
  type RepoId,
  type TaskEvent,
  type TaskId,
  type UserId,
} from '@abca/core';

export const watchedTask = '01KAYJ5E9QZ3T8V6W4X2Y0ABCD' as TaskId;

/** Event number `seq` of the watched task. */
export function anEvent(seq: number, eventType: EventType = 'agent_turn'): TaskEvent {
  return {
    taskId: watchedTask,
    seq,
    eventId: `event-${String(seq)}`,
    eventType,
    timestamp: formatIso(seq),
    metadata: { n: seq },
    userId: 'user-1' as UserId,
    repo: 'acme/shop' as RepoId,
  };
}

/** The log of one task, which grows by hand and counts its reads. */
export class GrowingLog implements EventLog {
  readonly all: TaskEvent[] = [];
  reads = 0;
  failWith: Error | undefined;

  grow(count: number, last: EventType = 'agent_turn'): void {
    for (let left = count; left > 0; left -= 1) {
      this.all.push(anEvent(this.all.length + 1, left === 1 ? last : 'agent_turn'));
    }
  }

  append(): never {
    throw new Error('grow() it');
  }

  async read({ after, limit }: { readonly after: number; readonly limit: number }): Promise<readonly TaskEvent[]> {
    this.reads += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failWith) throw this.failWith;
    return this.all.slice(after, after + limit);
  }
}
