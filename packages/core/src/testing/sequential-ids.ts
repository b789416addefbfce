import type { TaskId } from '../ids/ids.ts';
import type { IdGenerator } from '../ports/id-generator.ts';
import { aTaskId } from './builders.ts';

/** Ids in order, the same in every run. */
export class SequentialIds implements IdGenerator {
  #tasks = 0;
  #events = 0;

  newTaskId(): TaskId {
    this.#tasks += 1;
    return aTaskId(this.#tasks);
  }

  newEventId(): string {
    this.#events += 1;
    return `01KAEVENT${String(this.#events).padStart(17, '0')}`;
  }
}
