import { AbcaError } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import { mapDynamoError } from './map-dynamo-error.ts';

const sdkError = (fields: object): Error => Object.assign(new Error('said the store'), fields);

describe('mapDynamoError()', () => {
  test.each([
    [{ name: 'ProvisionedThroughputExceededException' }, 'ProvisionedThroughputExceededException'],
    [{ name: 'RequestLimitExceeded' }, 'RequestLimitExceeded'],
    [{ name: 'ThrottlingException' }, 'ThrottlingException'],
    [{ name: 'InternalServerError' }, 'InternalServerError'],
    [{ name: 'ServiceUnavailable' }, 'ServiceUnavailable'],
    [{ name: 'TransactionConflictException' }, 'TransactionConflictException'],
    [{ name: 'TransactionInProgressException' }, 'TransactionInProgressException'],
    [{ name: 'TimeoutError' }, 'TimeoutError'],
    [{ name: 'SomethingNew', $metadata: { httpStatusCode: 503 } }, 'SomethingNew'],
    [{ code: 'ECONNREFUSED' }, 'ECONNREFUSED'],
    [{ code: 'ECONNRESET', name: 'TimeoutError' }, 'ECONNRESET'],
    [{ code: 'EPIPE' }, 'EPIPE'],
    [{ code: 'ENOTFOUND' }, 'ENOTFOUND'],
    [{ code: 'EAI_AGAIN' }, 'EAI_AGAIN'],
    [{ message: 'wrapper for Error: connect ECONNREFUSED 127.0.0.1', $metadata: { attempts: 1 } }, 'ECONNREFUSED'],
    [
      { name: 'TransactionCanceledException', CancellationReasons: [{ Code: 'None' }, { Code: 'ThrottlingError' }] },
      'ThrottlingException',
    ],
  ])('%j may be tried again', (fields, reason) => {
    const error = mapDynamoError(sdkError(fields), 'reading task T');

    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true, details: { reason } });
  });

  test.each([
    [{ name: 'ValidationException', $metadata: { httpStatusCode: 400 } }, 'ValidationException', 'does not help'],
    [{ name: 'ResourceNotFoundException' }, 'ResourceNotFoundException', 'deploy the tables'],
    [{ name: 'AccessDeniedException' }, 'AccessDeniedException', 'check the credentials'],
    [{ name: 'ItemCollectionSizeLimitExceededException' }, 'ItemCollectionSizeLimitExceededException', 'does not help'],
    [
      { name: 'TransactionCanceledException', CancellationReasons: [{ Code: 'ValidationError' }] },
      'ValidationException',
      'does not help',
    ],
    [{ name: 'Error', $metadata: { httpStatusCode: 400 } }, 'Error', 'does not help'],
    [{ code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' }, 'TypeError', 'does not help'],
  ])('%j is final', (fields, reason, remedy) => {
    const error = mapDynamoError(sdkError(fields), 'reading task T');

    expect(error).toMatchObject({ code: 'STORE_ERROR', retryable: false, details: { reason } });
    expect(error.message).toMatch(new RegExp(`^reading task T failed: ${reason}: said the store; .*${remedy}`));
  });

  test('keeps the cause, and leaves coded errors as they are', () => {
    const cause = sdkError({ name: 'ValidationException' });
    const coded = new AbcaError('STORE_CORRUPT', 'bad');

    expect(mapDynamoError(cause, 'x').cause).toBe(cause);
    expect(mapDynamoError(coded, 'x')).toBe(coded);
  });

  test.each([undefined, null, 'text', 7])('makes something of %j', (thrown) => {
    expect(mapDynamoError(thrown, 'x')).toMatchObject({ code: 'STORE_ERROR', details: { reason: 'UNKNOWN' } });
  });
});
