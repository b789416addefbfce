import { expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { anApi } from '../api.test-kit.ts';
import { serveApi } from '../server/serve-api.ts';
import type { ApiEnv } from './api-env.ts';

test('a real server says 413 to a large body without a length, and gives a small one as it came', async () => {
  const app = new Hono<ApiEnv>().post('/', async (c) => c.json([...new Uint8Array(await c.req.arrayBuffer())]));
  const api = anApi({ signed: [{ path: '/v1/signed', app, maxBytes: 100_000 }] });
  const server = await serveApi(api.app, { host: '127.0.0.1', port: 0 });
  try {
    let left = 40;
    const body = new ReadableStream({
      pull(controller) {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(new Uint8Array(50_000));
      },
    });

    const { status } = await fetch(`${server.url}/v1/signed`, { method: 'POST', body, duplex: 'half' });
    const small = await fetch(`${server.url}/v1/signed`, { method: 'POST', body: 'ab' });

    expect([status, await small.json()]).toStrictEqual([413, [97, 98]]);
  } finally {
    await server.close();
  }
});
