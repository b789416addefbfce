import { AbcaError } from '@abca/core';

/** The code a call failed with; `no error` when it did not. */
export function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: unknown) => (AbcaError.is(error) ? error.code : String(error)),
  );
}

/** What each of `calls` does when its signal is aborted beforehand: `reason` is what it must reject with. */
export async function rejectionsOf(
  calls: readonly ((options: { readonly signal: AbortSignal }) => Promise<unknown>)[],
): Promise<{ readonly reason: Error; readonly rejections: readonly unknown[] }> {
  const reason = new Error('aborted by the test');
  const options = { signal: AbortSignal.abort(reason) };
  const settled = await Promise.allSettled(calls.map((call) => call(options)));
  return { reason, rejections: settled.map((result) => (result.status === 'rejected' ? result.reason : 'no error')) };
}
