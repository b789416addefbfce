import type { CallOptions } from '@abca/core';
import { mapDynamoError } from './map-dynamo-error.ts';

/** What a call of the SDK is given besides its command. */
export interface HttpOptions {
  readonly abortSignal?: AbortSignal;
}

/**
 * Make one call of the SDK: ended by the signal, with its reason, and with errors mapped.
 *
 * @param what the call, as in `reading task 01K…`
 */
export async function callDynamo<T>(
  what: string,
  { signal }: CallOptions,
  call: (http: HttpOptions) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await call(signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw mapDynamoError(error, what);
  }
}
