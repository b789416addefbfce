import type { CallOptions } from '@abca/core';
import { mapEcsError, type EcsVerb } from './ecs-errors.ts';

/** What a call of the SDK is given besides its command. */
export interface HttpOptions {
  readonly abortSignal?: AbortSignal;
}

/** Make calls of the SDK: ended by the signal, with its reason, and with errors mapped. */
export async function callEcs<T>(
  on: CallOptions & { readonly verb: EcsVerb; readonly sessionId: string },
  call: (http: HttpOptions) => Promise<T>,
): Promise<T> {
  const { signal, verb, sessionId } = on;
  signal?.throwIfAborted();
  try {
    return await call(signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw mapEcsError(error, verb, sessionId);
  }
}
