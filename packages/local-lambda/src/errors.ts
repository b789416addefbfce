/** Error types of the Lambda API that this server answers with, and their HTTP status. */
const STATUS = {
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  CallbackTimeoutException: 400,
  UnrecognizedClientException: 403,
  MissingAuthenticationTokenException: 403,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  DurableExecutionAlreadyStartedException: 409,
  RequestTooLargeException: 413,
  ServiceException: 500,
} as const;

/** Names of the API errors that callers can branch on. */
export type LambdaErrorType = keyof typeof STATUS;

/** A request that the API refuses; the HTTP layer turns it into AWS's status, header and body. */
export class LambdaApiError extends Error {
  readonly type: LambdaErrorType;
  readonly status: (typeof STATUS)[LambdaErrorType];

  constructor(type: LambdaErrorType, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = type;
    this.type = type;
    this.status = STATUS[type];
  }
}

/** Shorthand for the most frequent refusal. */
export function invalidParameter(message: string): LambdaApiError {
  return new LambdaApiError('InvalidParameterValueException', message);
}

/**
 * The refusal of a token that a later checkpoint or invocation has replaced.
 * The text is the service's own; SDKs match it to tell a stale token from a broken request.
 */
export function invalidToken(): LambdaApiError {
  return invalidParameter('Invalid checkpoint token');
}
