import { describe, expect, test } from '@jest/globals';
import { classifyMailError } from './classify-mail-error.ts';

const errorOf = (fields: object): Error => Object.assign(new Error('what the server said'), fields);

describe('classifyMailError()', () => {
  test.each([
    'AccountSuspendedException',
    'BadRequestException',
    'MailFromDomainNotVerifiedException',
    'MessageRejected',
    'NotFoundException',
    'AccessDeniedException',
  ])('SES is done with it: %s', (name) => {
    expect(classifyMailError(errorOf({ name }))).toStrictEqual({
      kind: 'refused',
      code: name,
      message: 'what the server said',
    });
  });

  test.each([
    'LimitExceededException',
    'SendingPausedException',
    'TooManyRequestsException',
    'ExpiredTokenException',
    'CredentialsProviderError',
  ])('SES took nothing and may do so later: %s', (name) => {
    expect(classifyMailError(errorOf({ name }))).toStrictEqual({
      kind: 'retry',
      code: name,
      message: 'what the server said',
      accepted: false,
    });
  });

  test.each([
    [{ responseCode: 550, permanent: true, code: 'EENVELOPE' }, 'refused', 'SMTP_550', undefined],
    [{ responseCode: 535, permanent: true, code: 'EAUTH' }, 'refused', 'SMTP_535', undefined],
    [{ responseCode: 450, permanent: false, code: 'EENVELOPE' }, 'retry', 'SMTP_450', false],
    [{ responseCode: 503, permanent: false, code: 'EPROTOCOL' }, 'retry', 'SMTP_503', false],
    [{ code: 'EENVELOPE' }, 'refused', 'EENVELOPE', undefined],
    [{ code: 'EMESSAGE' }, 'refused', 'EMESSAGE', undefined],
    [{ code: 'ESOCKET', originalCode: 'ECONNREFUSED' }, 'retry', 'ECONNREFUSED', false],
    [{ code: 'EDNS', originalCode: 'ENOTFOUND' }, 'retry', 'ENOTFOUND', false],
    [{ code: 'EDNS', originalCode: 'ETIMEOUT' }, 'retry', 'EDNS', false],
    // Nobody knows of these.
    [{ code: 'ESOCKET', originalCode: 'ECONNRESET' }, 'retry', 'ECONNRESET', undefined],
    [{ code: 'ECONNECTION' }, 'retry', 'ECONNECTION', undefined],
    [{ code: 'ETIMEDOUT' }, 'retry', 'ETIMEDOUT', undefined],
    [{ name: 'AbortError' }, 'retry', 'AbortError', undefined],
    [
      { name: 'InternalServiceErrorException', $metadata: { httpStatusCode: 500 } },
      'retry',
      'InternalServiceErrorException',
      undefined,
    ],
    // What is new is tried again; an answer that blames the caller says that nothing was taken.
    [{ name: 'NewException', $metadata: { httpStatusCode: 400 } }, 'retry', 'NewException', false],
    [{ name: 'toString' }, 'retry', 'toString', undefined],
  ])('%j is a %s', (fields, kind, code, accepted) => {
    expect(classifyMailError(errorOf(fields))).toStrictEqual({
      kind,
      code,
      message: 'what the server said',
      ...(accepted !== undefined && { accepted }),
    });
  });

  test.each([
    ['a text', 'away', { kind: 'retry', code: 'UNKNOWN', message: 'away' }],
    ['nothing', undefined, { kind: 'retry', code: 'UNKNOWN', message: 'undefined' }],
    ['an error of no kind', { message: 'x' }, { kind: 'retry', code: 'UNKNOWN', message: 'x' }],
  ])('%s that is thrown is tried again', (_what, thrown, failure) => {
    expect(classifyMailError(thrown)).toStrictEqual(failure);
  });
});
