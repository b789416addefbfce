import { AbcaError } from '@abca/core';

/** What a failed call means, whatever the service calls it. */
export type FailureKind =
  /** Too many calls. */
  | 'throttled'
  /** The account runs as many sessions as it may. */
  | 'no_capacity'
  /** The session is just being changed. */
  | 'busy'
  /** The service has a defect of its own. */
  | 'unavailable'
  /** No answer, not all of it, or none that can be read: what was asked for may have been done. */
  | 'unanswered'
  | 'denied'
  | 'not_found'
  /** The agent's own container did not come up, or answered with an error. */
  | 'container_failed'
  /** The service refused what it was sent. */
  | 'refused';

const kindByName: Readonly<Record<string, FailureKind>> = {
  ThrottlingException: 'throttled',
  ServiceQuotaExceededException: 'no_capacity',
  RetryableConflictException: 'busy',
  AccessDeniedException: 'denied',
  UnauthorizedException: 'denied',
  UnrecognizedClientException: 'denied',
  ExpiredTokenException: 'denied',
  InvalidSignatureException: 'denied',
  CredentialsProviderError: 'denied',
  ResourceNotFoundException: 'not_found',
  RuntimeClientError: 'container_failed',
  AgentAnswerError: 'container_failed',
};

const retryableKinds: ReadonlySet<FailureKind> = new Set([
  'throttled',
  'no_capacity',
  'busy',
  'unavailable',
  'unanswered',
]);

/** Failures after which the session may exist all the same. The others are refusals, given before anything is done. */
const openKinds: ReadonlySet<FailureKind> = new Set(['unavailable', 'unanswered', 'container_failed']);

/**
 * Classify what a call of the SDK's client threw. Without a status of an error there was no answer: the names of what breaks
 * connections are too many to list, and a call that is repeated in vain costs less than a task that was given up.
 */
export function failureKindOf(error: unknown): FailureKind {
  const { name, status = 0 } = describe(error);
  const known = kindByName[name];
  if (known !== undefined) return known;
  if (status < 400) return 'unanswered';
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'denied';
  return status >= 500 ? 'unavailable' : 'refused';
}

/** Whether repeating the same call may succeed. */
export function isRetryable(kind: FailureKind): boolean {
  return retryableKinds.has(kind);
}

/** Whether a start that failed so may have started the session. */
export function mayHaveStarted(kind: FailureKind): boolean {
  return openKinds.has(kind);
}

const operations = {
  start: { code: 'SESSION_START_FAILED', what: 'did not start', action: 'InvokeAgentRuntime' },
  stop: { code: 'SESSION_STOP_FAILED', what: 'was not stopped', action: 'StopRuntimeSession' },
} as const;

/**
 * The one place where errors of the AgentCore client become ABCA's. A stop that is denied has a code of its own: nobody who
 * repeats it ends the session.
 *
 * @param details facts to add for a program to read
 */
export function mapAgentCoreError(
  error: unknown,
  operation: keyof typeof operations,
  sessionId: string,
  details: Readonly<Record<string, unknown>> = {},
): AbcaError {
  if (AbcaError.is(error)) return error;
  const kind = failureKindOf(error);
  const { code, what, action } = operations[operation];
  const { name, message } = describe(error);
  return new AbcaError(
    kind === 'denied' && operation === 'stop' ? 'SESSION_ACCESS_DENIED' : code,
    `session ${sessionId} ${what}: ${name}: ${message.replace(/\.$/, '')}${remedyOf(kind, action)}`,
    { retryable: isRetryable(kind), cause: error, details: { reason: name, kind, ...details } },
  );
}

function remedyOf(kind: FailureKind, action: string): string {
  switch (kind) {
    case 'denied':
      return `; allow bedrock-agentcore:${action} on the runtime`;
    case 'no_capacity':
      return '; wait for sessions to end, or ask AWS for more active session workloads';
    case 'not_found':
      return '; check the ARN of the runtime';
    case 'container_failed':
      return "; see the log group of the runtime's endpoint";
    default:
      return '';
  }
}

interface Described {
  readonly name: string;
  readonly message: string;
  /** HTTP status of the answer, when there was one. */
  readonly status?: number | undefined;
}

/** By their shape: an error of Node's own is no instance of this realm's `Error` everywhere. */
function describe(error: unknown): Described {
  if (typeof error !== 'object' || error === null) return { name: 'UNKNOWN', message: String(error) };
  const { name = 'UNKNOWN', message = '', $metadata } = error as Partial<ServiceError>;
  return { name, message, status: $metadata?.httpStatusCode };
}

interface ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode?: number };
}
