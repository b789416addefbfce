import { AbcaError } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import { failureKindOf, isRetryable, mapAgentCoreError, mayHaveStarted, type FailureKind } from './agentcore-errors.ts';

const anError = ({ name = 'Error', status }: { name?: string; status?: number }): Error =>
  Object.assign(new Error('as told'), { name, ...(status !== undefined && { $metadata: { httpStatusCode: status } }) });

describe('failureKindOf()', () => {
  test.each<[FailureKind, Parameters<typeof anError>[0]]>([
    ['throttled', { name: 'ThrottlingException', status: 400 }],
    ['throttled', { name: 'TooManyRequests', status: 429 }],
    ['no_capacity', { name: 'ServiceQuotaExceededException', status: 402 }],
    ['busy', { name: 'RetryableConflictException', status: 409 }],
    ['denied', { name: 'AccessDeniedException', status: 403 }],
    ['denied', { name: 'UnauthorizedException' }],
    ['denied', { name: 'UnrecognizedClientException' }],
    ['denied', { name: 'ExpiredTokenException' }],
    ['denied', { name: 'InvalidSignatureException' }],
    ['denied', { name: 'CredentialsProviderError' }],
    ['denied', { name: 'Other', status: 401 }],
    ['denied', { name: 'Other', status: 403 }],
    ['not_found', { name: 'ResourceNotFoundException', status: 404 }],
    ['container_failed', { name: 'RuntimeClientError', status: 424 }],
    ['container_failed', { name: 'AgentAnswerError' }],
    ['refused', { name: 'ValidationException', status: 400 }],
    ['refused', { name: 'ConflictException', status: 409 }],
    ['refused', { name: 'Other', status: 404 }],
    ['refused', { name: 'Other', status: 499 }],
    ['unavailable', { name: 'InternalServerException', status: 500 }],
    ['unavailable', { name: 'Other', status: 504 }],
    ['unanswered', { name: 'TimeoutError' }],
    ['unanswered', { name: 'Error' }],
    ['unanswered', { name: 'SyntaxError', status: 200 }],
    ['unanswered', { name: 'Other', status: 399 }],
    ['refused', { name: 'Other', status: 400 }],
  ])('is %s for %j', (kind, fields) => {
    expect(failureKindOf(anError(fields))).toBe(kind);
  });

  test.each([['text'], [undefined], [null], [{}]])('is unanswered for what is no error: %j', (thrown) => {
    expect(failureKindOf(thrown)).toBe('unanswered');
  });
});

test.each<[FailureKind, boolean, boolean]>([
  ['throttled', true, false],
  ['no_capacity', true, false],
  ['busy', true, false],
  ['unavailable', true, true],
  ['unanswered', true, true],
  ['denied', false, false],
  ['not_found', false, false],
  ['container_failed', false, true],
  ['refused', false, false],
])('%s: may pass %s, may have started the session %s', (kind, retryable, started) => {
  expect([isRetryable(kind), mayHaveStarted(kind)]).toStrictEqual([retryable, started]);
});

describe('mapAgentCoreError()', () => {
  const denied = anError({ name: 'AccessDeniedException', status: 403 });

  test('says what failed, why, and what to do', () => {
    const cause = anError({ name: 'ServiceQuotaExceededException', status: 402 });

    const error = mapAgentCoreError(cause, 'start', 'S', { handle: 'H' });

    expect(error.toJSON()).toStrictEqual({
      name: 'AbcaError',
      code: 'SESSION_START_FAILED',
      message:
        'session S did not start: ServiceQuotaExceededException: as told; wait for sessions to end, or ask AWS for more active session workloads',
      retryable: true,
      details: { reason: 'ServiceQuotaExceededException', kind: 'no_capacity', handle: 'H' },
    });
    expect(error.cause).toBe(cause);
  });

  test('has a code of its own for a stop that is denied, and only for that', () => {
    expect(mapAgentCoreError(denied, 'stop', 'S').code).toBe('SESSION_ACCESS_DENIED');
    expect(mapAgentCoreError(denied, 'start', 'S').code).toBe('SESSION_START_FAILED');
    expect(mapAgentCoreError(anError({ status: 400 }), 'stop', 'S').code).toBe('SESSION_STOP_FAILED');
  });

  test('says it in one sentence, whatever the service ends its own with', () => {
    const cause = Object.assign(anError({ name: 'RuntimeClientError' }), { message: 'Error (5.0) from runtime.' });

    expect(mapAgentCoreError(cause, 'start', 'S').message).toBe(
      "session S did not start: RuntimeClientError: Error (5.0) from runtime; see the log group of the runtime's endpoint",
    );
  });

  test('gives no advice where there is none', () => {
    expect(mapAgentCoreError('text', 'stop', 'S').message).toBe('session S was not stopped: UNKNOWN: text');
    expect(mapAgentCoreError({}, 'stop', 'S').message).toBe('session S was not stopped: UNKNOWN: ');
  });

  test('leaves what is mapped as it is', () => {
    const mapped = new AbcaError('SESSION_START_FAILED', 'x');

    expect(mapAgentCoreError(mapped, 'stop', 'S')).toBe(mapped);
  });
});
