import type { TaskId } from '../ids/ids.ts';
import type { CallOptions } from './call-options.ts';

/** Starts the durable workflow of a task. */
export interface TaskExecutions {
  /** Start the execution named by the task id. A repeated start is the same execution. @throws AbcaError SERVICE_UNAVAILABLE (retryable) */
  start(taskId: TaskId, options?: CallOptions): Promise<void>;
}
