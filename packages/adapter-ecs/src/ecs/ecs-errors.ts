import { AbcaError, type ErrorCode } from '@abca/core';

/** What was being done. */
export type EcsVerb = 'start' | 'poll' | 'stop';

const verbs = {
  start: {
    code: 'SESSION_START_FAILED',
    what: 'did not start',
    allow: 'ecs:RunTask and ecs:TagResource, and iam:PassRole on both roles of the task definition',
  },
  poll: { code: 'SESSION_POLL_FAILED', what: 'could not be looked at', allow: 'ecs:DescribeTasks' },
  stop: { code: 'SESSION_STOP_FAILED', what: 'was not stopped', allow: 'ecs:StopTask and ecs:DescribeTasks' },
} as const satisfies Record<EcsVerb, { code: ErrorCode; what: string; allow: string }>;

/** By which the service, or the SDK before it is asked, refuses the credentials. */
const deniedErrors: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'NotAuthorized',
  'OptInRequired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** Answers of HTTP status 4xx that pass all the same. */
const passingErrors: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** What the service says when it has no room: in `failures[]` and, for the account's own limits, also as an error. */
const noRoom = /capacity is unavailable|reached the limit on the number of|^RESOURCE:|^AGENT$/i;

/** Whether `message`, of an error or of `failures[]`, tells of a shortage that passes. */
export function isShortage(message: string): boolean {
  return noRoom.test(message);
}

/** Whether the service says that the task of a StopTask is not there. It has no error of its own for it. */
export function isTaskNotFound(error: unknown): boolean {
  const { name, message } = describe(error);
  return (
    ['InvalidParameterException', 'ClientException'].includes(name) && /referenced task was not found/i.test(message)
  );
}

/**
 * ARN of the task that was started with the same client token and other parameters, as when a deployment changed the subnets
 * between two tries. `undefined` when `error` tells of none.
 */
export function startedBefore(error: unknown): string | undefined {
  const { name, resourceIds } = Object(error) as { name?: string; resourceIds?: readonly string[] };
  return name === 'ConflictException' ? resourceIds?.[0] : undefined;
}

/** What is known of a failure. */
export interface EcsFailureFacts {
  /** For people: what happened, and the remedy where there is one. */
  readonly why: string;
  /** For programs: the service's own word. */
  readonly reason: string;
  readonly retryable: boolean;
  readonly cause?: unknown;
}

/** An error with the code of `verb`. */
export function ecsFailure(verb: EcsVerb, sessionId: string, facts: EcsFailureFacts, code?: ErrorCode): AbcaError {
  const { why, reason, retryable, cause } = facts;
  const message = `session ${sessionId} ${verbs[verb].what}: ${why}`;
  return new AbcaError(code ?? verbs[verb].code, message, { retryable, cause, details: { reason } });
}

/**
 * The one place where errors of the ECS client become ABCA's, and what decides whether a repetition may help: throttling,
 * shortages, 5xx and calls without an answer pass, other refusals do not. `details.reason` is the service's own name.
 *
 * @returns the code of `verb`; SESSION_ACCESS_DENIED when the credentials were refused for a poll or a stop: a session that may
 *   run is out of reach then
 */
export function mapEcsError(error: unknown, verb: EcsVerb, sessionId: string): AbcaError {
  if (AbcaError.is(error)) return error;
  const { name: reason, message } = describe(error);
  if (!deniedErrors.has(reason)) {
    const why = `${reason}: ${message}`;
    return ecsFailure(verb, sessionId, { why, reason, retryable: mayPass(error), cause: error });
  }
  const why = `${reason}: ${message}; check the credentials, and allow ${verbs[verb].allow}`;
  const code = verb === 'start' ? undefined : 'SESSION_ACCESS_DENIED';
  return ecsFailure(verb, sessionId, { why, reason, retryable: false, cause: error }, code);
}

function mayPass(error: unknown): boolean {
  const { name, message, status } = describe(error);
  // Without resourceIds a conflict is another start of the same session that is just being answered.
  if (passingErrors.has(name) || name === 'ConflictException' || isShortage(message)) return true;
  return status === undefined || status === 429 || status < 400 || status >= 500;
}

interface Described {
  readonly name: string;
  readonly message: string;
  /** Absent when there was no answer. */
  readonly status: number | undefined;
}

/** Not by `instanceof`: what other realms and copies of the SDK throw is described as well. */
function describe(error: unknown): Described {
  const { name, message, $metadata } = Object(error) as {
    name?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
  };
  return { name: name ?? 'UNKNOWN', message: message ?? String(error), status: $metadata?.httpStatusCode };
}
