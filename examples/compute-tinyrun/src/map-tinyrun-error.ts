// #region errors
import { AbcaError, type ErrorCode } from '@abca/core';
import { TinyRunHttpError } from './tinyrun-client.ts';

/** Too many requests, and whatever is wrong on the other side: the same call may succeed later. */
const isPassing = (status: number): boolean => status === 429 || status >= 500;

/**
 * Any error of a call to TinyRun as ABCA's. What is no answer at all (refused, reset, timed out) may pass, too.
 *
 * @param code of the verb that failed
 * @param what completes the sentence `… : <message of TinyRun>`
 */
export function mapTinyRunError(error: unknown, code: ErrorCode, what: string): AbcaError {
  if (AbcaError.is(error)) return error;
  if (!(error instanceof TinyRunHttpError)) {
    return new AbcaError(code, `${what}: TinyRun cannot be reached: ${textOf(error)}`, {
      retryable: true,
      cause: error,
    });
  }
  const { status, message } = error;
  if (status === 401 || status === 403) {
    const remedy = `TinyRun refused the key (${message}); give the platform one that may manage jobs`;
    return new AbcaError(accessCode(code), `${what}: ${remedy}`, { cause: error });
  }
  const text = `${what}: TinyRun answered ${String(status)}: ${message}`;
  return new AbcaError(code, text, { retryable: isPassing(status), cause: error });
}

/** A start has one code for all its failures; a refused poll or stop means that a session is out of reach. */
function accessCode(code: ErrorCode): ErrorCode {
  return code === 'SESSION_START_FAILED' ? code : 'SESSION_ACCESS_DENIED';
}
// #endregion

/** `fetch` says only that it failed; its cause says why. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
