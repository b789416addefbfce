import type { CallOptions, DecisionFeed, RequestId, TaskId } from '@abca/core';
import { changesPath, keyHeader, markHeader } from './feed-wire.ts';

/** Where a feed is. */
export interface HttpDecisionFeedOptions {
  readonly url: string;
  readonly key: string;
}

/**
 * {@link DecisionFeed} of a session, by a request that is answered when there is news. A feed that cannot be reached, or
 * refuses, never resolves: whoever waits goes on polling, and asks it again at the next turn.
 */
export class HttpDecisionFeed implements DecisionFeed {
  readonly #options: HttpDecisionFeedOptions;
  #mark = '';

  constructor(options: HttpDecisionFeedOptions) {
    this.#options = options;
  }

  async changed(
    { taskId }: { readonly taskId: TaskId; readonly requestId: RequestId },
    { signal }: CallOptions = {},
  ): Promise<void> {
    if (await this.#waitForNews(taskId, signal)) return;
    await untilAborted(signal);
  }

  async #waitForNews(taskId: TaskId, signal: AbortSignal | undefined): Promise<boolean> {
    const { url, key } = this.#options;
    try {
      const answer = await fetch(new URL(changesPath(taskId, this.#mark), url), {
        headers: { [keyHeader]: key },
        ...(signal !== undefined && { signal }),
      });
      await answer.body?.cancel();
      if (!answer.ok) return false;
      this.#mark = answer.headers.get(markHeader) ?? '';
      // Without a mark it would be answered at once again and again.
      return this.#mark !== '';
    } catch {
      return false;
    }
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => {
      reject(signal?.reason as Error);
    };
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
