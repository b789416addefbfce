/**
 * Errors of `SendEmail` with their HTTP status.
 *
 * @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
 * @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html
 */
const statusOf = {
  AccountSuspendedException: 400,
  BadRequestException: 400,
  LimitExceededException: 400,
  MailFromDomainNotVerifiedException: 400,
  MessageRejected: 400,
  SendingPausedException: 400,
  AccessDeniedException: 403,
  ExpiredTokenException: 403,
  MissingAuthenticationTokenException: 403,
  NotFoundException: 404,
  TooManyRequestsException: 429,
  InternalServiceErrorException: 500,
  ServiceUnavailable: 503,
} as const;

/** Names of the errors. */
export type SesErrorName = keyof typeof statusOf;

/** All of them. */
export const sesErrorNames = Object.keys(statusOf) as readonly SesErrorName[];

/** An error that the service answers with. */
export class SesFault extends Error {
  override readonly name: SesErrorName;

  constructor(name: SesErrorName, message: string) {
    super(message);
    this.name = name;
  }

  get status(): number {
    return statusOf[this.name];
  }
}

export const badRequest = (message: string): SesFault => new SesFault('BadRequestException', message);
