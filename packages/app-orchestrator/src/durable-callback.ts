import { CallbackError, type DurableContext } from '@aws/durable-execution-sdk-js';

/**
 * Create a durable callback.
 *
 * @param limits milliseconds; rounded up to whole seconds, the service's unit
 * @returns a promise to pass to {@link settled}, and the callback's id
 */
export async function waitFor(
  ctx: DurableContext,
  name: string,
  limits: { readonly timeoutMs: number; readonly heartbeatMs?: number },
): Promise<[Promise<unknown>, string]> {
  return ctx.createCallback<unknown>(name, {
    timeout: { seconds: wholeSeconds(limits.timeoutMs) },
    ...(limits.heartbeatMs !== undefined && { heartbeatTimeout: { seconds: wholeSeconds(limits.heartbeatMs) } }),
  });
}

/** Whether somebody completed the callback, or nobody did in time. What was said does not matter: the row is read. */
export async function settled(callback: Promise<unknown>): Promise<'signalled' | 'silent'> {
  try {
    await callback;
    return 'signalled';
  } catch (error) {
    if (error instanceof CallbackError) return 'silent';
    throw error;
  }
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
