import { assertAppendSize, assertReadLimit } from '../events/event-bounds.ts';
import type { EventOwner, NewTaskEvent, TaskEvent } from '../events/task-event.ts';
import type { TaskId } from '../ids/ids.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { IdGenerator } from '../ports/id-generator.ts';
import { formatIso } from '../time/iso-time.ts';
import { FakeClock } from './fake-clock.ts';
import { SequentialIds } from './sequential-ids.ts';

/** {@link EventLog} in memory. `onAppend` is called after each append, for feeds. */
export class InMemoryEventLog implements EventLog {
  readonly #logs = new Map<TaskId, TaskEvent[]>();
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #ids: IdGenerator;
  onAppend: ((taskId: TaskId) => void) | undefined;

  constructor(clock: Pick<Clock, 'nowMs'> = new FakeClock(), ids: IdGenerator = new SequentialIds()) {
    this.#clock = clock;
    this.#ids = ids;
  }

  async append(
    owner: EventOwner,
    events: readonly NewTaskEvent[],
    options: CallOptions = {},
  ): Promise<readonly TaskEvent[]> {
    options.signal?.throwIfAborted();
    assertAppendSize(events);
    return this.appendNow(owner, events);
  }

  /** {@link append} within the same turn, for writes that are one transaction with it. */
  appendNow({ taskId, userId, repo }: EventOwner, events: readonly NewTaskEvent[]): readonly TaskEvent[] {
    const log = this.#logs.get(taskId) ?? [];
    const stored = events.map(({ eventType, metadata }, index): TaskEvent => ({
      taskId,
      userId,
      repo,
      seq: log.length + index + 1,
      eventId: this.#ids.newEventId(),
      eventType,
      metadata: structuredClone(metadata) as Record<string, unknown>,
      timestamp: formatIso(this.#clock.nowMs()),
    }));
    this.#logs.set(taskId, [...log, ...stored]);
    this.onAppend?.(taskId);
    return stored;
  }

  async read(
    { taskId, after, limit }: { readonly taskId: TaskId; readonly after: number; readonly limit: number },
    options: CallOptions = {},
  ): Promise<readonly TaskEvent[]> {
    options.signal?.throwIfAborted();
    assertReadLimit(limit);
    return (this.#logs.get(taskId) ?? []).slice(after, after + limit);
  }
}
