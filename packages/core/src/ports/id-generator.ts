import type { RequestId, TaskId } from '../ids/ids.ts';

/** New ids, as a port: nothing in core is random by itself. */
export interface IdGenerator {
  /** A ULID that sorts after every id made before it by this generator. */
  newTaskId(): TaskId;
  /** A ULID. */
  newEventId(): string;
  /** A ULID. */
  newRequestId(): RequestId;
}
