import type { RequestId, TaskId } from '../ids/ids.ts';
import type { CallOptions } from './call-options.ts';

/** Tells a waiting session that its request may have been decided, so that it need not poll at full speed. */
export interface DecisionFeed {
  /**
   * Resolves when the request may have been decided. May never resolve, and may resolve without news, but not over and over
   * without a pause: it is a hint, and whoever waits reads the request in any case. Never rejects but on abort.
   */
  changed(request: { readonly taskId: TaskId; readonly requestId: RequestId }, options?: CallOptions): Promise<void>;
}
