import { setTimeout as sleep } from 'node:timers/promises';

/** Whether `condition` came true within `timeoutMs`, looked at every `everyMs` milliseconds. */
export async function waitFor(
  condition: () => boolean,
  { timeoutMs, everyMs }: { readonly timeoutMs: number; readonly everyMs: number },
): Promise<boolean> {
  const endMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > endMs) return false;
    await sleep(everyMs);
  }
  return true;
}
