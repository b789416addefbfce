import type { RequestId, TaskId } from '../ids/ids.ts';
import type { IdGenerator } from '../ports/id-generator.ts';
import { aTaskId } from './builders.ts';

/** Ids in order, the same in every run. */
export class SequentialIds implements IdGenerator {
  #tasks = 0;
  #events = 0;
  #requests = 0;

  newTaskId(): TaskId {
    this.#tasks += 1;
    return aTaskId(this.#tasks);
  }

  newEventId(): string {
    this.#events += 1;
    return `01KAEVENT${String(this.#events).padStart(17, '0')}`;
  }

  newRequestId(): RequestId {
    this.#requests += 1;
    return `01KAREQ${String(this.#requests).padStart(19, '0')}` as RequestId;
  }
}
