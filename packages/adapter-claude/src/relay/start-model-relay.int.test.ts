import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { aLogger } from '../run-claude.test-kit.ts';
import { type ModelRelay, startModelRelay } from './start-model-relay.ts';
import { createUpstream } from './upstream.ts';

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((part) => part.close()));
});

async function start(
  answer: (response: ServerResponse) => void,
  idleMs = 5_000,
): Promise<{ relay: ModelRelay; seen: Seen[]; ends: (string | undefined)[] }> {
  const [seen, ends]: [Seen[], (string | undefined)[]] = [[], []];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push({ url: request.url ?? '', headers: request.headers, body: JSON.parse(body) });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
  const relay = await startModelRelay({
    upstream: createUpstream({ provider: 'anthropic', apiKey: 'the-key', baseUrl, model: undefined }),
    redact: (value) => value.replaceAll('secret', '***'),
    prompt: 'the prompt',
    idleMs,
    logger: aLogger(),
    onEnd: (failure) => ends.push(failure),
  });
  open.push(relay, { close: () => (server.closeAllConnections(), server.close()) });
  return { relay, seen, ends };
}

const message = { messages: [{ role: 'user', content: 'a secret' }] };

function post(url: string, body: unknown = message, headers = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

function sse(response: ServerResponse, data: string, isWhole: boolean): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(data, () => (isWhole ? response.end() : response.destroy()));
}

describe('startModelRelay()', () => {
  test('adds the key, redacts, and passes the answer on as it is', async () => {
    const { relay, seen, ends } = await start((response) => sse(response, 'data: {"type":"message_stop"}\n\n', true));

    const response = await post(`${relay.url}/v1/messages?beta=true`, message, {
      authorization: 'Bearer of-the-agent',
      'anthropic-beta': 'b',
    });

    expect(await response.text()).toBe('data: {"type":"message_stop"}\n\n');
    expect(seen).toMatchObject([
      {
        url: '/base/v1/messages?beta=true',
        headers: { 'x-api-key': 'the-key', 'anthropic-beta': 'b', 'accept-encoding': 'identity' },
        body: { messages: [{ role: 'user', content: 'a ***' }] },
      },
    ]);
    expect(seen[0]?.headers.authorization).toBeUndefined();
    expect(ends).toStrictEqual([undefined]);
  });

  test('knows only its own token', async () => {
    const { relay, seen } = await start((response) => response.end());
    const { origin } = new URL(relay.url);

    const answers = await Promise.all([
      post(`${origin}/v1/messages`),
      post(`${origin}/other/v1/messages`),
      post(`${relay.url}x/v1/messages`),
    ]);

    expect(answers.map(({ status }) => status)).toStrictEqual([401, 401, 401]);
    expect(seen).toStrictEqual([]);
  });

  test.each(['/v1/files', '/v1/messages/batches', '/v1/organizations', '/v1/messages/../files'])(
    'passes nothing to %s',
    async (path) => {
      const { relay, seen } = await start((response) => response.end());

      const answer = await post(`${relay.url}${path}`);

      expect(answer.status).toBe(404);
      expect(seen).toStrictEqual([]);
    },
  );

  test('passes no body that it cannot redact', async () => {
    const { relay, seen } = await start((response) => response.end());

    const answer = await post(`${relay.url}/v1/messages`, 'secret, not json');

    expect(answer.status).toBe(400);
    expect(seen).toStrictEqual([]);
  });

  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['an error', (response) => response.writeHead(529).end('{"error":{"message":"all busy"}}'), /^HTTP 529: all busy$/],
    ['a stream that ends early', (response) => sse(response, 'data: {"type":"message_start"}\n\n', true), /broke off/],
    ['a stream that is cut', (response) => sse(response, 'data: {"type":"message_start"}\n\n', false), /broke off/],
    ['silence', () => undefined, /silent for 200 ms/],
  ])('reports %s', async (_, answer, expected) => {
    const { relay, ends } = await start(answer, 200);

    await post(`${relay.url}/v1/messages`)
      .then((response) => response.text())
      .catch(() => undefined);

    expect(ends[0]).toMatch(expected);
  });
});
