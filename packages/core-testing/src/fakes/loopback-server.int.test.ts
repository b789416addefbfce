import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  startLoopbackServer,
  type LoopbackAnswer,
  type LoopbackRequest,
  type LoopbackServer,
} from './loopback-server.ts';

const servers: LoopbackServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serverThat(
  answer: (request: LoopbackRequest) => Promise<LoopbackAnswer> | LoopbackAnswer,
): Promise<LoopbackServer> {
  const server = await startLoopbackServer(answer);
  servers.push(server);
  return server;
}

describe('startLoopbackServer()', () => {
  test('hands over what was asked and sends what is answered', async () => {
    const server = await serverThat(({ method, path, query, headers, body }) => ({
      status: 201,
      headers: { 'x-seen': 'yes' },
      body: JSON.stringify({ method, path, q: query.get('q'), type: headers['content-type'], body }),
    }));

    const response = await fetch(`${server.url}/a%2Fb?q=1`, {
      method: 'PUT',
      headers: { 'Content-Type': 'text/x' },
      body: 'hello',
    });

    expect([response.status, response.headers.get('x-seen')]).toStrictEqual([201, 'yes']);
    expect(await response.json()).toStrictEqual({
      method: 'PUT',
      path: '/a%2Fb',
      q: '1',
      type: 'text/x',
      body: 'hello',
    });
  });

  test('sends a stream as it comes', async () => {
    const server = await serverThat(() => ({
      status: 200,
      body: (async function* () {
        yield 'one ';
        yield await Promise.resolve('two');
      })(),
    }));

    expect(await (await fetch(server.url)).text()).toBe('one two');
  });

  test('loses an answer on demand', async () => {
    const server = await serverThat(() => 'hang_up');

    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });

  test('reports a defect of the fake to its caller', async () => {
    const server = await serverThat(() => {
      throw new Error('oops');
    });

    const response = await fetch(server.url);

    expect([response.status, await response.text()]).toStrictEqual([500, expect.stringContaining('oops')]);
  });

  test('tells the fake when the caller hangs up, and when it closes itself', async () => {
    const requests: LoopbackRequest[] = [];
    const arrived = new EventTarget();
    const server = await serverThat(async (request): Promise<LoopbackAnswer> => {
      requests.push(request);
      arrived.dispatchEvent(new Event('request'));
      await once(request.signal, 'abort');
      return 'hang_up';
    });
    const caller = new AbortController();

    const first = once(arrived, 'request');
    const hungUp = fetch(server.url, { signal: caller.signal });
    await first;
    caller.abort();
    await expect(hungUp).rejects.toThrow('aborted');
    const second = once(arrived, 'request');
    const cut = fetch(server.url);
    await second;
    await server.close();

    await expect(cut).rejects.toThrow('fetch failed');
    await server.close();
    expect(requests.map(({ signal }) => signal.aborted)).toStrictEqual([true, true]);
  });
});
