import { AbcaError } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import { isShortage, isTaskNotFound, mapEcsError, startedBefore } from './ecs-errors.ts';

const refusal = (name: string, status: number | undefined, message = 'why'): unknown =>
  Object.assign(new Error(message), { name, $metadata: status === undefined ? {} : { httpStatusCode: status } });

describe('mapEcsError()', () => {
  test.each([
    ['start', 'SESSION_START_FAILED', 'did not start'],
    ['poll', 'SESSION_POLL_FAILED', 'could not be looked at'],
    ['stop', 'SESSION_STOP_FAILED', 'was not stopped'],
  ] as const)('a %s that failed is %s', (verb, code, what) => {
    const cause = refusal('ServerException', 500);

    const error = mapEcsError(cause, verb, 's');

    expect(error.toJSON()).toStrictEqual({
      name: 'AbcaError',
      code,
      message: `session s ${what}: ServerException: why`,
      retryable: true,
      details: { reason: 'ServerException' },
    });
    expect(error.cause).toBe(cause);
  });

  test.each([
    [
      'start',
      'SESSION_START_FAILED',
      'ecs:RunTask and ecs:TagResource, and iam:PassRole on both roles of the task definition',
    ],
    ['poll', 'SESSION_ACCESS_DENIED', 'ecs:DescribeTasks'],
    ['stop', 'SESSION_ACCESS_DENIED', 'ecs:StopTask and ecs:DescribeTasks'],
  ] as const)('a %s whose credentials are refused is %s, and says what to allow', (verb, code, allow) => {
    expect(mapEcsError(refusal('AccessDeniedException', 400), verb, 's')).toMatchObject({
      code,
      retryable: false,
      message: expect.stringMatching(
        new RegExp(`AccessDeniedException: why; check the credentials, and allow ${allow}$`),
      ),
    });
  });

  test.each([
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
  ])('%s is a refusal of the credentials', (name) => {
    expect(mapEcsError(refusal(name, undefined), 'poll', 's')).toMatchObject({
      code: 'SESSION_ACCESS_DENIED',
      retryable: false,
      details: { reason: name },
    });
  });

  test.each([
    ['ThrottlingException', 400, true],
    ['Throttling', 400, true],
    ['RequestLimitExceeded', 400, true],
    ['TooManyRequestsException', 400, true],
    ['LimitExceededException', 400, true],
    ['ConflictException', 400, true],
    ['Unknown', 429, true],
    ['ServerException', 500, true],
    ['ServiceUnavailable', 503, true],
    ['TimeoutError', undefined, true],
    ['SyntaxError', 200, true],
    ['SyntaxError', 399, true],
    ['ClientException', 400, false],
    ['InvalidParameterException', 400, false],
    ['ClusterNotFoundException', 400, false],
    ['PlatformUnknownException', 400, false],
    ['BlockedException', 400, false],
    ['Unknown', 499, false],
  ])('%s with status %j is retryable: %s', (name, status, retryable) => {
    expect(mapEcsError(refusal(name, status), 'start', 's').retryable).toBe(retryable);
  });

  test('a shortage is retryable whatever its error is called', () => {
    const message = "You've reached the limit on the number of tasks you can run concurrently";

    expect(mapEcsError(refusal('ClientException', 400, message), 'start', 's').retryable).toBe(true);
  });

  test('an error of ABCA stays what it is', () => {
    const error = new AbcaError('STORE_ERROR', 'x');

    expect(mapEcsError(error, 'poll', 's')).toBe(error);
  });

  test.each([
    ['text', 'UNKNOWN: text'],
    [undefined, 'UNKNOWN: undefined'],
    [{ message: 'm' }, 'UNKNOWN: m'],
  ])('takes anything that is thrown: %j', (thrown, said) => {
    expect(mapEcsError(thrown, 'poll', 's').message).toBe(`session s could not be looked at: ${said}`);
  });
});

describe('isShortage()', () => {
  test.each(['RESOURCE:ENI', 'AGENT', 'capacity is unavailable', 'reached the limit on the number of vCPUs'])(
    '%s is one',
    (message) => {
      expect(isShortage(message)).toBe(true);
    },
  );

  test.each(['MISSING', 'AGENTS', 'MY AGENT', 'NO RESOURCE:X', 'the capacity provider was not found', ''])(
    '%s is none',
    (message) => {
      expect(isShortage(message)).toBe(false);
    },
  );
});

describe('isTaskNotFound()', () => {
  test.each([
    ['InvalidParameterException', 'The referenced task was not found.', true],
    ['ClientException', 'The referenced task was not found.', true],
    ['AccessDeniedException', 'The referenced task was not found.', false],
    ['InvalidParameterException', 'The referenced cluster was inactive.', false],
  ])('%s: %s: %s', (name, message, notFound) => {
    expect(isTaskNotFound(refusal(name, 400, message))).toBe(notFound);
  });
});

describe('startedBefore()', () => {
  test.each([
    ['ConflictException', ['arn:1', 'arn:2'], 'arn:1'],
    ['ConflictException', [], undefined],
    ['ConflictException', undefined, undefined],
    ['ClientException', ['arn:1'], undefined],
  ])('%s with %j: %j', (name, resourceIds, taskArn) => {
    expect(startedBefore(Object.assign(new Error('x'), { name, resourceIds }))).toBe(taskArn);
  });

  test('nothing tells of none', () => {
    expect(startedBefore(undefined)).toBeUndefined();
  });
});
