import type { IdGenerator, RequestId, TaskId } from '@abca/core';
import { monotonicFactory } from 'ulid';

/** {@link IdGenerator} that makes ULIDs; within one millisecond each sorts after the one before. */
export class UlidGenerator implements IdGenerator {
  readonly #next = monotonicFactory();

  newTaskId(): TaskId {
    return this.#next() as TaskId;
  }

  newEventId(): string {
    return this.#next();
  }

  newRequestId(): RequestId {
    return this.#next() as RequestId;
  }
}
