import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { aRequestId, aTaskId } from '@abca/core/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { keyHeader } from './feed-wire.ts';
import { HttpDecisionFeed, serveDecisionFeed, type DecisionFeedServer } from './index.ts';

const key = 'abca-local-key-0123456789abcdef0123456789abcdef';
const request = { taskId: aTaskId(1), requestId: aRequestId() };

describe('HttpDecisionFeed with serveDecisionFeed()', () => {
  const servers: DecisionFeedServer[] = [];
  const serve = async (options: { port?: number; waitMs?: number } = {}): Promise<DecisionFeedServer> => {
    const server = await serveDecisionFeed({ port: 0, key, ...options });
    servers.push(server);
    return server;
  };
  /** A feed that knows where it stands: the first answer comes at once. */
  const listening = async ({ url }: DecisionFeedServer): Promise<HttpDecisionFeed> => {
    const feed = new HttpDecisionFeed({ url, key });
    await feed.changed(request);
    return feed;
  };

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  test('tells of a decision on the task, and of none on another', async () => {
    const server = await serve();
    const feed = await listening(server);
    const told: string[] = [];
    const waiting = feed.changed(request).then(() => told.push('told'));

    server.notify(aTaskId(2));
    const other = await listening(server);
    expect(told).toStrictEqual([]);
    server.notify(aTaskId(1));
    await waiting;

    expect(told).toStrictEqual(['told']);
    await other.changed(request);
  });

  test('tells at once of what happened while nobody waited', async () => {
    const server = await serve();
    const feed = await listening(server);

    server.notify(aTaskId(1));

    await feed.changed(request);
  });

  test('tells at once after the platform was started anew, on the same port', async () => {
    const first = await serve();
    const feed = await listening(first);
    await first.close();
    servers.splice(0);
    const second = await serve({ port: first.port });

    await feed.changed(request);

    expect(second.port).toBe(first.port);
  });

  test('answers without news when its time is over', async () => {
    const feed = await listening(await serve({ waitMs: 20 }));

    await feed.changed(request);
  });

  test('closes although somebody waits', async () => {
    const server = await serve();
    const feed = await listening(server);
    const over = new AbortController();
    const waiting = feed.changed(request, { signal: over.signal }).catch(() => undefined);

    await server.close();
    servers.splice(0);

    over.abort(new Error('enough'));
    await waiting;
  });

  test.each([
    ['nobody listens', async () => 'http://127.0.0.1:1'],
    ['the key is another one', async () => (await serve()).url],
    ['it is no feed', async () => plainServer()],
  ])('leaves whoever waits alone when %s', async (_what, url) => {
    const feed = new HttpDecisionFeed({ url: await url(), key: 'wrong' });
    const over = new AbortController();
    const waiting = feed.changed(request, { signal: over.signal });

    over.abort(new Error('enough'));

    await expect(waiting).rejects.toThrow('enough');
  });

  test('refuses who has no key, and says nothing but that', async () => {
    const { url } = await serve();
    const ask = async (path: string, headers: Record<string, string>): Promise<unknown> => {
      const answer = await fetch(new URL(path, url), { headers });
      return [answer.status, await answer.text()];
    };

    expect(await ask(`/tasks/${aTaskId(1)}/changes`, {})).toStrictEqual([401, '']);
    expect(await ask(`/tasks/${aTaskId(1)}/changes`, { [keyHeader]: `${key.slice(0, -1)}x` })).toStrictEqual([401, '']);
    expect(await ask('/elsewhere', { [keyHeader]: key })).toStrictEqual([404, '']);
  });

  test('says when its port is taken', async () => {
    const { port } = await serve();

    await expect(serve({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });

  async function plainServer(): Promise<string> {
    const server = createServer((_request, response) => response.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push({ close: async () => void server.close() } as DecisionFeedServer);
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }
});
