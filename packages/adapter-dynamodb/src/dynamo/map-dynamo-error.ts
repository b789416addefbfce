import { AbcaError } from '@abca/core';

/** Errors of DynamoDB that pass. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const passing: ReadonlySet<string> = new Set([
  'InternalServerError',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ReplicatedWriteConflictException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

/** Codes of reasons within a cancelled transaction, by the error they stand for. */
const cancellationErrors: Readonly<Record<string, string>> = {
  ConditionalCheckFailed: 'ConditionalCheckFailedException',
  ItemCollectionSizeLimitExceeded: 'ItemCollectionSizeLimitExceededException',
  ProvisionedThroughputExceeded: 'ProvisionedThroughputExceededException',
  ThrottlingError: 'ThrottlingException',
  TransactionConflict: 'TransactionConflictException',
  ValidationError: 'ValidationException',
};

/** What is read of an error, whoever threw it. */
interface ErrorFacts {
  readonly name?: string;
  readonly code?: unknown;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly CancellationReasons?: readonly { readonly Code?: string }[];
}

/**
 * The coded error for whatever a call of DynamoDB threw. The one place that decides what may be repeated: throttling, 5xx
 * and a connection that broke are SERVICE_UNAVAILABLE, all else is STORE_ERROR. `details.reason` is the store's own name.
 *
 * @param what the call, as in `reading task 01K…`
 */
export function mapDynamoError(error: unknown, what: string): AbcaError {
  if (AbcaError.is(error)) return error;
  const facts = (error ?? {}) as ErrorFacts;
  const network = networkCodeOf(facts);
  const reason = network ?? reasonOf(facts);
  const retryable = network !== undefined || passing.has(reason) || (facts.$metadata?.httpStatusCode ?? 0) >= 500;
  return new AbcaError(
    retryable ? 'SERVICE_UNAVAILABLE' : 'STORE_ERROR',
    `${what} failed: ${reason}: ${facts.message ?? String(error)}; ${retryable ? 'try again' : remedyFor(reason)}`,
    { retryable, cause: error, details: { reason } },
  );
}

/** The coded error for a write that lost against other writers as often as it was tried. */
export function tooMuchContention(what: string): AbcaError {
  return new AbcaError('SERVICE_UNAVAILABLE', `${what} failed: other writers were faster every time; try again`, {
    retryable: true,
    details: { reason: 'TransactionConflictException' },
  });
}

function reasonOf({ name, CancellationReasons: reasons }: ErrorFacts): string {
  const cancelled = reasons
    ?.map((reason) => cancellationErrors[reason.Code ?? ''])
    .find((known) => known !== undefined);
  return cancelled ?? name ?? 'UNKNOWN';
}

const networkCode = /\b(?:E[A-Z]{4,}|EAI_AGAIN)\b/;

/**
 * The system's code for a connection that failed. An error of another realm, as in worker contexts, reaches us as the
 * SDK's wrapper, without its fields: its text still holds the code.
 */
function networkCodeOf({ name, code, message, $metadata }: ErrorFacts): string | undefined {
  if (typeof code === 'string') return /^(?:E[A-Z]{4,}|EAI_AGAIN)$/.test(code) ? code : undefined;
  const wasSent = $metadata !== undefined && $metadata.httpStatusCode === undefined;
  return wasSent && name === 'Error' ? networkCode.exec(message ?? '')?.[0] : undefined;
}

function remedyFor(reason: string): string {
  if (reason === 'ResourceNotFoundException') return 'deploy the tables, or check their names and the region';
  if (/AccessDenied|Unauthorized|UnrecognizedClient|ExpiredToken|Credentials/.test(reason)) {
    return 'check the credentials and permissions of this program';
  }
  return 'repeating it does not help';
}
