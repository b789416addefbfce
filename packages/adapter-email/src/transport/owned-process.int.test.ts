import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MailServer } from './smtp-world.test-kit.ts';

/** What all programs begin with: a message, and a port that was free a moment ago. */
const prelude = `
  import { createServer } from 'node:net';
  import { once } from 'node:events';
  import { EmailNotifier, sesClientSettings, SesTransport, SmtpTransport } from '@abca/adapter-email';
  import { aNotification } from './src/email-world.test-kit.ts';
  import { FakeClock } from '@abca/core/testing';
  const tell = async (transport) =>
    console.log(JSON.stringify(await new EmailNotifier({ transport, clock: new FakeClock() }).deliver(aNotification())));
`;

const refusedBySes = `
  import { SESv2Client } from '@aws-sdk/client-sesv2';
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = 'http://127.0.0.1:' + server.address().port;
  server.close();
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new SESv2Client({ ...sesClientSettings, endpoint, region: 'us-east-1', credentials });
  await tell(new SesTransport(client, { from: 'abca@example.com' }));
`;

const bySmtp = (url: string): string => `
  const transport = new SmtpTransport({ url: ${JSON.stringify(url)}, from: 'abca@example.com' });
  await tell(transport);
  await transport.close();
`;

const closedInTheMiddle = (url: string): string => `
  const transport = new SmtpTransport({ url: ${JSON.stringify(url)}, from: 'abca@example.com' });
  const telling = tell(transport);
  process.stdin.once('data', () => transport.close());
  await telling;
  process.stdin.destroy();
`;

let server: MailServer;
let url: string;
beforeEach(async () => {
  server = new MailServer();
  url = await server.start();
});
afterEach(() => server.close());

function start(program: string) {
  const flags = ['--conditions=@abca/source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
  const child = spawn(process.execPath, [...flags, '--eval', prelude + program], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 15_000,
  });
  const end = Promise.all([text(child.stdout), once(child, 'exit')]);
  return {
    child,
    end: end.then(([said, [code]]) => ({ outcome: JSON.parse(said) as unknown, code: code as unknown })),
  };
}

// Not within Jest: its realm takes the code from errors of Node, and its own handles would hide one that is left.
describe('a process that sends mail', () => {
  test('knows of a service that is away that it has nothing, and ends by itself', async () => {
    expect(await start(refusedBySes).end).toStrictEqual({
      outcome: {
        kind: 'retry',
        code: 'ECONNREFUSED',
        message: expect.stringContaining('connect ECONNREFUSED 127.0.0.1'),
        accepted: false,
      },
      code: 0,
    });
  });

  test('ends by itself after a message over SMTP', async () => {
    expect(await start(bySmtp(url)).end).toStrictEqual({ outcome: { kind: 'delivered' }, code: 0 });
    expect(server.taken.length).toBe(1);
  });

  test('ends by itself when the transport is closed in the middle of one', async () => {
    server.answer = 'silence';
    const { child, end } = start(closedInTheMiddle(url));
    const lastMs = Date.now() + 10_000;
    while (server.open === 0 && Date.now() < lastMs) await new Promise((resolve) => setImmediate(resolve));

    child.stdin.write('close\n');

    // Not ETIMEDOUT: it did not wait until nodemailer lost its patience.
    expect(await end).toStrictEqual({
      outcome: { kind: 'retry', code: 'EABORT', message: 'Message sending aborted' },
      code: 0,
    });
    expect(server.taken).toStrictEqual([]);
  });
});
