import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '@abca/core';
import { tooMuchContention } from './map-dynamo-error.ts';

/** Sixty tries wait two to three seconds in all: enough for dozens of writers at one item. */
const tries = 60;
const longestWaitMs = 80;

/**
 * Try an optimistic write until it does not lose against another writer.
 *
 * @param attempt one read and write; `undefined` when it lost
 * @throws AbcaError SERVICE_UNAVAILABLE (retryable) after the last try
 */
export async function retryConflicts<T>(
  what: string,
  options: CallOptions,
  attempt: (attemptNumber: number) => Promise<T | undefined>,
): Promise<T> {
  for (let number = 1; number <= tries; number += 1) {
    const result = await attempt(number);
    if (result !== undefined) return result;
    await pause(number, options);
  }
  throw tooMuchContention(what);
}

/** Full jitter: writers that collided once would otherwise collide again, in step. */
async function pause(number: number, { signal }: CallOptions): Promise<void> {
  const waitMs = Math.random() * Math.min(longestWaitMs, 2 ** number);
  try {
    await sleep(waitMs, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
