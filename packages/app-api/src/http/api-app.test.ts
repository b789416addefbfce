import { describe, expect, test } from '@jest/globals';
import { AbcaError, errorCodes } from '@abca/core';
import { InMemoryTaskRepository } from '@abca/core/testing';
import { anApi } from '../api.test-kit.ts';
import { loopbackOnly } from '../auth/loopback-only.ts';
import { httpStatuses } from '../errors/http-status.ts';

/** An API whose store fails with `error`. */
function failingWith(error: unknown): ReturnType<typeof anApi> {
  const tasks = new InMemoryTaskRepository();
  tasks.list = () => Promise.reject(error as Error);
  return anApi({ tasks });
}

describe('errors', () => {
  test('an unknown route is 404, a wrong method 405 with what is allowed', async () => {
    const { call } = anApi();

    const unknown = await call('GET', '/v1/nothing');
    const wrong = await call('PUT', '/v1/tasks');

    expect([unknown.status, unknown.json.error.code]).toStrictEqual([404, 'NOT_FOUND']);
    expect([wrong.status, wrong.json.error.code]).toStrictEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(wrong.headers.get('allow')?.split(', ').sort()).toStrictEqual(['GET', 'HEAD', 'POST']);
  });

  test.each(['{', '{"a":1,}', '', '\ufeff{', 'undefined'])('a body that is not JSON is 400: %j', async (body) => {
    const { status, json } = await anApi().call('POST', '/v1/tasks', {
      body,
      headers: { 'content-type': 'application/json' },
    });

    expect([status, json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
    expect(json.error.message).toContain('the body is not JSON');
  });

  test('a body of another kind is 415', async () => {
    const { status, json } = await anApi().call('POST', '/v1/tasks', {
      body: 'repo=acme',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });

    expect([status, json.error.code]).toStrictEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  test('a body beyond 256 KiB is 413, one that just fits is read', async () => {
    const { call } = anApi();
    const padded = (bytes: number): string => {
      const head = '{"repo":"acme/shop","task_description":"x"';
      return `${head}${' '.repeat(bytes - head.length - 1)}}`;
    };

    const fits = await call('POST', '/v1/tasks', { body: padded(256 * 1024) });
    const large = await call('POST', '/v1/tasks', { body: padded(256 * 1024 + 1) });

    expect([fits.status, large.status, large.json.error.code]).toStrictEqual([201, 413, 'PAYLOAD_TOO_LARGE']);
  });

  test('a defect is 500 with a request id, logged once, without internals', async () => {
    const { call, logger } = failingWith(new TypeError('cannot read table arn:secret'));

    const { status, json, headers } = await call('GET', '/v1/tasks');

    expect(status).toBe(500);
    expect(json).toStrictEqual({
      error: {
        code: 'INTERNAL_ERROR',
        message: 'something went wrong on our side; tell the operator the request id',
        request_id: headers.get('x-request-id'),
      },
    });
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { requestId: headers.get('x-request-id') } });
  });

  test('a store that refuses is a defect too: its code and words stay inside', async () => {
    const { call } = failingWith(new AbcaError('STORE_ERROR', 'table abca-tasks: AccessDenied'));

    const { status, json } = await call('GET', '/v1/tasks');

    expect([status, json.error.code]).toStrictEqual([500, 'INTERNAL_ERROR']);
    expect(JSON.stringify(json)).not.toContain('abca-tasks');
  });

  test.each([
    [{ retryable: true }, '1'],
    [{ retryable: true, details: { retryAfterMs: 2500 } }, '3'],
    [{ retryable: false }, null],
  ])('a store that does not answer is 503 with %j as %j', async (options, retryAfter) => {
    const { call, logger } = failingWith(new AbcaError('SERVICE_UNAVAILABLE', 'throttled', options));

    const { status, json, headers } = await call('GET', '/v1/tasks');

    expect([status, json.error.code, headers.get('retry-after')]).toStrictEqual([
      503,
      'SERVICE_UNAVAILABLE',
      retryAfter,
    ]);
    expect(logger.lines.map(({ level }) => level)).toStrictEqual([options.retryable ? 'warn' : 'error']);
  });

  test('messages and details of errors are redacted', async () => {
    const secret = `ghp_${'b'.repeat(36)}`;
    const { call } = failingWith(new AbcaError('QUEUE_FULL', `no room: ${secret}`, { details: { remote: secret } }));

    const { status, json } = await call('GET', '/v1/tasks');

    expect(status).toBe(429);
    expect(json.error).toMatchObject({
      message: 'no room: [REDACTED-GITHUB_TOKEN]',
      details: { remote: '[REDACTED-GITHUB_TOKEN]' },
    });
  });

  test('every code of core has a status', () => {
    const missing = Object.keys(errorCodes).filter((code) => !(code in httpStatuses));

    expect(missing).toStrictEqual([]);
  });
});

describe('request ids', () => {
  test('a request keeps the id it brings, and gets one when it brings none or a bad one', async () => {
    const { call } = anApi();

    const kept = await call('GET', '/v1/tasks/x', { headers: { 'X-Request-Id': 'mine-1' } });
    const made = await call('GET', '/v1/tasks/x', { headers: { 'X-Request-Id': 'has spaces <b>' } });

    expect([kept.headers.get('x-request-id'), kept.json.error.request_id]).toStrictEqual(['mine-1', 'mine-1']);
    expect(made.headers.get('x-request-id')).toMatch(/^01KAEVENT/);
  });
});

describe('authentication', () => {
  test.each([
    ['GET', '/v1/tasks'],
    ['POST', '/v1/tasks'],
    ['GET', '/v1/repos'],
    ['GET', '/v1/unknown'],
  ])('%s %s without a valid token is 401', async (method, path) => {
    const answer = await anApi().call(method, path, { headers: { authorization: 'Bearer wrong' } });

    expect([answer.status, answer.json.error.code]).toStrictEqual([401, 'UNAUTHORIZED']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('health needs none and says what runs', async () => {
    const answer = await anApi().call('GET', '/v1/health', { headers: { authorization: '' } });

    expect([answer.status, answer.json]).toStrictEqual([
      200,
      { data: { status: 'ok', version: '1.2.3', model: 'scripted' } },
    ]);
  });
});

describe('loopbackOnly()', () => {
  test.each([
    [{ host: 'evil.example' }, 403],
    [{ host: 'localhost.evil.example:4820' }, 403],
    [{ host: 'box.lan:4820' }, 200],
    [{ host: '127.0.0.1:4820' }, 200],
    [{ host: '[::1]:4820' }, 200],
    [{ host: 'localhost:4820', origin: 'http://localhost:4820' }, 200],
    [{ host: 'localhost:4820', origin: 'http://localhost:3000' }, 403],
    [{ host: 'localhost:4820', origin: 'https://evil.example' }, 403],
    [{ host: 'localhost:4820', origin: 'null' }, 403],
    [{ host: 'localhost:4820', 'sec-fetch-site': 'cross-site' }, 403],
  ])('answers %j with %i, open routes too', async (headers, expected) => {
    const { call } = anApi({ guard: loopbackOnly(['box.lan:4820']) });

    const answers = [await call('GET', '/v1/health', { headers }), await call('GET', '/v1/tasks', { headers })];

    expect(answers.map(({ status }) => status)).toStrictEqual([expected, expected]);
  });
});
