import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AbcaError } from '@abca/core';
import { aTask, aTaskId } from '@abca/core/testing';
import { anApi, parseSse, token, type ApiWorld } from '../api.test-kit.ts';
import { loopbackOnly } from '../auth/loopback-only.ts';
import { serveApi, type RunningServer, type Servable } from './serve-api.ts';

const host = '127.0.0.1';
const authorization = `Bearer ${token}`;
const running: RunningServer[] = [];

async function serve(app: Servable, port = 0): Promise<RunningServer> {
  const server = await serveApi(app, { host, port });
  running.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function aServedTask(): Promise<{ world: ApiWorld; server: RunningServer; stream: () => Promise<Response> }> {
  const world = anApi({ guard: loopbackOnly() });
  await world.tasks.create({
    task: aTask({ status: 'RUNNING' }),
    events: [{ eventType: 'admission_granted', metadata: {} }],
  });
  const server = await serve(world.app);
  const stream = (): Promise<Response> =>
    fetch(`${server.url}/v1/tasks/${aTaskId()}/events`, { headers: { authorization, accept: 'text/event-stream' } });
  return { world, server, stream };
}

/** The answer to a raw HTTP request, for what `fetch` does not let a client send. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, host, () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}

describe('serveApi()', () => {
  test('answers on the address it tells', async () => {
    const { server } = await aServedTask();

    const response = await fetch(`${server.url}/v1/tasks`, { headers: { authorization } });

    expect(response.status).toBe(200);
    expect(server.url).toBe(`http://127.0.0.1:${String(server.port)}`);
  });

  test.each([
    ['without a body', ''],
    ['with an empty body in chunks', 'transfer-encoding: chunked\r\n\r\n0\r\n'],
  ])('takes a DELETE %s', async (_name, rest) => {
    const { server } = await aServedTask();

    const answer = await sendRaw(
      server.port,
      `DELETE /v1/tasks/${aTaskId()} HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\nconnection: close\r\n${rest}\r\n`,
    );

    expect(answer).toContain('HTTP/1.1 200');
    expect(answer).toContain('"CANCELLED"');
  });

  test('takes a body whose length is not announced, up to the limit', async () => {
    const { server } = await aServedTask();
    const post = (text: string): Promise<Response> =>
      fetch(`${server.url}/v1/tasks`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: new Blob([text]).stream(),
        duplex: 'half',
      });

    const small = await post('{"repo":"acme/shop"}');
    const large = await post(JSON.stringify({ repo: 'x'.repeat(300 * 1024) }));

    expect([small.status, large.status]).toStrictEqual([400, 413]);
    expect(await small.json()).toMatchObject({ error: { code: 'VALIDATION_ERROR' } });
  });

  test('says PORT_IN_USE with the port', async () => {
    const first = await serve(anApi().app);

    const error: unknown = await serveApi(anApi().app, { host, port: first.port }).catch((caught: unknown) => caught);

    expect(AbcaError.is(error, 'PORT_IN_USE')).toBe(true);
    expect((error as Error).message).toContain(`127.0.0.1:${String(first.port)}`);
  });

  test('says CONFIG_INVALID for an address that is not of this machine', async () => {
    const error: unknown = await serveApi(anApi().app, { host: '192.0.2.1', port: 0 }).catch(
      (caught: unknown) => caught,
    );

    expect(AbcaError.is(error, 'CONFIG_INVALID')).toBe(true);
  });

  test('streams events as they are written', async () => {
    const { world, stream } = await aServedTask();
    const response = await stream();
    const text = response.text();

    await world.events.append(aTask(), [{ eventType: 'task_cancelled', metadata: { by: 'ann' } }]);

    expect(parseSse(await text).events.map(({ id, event }) => [id, event])).toStrictEqual([
      ['1', 'admission_granted'],
      ['2', 'task_cancelled'],
    ]);
  });

  test('close() ends event streams cleanly, takes nothing more and can be repeated', async () => {
    const { server, stream } = await aServedTask();
    const texts = Promise.all([stream(), stream()].map(async (response) => (await response).text()));
    const first = await stream();
    const startedMs = performance.now();

    await Promise.all([server.close(), server.close()]);

    expect((await texts).map((text) => parseSse(text).events.length)).toStrictEqual([1, 1]);
    expect(parseSse(await first.text()).events).toHaveLength(1);
    expect(performance.now() - startedMs).toBeLessThan(1900);
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });

  test('a client that vanishes leaves nothing waiting', async () => {
    const { world, stream } = await aServedTask();
    const reader = (await stream()).body!.getReader();
    await reader.read();

    await reader.cancel();

    for (let look = 0; look < 200 && world.clock.sleeping > 0; look += 1)
      await new Promise((done) => setTimeout(done, 5));
    expect(world.clock.sleeping).toBe(0);
  });

  test('refuses a request for another host, as a rebound name sends it', async () => {
    const { server } = await aServedTask();

    const answer = await sendRaw(
      server.port,
      'GET /v1/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );

    expect(answer).toMatch(/^HTTP\/1\.1 403/);
    expect(answer).toContain('"FORBIDDEN"');
  });

  test('refuses a large body without reading all of it', async () => {
    const { server } = await aServedTask();

    const response = await fetch(`${server.url}/v1/tasks`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: new Blob([' '.repeat(300 * 1024)]).stream(),
      duplex: 'half',
    } as RequestInit);

    expect(response.status).toBe(413);
  });
});
