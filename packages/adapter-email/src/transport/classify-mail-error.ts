import { preview, type DeliveryOutcome } from '@abca/core';

/** How a message ended that was not accepted. */
export type MailFailure = Extract<DeliveryOutcome, { readonly kind: 'refused' | 'retry' }>;

/**
 * What errors without a number mean. By their names in the SDK and their codes in nodemailer; what is not in it may pass, and is
 * tried again.
 *
 * @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
 */
const meanings: Readonly<Record<string, 'refused' | 'retry'>> = {
  // SES says no to the message, the sender or the caller, until somebody changes something.
  AccountSuspendedException: 'refused',
  BadRequestException: 'refused',
  MailFromDomainNotVerifiedException: 'refused',
  MessageRejected: 'refused',
  NotFoundException: 'refused',
  AccessDeniedException: 'refused',
  // SES says not now.
  LimitExceededException: 'retry',
  SendingPausedException: 'retry',
  TooManyRequestsException: 'retry',
  ExpiredTokenException: 'retry',
  // Nothing was asked yet.
  CredentialsProviderError: 'retry',
  ECONNREFUSED: 'retry',
  ENOTFOUND: 'retry',
  EDNS: 'retry',
  // The library will not send it, or the server cannot take it.
  ENOAUTH: 'refused',
  ECONFIG: 'refused',
  EENVELOPE: 'refused',
  EMESSAGE: 'refused',
  EREQUIRETLS: 'refused',
};

/** What the errors of both libraries have, as far as it says what they mean. */
interface MailError {
  readonly name?: string;
  readonly message?: string;
  /** Of nodemailer. */
  readonly code?: string;
  readonly originalCode?: string;
  /** The answer of an SMTP server. 4xx: not now; 5xx: no. */
  readonly responseCode?: number;
  /** Of nodemailer, which knows the exception to the rule. */
  readonly permanent?: boolean;
  /** Of the SDK. */
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * What an error of {@link MailTransport.send} means for the delivery: the one place that decides it. A failure that was
 * answered left nothing behind; of one without an answer nobody knows.
 */
export function classifyMailError(thrown: unknown): MailFailure {
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as MailError;
  const message = preview(error.message ?? String(thrown));
  const { responseCode } = error;
  if (responseCode !== undefined) {
    const code = `SMTP_${String(responseCode)}`;
    return error.permanent === true
      ? { kind: 'refused', code, message }
      : { kind: 'retry', code, message, accepted: false };
  }
  const names = [error.originalCode, error.code, error.name].filter((name) => name !== undefined);
  const known = names.find((name) => Object.hasOwn(meanings, name));
  const code = known ?? names[0] ?? 'UNKNOWN';
  if (known !== undefined && meanings[known] === 'refused') return { kind: 'refused', code, message };
  const isAnsweredNo = known !== undefined || Math.trunc((error.$metadata?.httpStatusCode ?? 0) / 100) === 4;
  return { kind: 'retry', code, message, ...(isAnsweredNo && { accepted: false }) };
}
