import { setTimeout as pause } from 'node:timers/promises';

/**
 * A bounded poll: the first value of `look` that is not undefined.
 *
 * @param options.what told when the bound is passed
 */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  options: { readonly boundMs: number; readonly what: () => Promise<string> | string; readonly everyMs?: number },
): Promise<T> {
  const endMs = performance.now() + options.boundMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > endMs) throw new Error(`not within ${String(options.boundMs)} ms: ${await options.what()}`);
    await pause(options.everyMs ?? 25);
  }
}
