import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { aBench, type Bench, bash } from './run-claude.test-kit.ts';

/** One message of the AWS event stream: lengths, headers and payload, each part followed by its checksum. */
function frame(payload: unknown): Buffer {
  const headers = Buffer.concat(
    Object.entries({ ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' }).map(
      ([name, value]) =>
        Buffer.concat([
          Buffer.from([name.length]),
          Buffer.from(name),
          Buffer.from([7, value.length >> 8, value.length & 255]),
          Buffer.from(value),
        ]),
    ),
  );
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + body.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, headers, body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(message));
  return Buffer.concat([message, checksum]);
}

interface FakeBedrock {
  readonly server: Server;
  readonly url: string;
  readonly seen: { url: string; headers: IncomingHttpHeaders }[];
}

/** Answers `invoke-with-response-stream` with what the scripted model streams, in Bedrock's framing. */
async function startFakeBedrock(modelUrl: string): Promise<FakeBedrock> {
  const seen: FakeBedrock['seen'] = [];
  const server = createServer((request, response) => {
    void (async () => {
      seen.push({ url: request.url ?? '', headers: request.headers });
      const body = { ...JSON.parse(await text(request)), model: 'on-bedrock', stream: true };
      const answer = await fetch(`${modelUrl}/v1/messages`, { method: 'POST', body: JSON.stringify(body) });
      const events = (await answer.text()).split('\n\n').filter(Boolean);
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
      for (const event of events) {
        const data = event.slice(event.indexOf('data: ') + 6);
        response.write(frame({ bytes: Buffer.from(data).toString('base64') }));
      }
      response.end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

let bench: Bench | undefined;
let bedrock: FakeBedrock | undefined;
afterEach(async () => {
  bedrock?.server.closeAllConnections();
  bedrock?.server.close();
  await bench?.dispose();
});

describe('ClaudeCodingAgent › on Bedrock', () => {
  test('signs each request itself, so that the credentials never enter a process of the agent', async () => {
    bench = await aBench({
      turns: [bash('tr "\\0" "\\n" < /proc/$(ps -o ppid= -p $$ | tr -d " ")/environ; env'), { text: 'done' }],
    });
    bedrock = await startFakeBedrock(bench.model.url);
    const credentials = { accessKeyId: 'the-key-id', secretAccessKey: 'the-secret', sessionToken: 'the-token' };

    const outcome = await bench.run({
      options: {
        model: {
          provider: 'bedrock',
          region: 'eu-west-1',
          model: 'us.anthropic.some-model-v1:0',
          baseUrl: bedrock.url,
          credentials,
        },
      },
    });

    expect(outcome).toMatchObject({ kind: 'finished', summary: 'done', turns: 2 });
    expect(bedrock.seen[0]?.url).toBe('/model/us.anthropic.some-model-v1:0/invoke-with-response-stream');
    expect(bedrock.seen[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=the-key-id\/\d{8}\/eu-west-1\/bedrock\/aws4_request/,
      ),
      'x-amz-security-token': 'the-token',
    });
    expect(bench.toolResults()[0]).toContain('CLAUDE_CODE_USE_BEDROCK=1');
    expect(JSON.stringify(bench.model.requests.map(({ body }) => body))).not.toMatch(/the-key-id|the-secret|the-token/);
  });
});
