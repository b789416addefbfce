/** What an error of the store means for the events of a task. */
export type PublishErrorClass =
  /** This event is dropped; the stream goes on. */
  | 'permanent'
  /** No event will ever be written: stop trying at once. */
  | 'disable'
  /** May pass. */
  | 'transient'
  /** Taken for transient, and logged as UNKNOWN so that somebody adds it here. */
  | 'unknown';

const classes: Readonly<Record<string, PublishErrorClass>> = {
  ValidationException: 'permanent',
  ItemCollectionSizeLimitExceededException: 'permanent',
  VALIDATION_ERROR: 'permanent',
  ResourceNotFoundException: 'disable',
  AccessDeniedException: 'disable',
  UnauthorizedOperation: 'disable',
  ProvisionedThroughputExceededException: 'transient',
  ReplicatedWriteConflictException: 'transient',
  RequestLimitExceeded: 'transient',
  SERVICE_UNAVAILABLE: 'transient',
  Throttling: 'transient',
  ThrottlingException: 'transient',
  ServiceUnavailable: 'transient',
  ServiceUnavailableException: 'transient',
  InternalServerError: 'transient',
  TransactionConflictException: 'transient',
  TransactionCanceledException: 'transient',
  TransactionInProgressException: 'transient',
  TimeoutError: 'transient',
  NetworkingError: 'transient',
};

/** The system's code for a connection that failed: any of them, as the stores' own mapping of errors takes them. */
const networkCode = /^(?:E[A-Z]{4,20}|EAI_AGAIN)$/;

/** @param reason the store's own name of the error, or the code of an AbcaError */
export function classifyPublishError(reason: string): PublishErrorClass {
  return classes[reason] ?? (networkCode.test(reason) ? 'transient' : 'unknown');
}
