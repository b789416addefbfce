import type { HydratedContext } from '../forge/hydrated-context.ts';
import type { TaskId } from '../ids/ids.ts';
import type { CallOptions } from './call-options.ts';

/** Hydrated contexts, kept beside the task: a session gets ids and reads the rest, whatever its size. */
export interface ContextStore {
  /** Create or replace. Any size up to the token budget of the context. */
  put(taskId: TaskId, context: HydratedContext, options?: CallOptions): Promise<void>;
  find(taskId: TaskId, options?: CallOptions): Promise<HydratedContext | undefined>;
}
