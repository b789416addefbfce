import { describe, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { AbcaError, limits } from '@abca/core';
import { anApi } from '../api.test-kit.ts';
import { loopbackOnly } from '../auth/loopback-only.ts';
import type { ApiEnv } from './api-env.ts';
import type { SignedRoutes } from './signed-routes.ts';

const elsewhere = { host: 'abca.example', authorization: '' };

/** Routes that answer what they were sent. */
function echo(fields: Partial<SignedRoutes> = {}): SignedRoutes {
  const app = new Hono<ApiEnv>()
    .post('/', async (c) => c.json({ bytes: [...new Uint8Array(await c.req.arrayBuffer())] }))
    .post('/forged', () => {
      throw new AbcaError('SIGNATURE_INVALID', 'the signature does not fit the body');
    })
    .post('/broken', () => {
      throw new TypeError('table arn:secret');
    })
    .get('/:id', (c) => c.json({ id: c.req.param('id') }));
  return { path: '/v1/signed', app, ...fields };
}

function withSigned(...signed: readonly SignedRoutes[]): ReturnType<typeof anApi> {
  return anApi({ guard: loopbackOnly(), signed });
}

/** A body of `count` chunks, and how many were asked for. */
function counted(count: number, chunk: Uint8Array): { readonly body: ReadableStream; readonly pulls: () => number } {
  let pulls = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        pulls += 1;
        if (pulls > count) controller.close();
        else controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return { body, pulls: () => pulls };
}

describe('mountSigned()', () => {
  test('serves without a token and under any name, and nothing else is open by it', async () => {
    const { call } = withSigned(echo());

    const signed = await call('POST', '/v1/signed', { body: '\ufeffé', headers: elsewhere });
    const below = await call('GET', '/v1/signed/7', { headers: elsewhere });
    const others = [
      await call('GET', '/v1/tasks', { headers: elsewhere }),
      await call('GET', '/v1/signedx', { headers: { authorization: '' } }),
    ];

    expect([signed.status, signed.json]).toStrictEqual([200, { bytes: [0xef, 0xbb, 0xbf, 0xc3, 0xa9] }]);
    expect([below.status, below.json]).toStrictEqual([200, { id: '7' }]);
    expect(others.map(({ status }) => status)).toStrictEqual([403, 401]);
  });

  test('gives a body that is no JSON to the routes as it came', async () => {
    const { call } = withSigned(echo());

    const { status, json } = await call('POST', '/v1/signed', {
      body: '{"a":',
      headers: { ...elsewhere, 'content-type': 'application/json' },
    });

    expect([status, json.bytes]).toStrictEqual([200, [...Buffer.from('{"a":')]]);
  });

  test('answers errors of the routes as everywhere, with the request id and no word of a defect', async () => {
    const { call, logger } = withSigned(echo());
    const headers = { ...elsewhere, 'X-Request-Id': 'mine-1' };

    const forged = await call('POST', '/v1/signed/forged', { headers });
    const broken = await call('POST', '/v1/signed/broken', { headers });

    expect([forged.status, forged.json]).toStrictEqual([
      401,
      {
        error: {
          code: 'SIGNATURE_INVALID',
          message: 'the signature does not fit the body',
          request_id: 'mine-1',
        },
      },
    ]);
    expect(forged.headers.get('www-authenticate')).toBeNull();
    expect([broken.status, broken.json.error.code]).toStrictEqual([500, 'INTERNAL_ERROR']);
    expect(JSON.stringify(broken.json)).not.toContain('arn');
    expect(logger.lines).toHaveLength(1);
  });

  test('an unknown path below it is 404 and a wrong method 405, not 401', async () => {
    const { call } = withSigned(echo());

    const unknown = await call('POST', '/v1/signed/a/b', { headers: elsewhere });
    const wrong = await call('PUT', '/v1/signed', { headers: elsewhere });

    expect([unknown.status, unknown.json.error.code]).toStrictEqual([404, 'NOT_FOUND']);
    expect([wrong.status, wrong.json.error.code, wrong.headers.get('allow')]).toStrictEqual([
      405,
      'METHOD_NOT_ALLOWED',
      'POST',
    ]);
  });

  test('mounts several, each with its own limit', async () => {
    const { call } = withSigned(echo({ maxBytes: 4 }), echo({ path: '/v1/other', maxBytes: 5 }));

    const answers = [
      await call('POST', '/v1/signed', { body: '12345', headers: elsewhere }),
      await call('POST', '/v1/other', { body: '12345', headers: elsewhere }),
      await call('POST', '/v1/signed', { body: '1234', headers: elsewhere }),
    ];

    expect(answers.map(({ status }) => status)).toStrictEqual([413, 200, 200]);
  });

  test('takes a body of a megabyte and not a byte more, whatever its length is said to be', async () => {
    const { app } = withSigned(echo());
    const post = async (bytes: number, headers?: Record<string, string>): Promise<number> => {
      const { status } = await app.request('/v1/signed/forged', {
        method: 'POST',
        body: new Uint8Array(bytes),
        ...(headers && { headers }),
      });
      return status;
    };

    const statuses = [
      await post(limits.webhookBytes),
      await post(limits.webhookBytes + 1),
      await post(limits.webhookBytes + 1, { 'content-length': '3' }),
      await post(limits.webhookBytes + 1, { 'content-length': 'many' }),
      await post(3, { 'content-length': String(limits.webhookBytes + 1) }),
    ];

    expect(statuses).toStrictEqual([401, 413, 413, 413, 413]);
  });

  test('stops reading where the limit is passed', async () => {
    const { app } = withSigned(echo({ maxBytes: 100 }));
    const { body, pulls } = counted(1000, new Uint8Array(50));

    const { status } = await app.request('/v1/signed', { method: 'POST', body, duplex: 'half' });

    expect([status, pulls()]).toStrictEqual([413, 3]);
  });

  test('a body that breaks off is 400', async () => {
    const { call, app } = withSigned(echo());
    const body = new ReadableStream({
      pull: (controller) => {
        controller.error(new Error('aborted'));
      },
    });

    const { status } = await app.request('/v1/signed', { method: 'POST', body, duplex: 'half' });

    expect(status).toBe(400);
    expect((await call('GET', '/v1/health')).status).toBe(200);
  });
});
