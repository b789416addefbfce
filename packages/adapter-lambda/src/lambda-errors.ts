import { AbcaError } from '@abca/core';

/** Errors by which the service says that nobody waits on a callback any more. */
const goneErrors: readonly string[] = ['CallbackTimeoutException', 'ResourceNotFoundException'];

/** Whether `error` says that the callback, or its execution, is over. */
export function isCallbackGone(error: unknown): boolean {
  return error instanceof Error && (goneErrors.includes(error.name) || isAlreadyClosed(error));
}

// The service has no error of its own for a callback that was completed before: it is a bad parameter with this message.
function isAlreadyClosed(error: Error): boolean {
  return error.name === 'InvalidParameterValueException' && /callback/i.test(error.message);
}

/**
 * The one place where errors of the Lambda client become ABCA's. `what` says what did not work.
 *
 * @throws the reason of `signal`, when it was aborted: that is no error of the service
 */
export function mapLambdaError(error: unknown, what: string, signal?: AbortSignal): AbcaError {
  signal?.throwIfAborted();
  if (AbcaError.is(error)) return error;
  const { name, message, status } = describe(error);
  const refused = status !== undefined && status >= 400 && status < 500 && status !== 429;
  return new AbcaError(refused ? 'STORE_ERROR' : 'SERVICE_UNAVAILABLE', `${what}: ${name}: ${message}`, {
    retryable: !refused,
    cause: error,
    details: { reason: name },
  });
}

function describe(error: unknown): { name: string; message: string; status: number | undefined } {
  if (!(error instanceof Error)) return { name: 'UNKNOWN', message: String(error), status: undefined };
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: string };
  return { name: code ?? error.name, message: error.message, status: $metadata?.httpStatusCode };
}
