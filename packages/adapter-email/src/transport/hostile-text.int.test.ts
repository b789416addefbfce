import { anApproval, aTask, FakeClock } from '@abca/core/testing';
import { startFakeSes, type FakeSes } from '@abca/wire-fakes/ses';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aNotification, anEvent, aRequestNotification } from '../email-world.test-kit.ts';
import { EmailNotifier, sesClientSettings, SesTransport, SmtpTransport, type MailTransport } from '../index.ts';
import { MailServer } from './smtp-world.test-kit.ts';

let ses: FakeSes;
let client: SESv2Client;
let server: MailServer;
let smtp: SmtpTransport;

beforeEach(async () => {
  ses = await startFakeSes();
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  client = new SESv2Client({ ...sesClientSettings, endpoint: ses.url, region: 'us-east-1', credentials });
  server = new MailServer();
  smtp = new SmtpTransport({ url: await server.start(), from: 'abca@example.com' });
});
afterEach(async () => {
  client.destroy();
  await smtp.close();
  await Promise.all([ses.close(), server.close()]);
});

const injected = '\r\nBcc: eve@example.org\r\nX-Evil: 1\r\n\r\nbody';
const hostile = {
  'line breaks': `x${injected}`,
  'line breaks of other kinds': 'x\nBcc: eve@example.org\rX-Evil: 1\u2028X-Evil: 2\u0085X-Evil: 3\u0000',
  '10,000 characters': 'x'.repeat(10_000),
  '10,000 characters beyond ASCII': '日🙂'.repeat(3_334),
  'line breaks after 10,000 characters': `${'x '.repeat(5_000)}${injected}`,
  'half of a character': 'x\ud83d',
  'an encoded word': '=?utf-8?Q?=0D=0ABcc:_eve@example.org?=',
};

/** Both messages, with `text` as what a person, an agent or a broken store wrote. */
async function tellAll(transport: MailTransport, text: string): Promise<string[]> {
  const notifier = new EmailNotifier({ transport, clock: new FakeClock() });
  const task = aTask({ status: 'COMPLETED', taskDescription: text });
  const event = anEvent({ taskId: text as never });
  const approval = anApproval({ toolName: text, repo: text as never, reason: text, input: text });
  const outcomes = [
    await notifier.deliver(aNotification({ task, event })),
    await notifier.deliver(aRequestNotification(approval)),
  ];
  return outcomes.map(({ kind }) => kind);
}

describe.each(Object.entries(hostile))('a text of %s', (_what, text) => {
  test('goes by SES without another header or reader', async () => {
    expect(await tellAll(new SesTransport(client, { from: 'abca@example.com' }), text)).toStrictEqual([
      'delivered',
      'delivered',
    ]);

    for (const { to, headers, subject } of ses.mailbox) {
      expect(to).toStrictEqual(['ann@example.org']);
      expect(Object.keys(headers).sort()).toStrictEqual(
        ['Auto-Submitted', 'In-Reply-To', 'References', 'X-ABCA-Delivery'].sort(),
      );
      expect(subject).not.toMatch(/[\r\n]/);
    }
  });

  test('goes by SMTP without another header or reader', async () => {
    expect(await tellAll(smtp, text)).toStrictEqual(['delivered', 'delivered']);

    expect(server.taken.map(({ to }) => to)).toStrictEqual([['ann@example.org'], ['ann@example.org']]);
    for (const { source } of server.taken) {
      expect(namesOf(source)).toStrictEqual([
        'auto-submitted',
        'content-type',
        'date',
        'from',
        'in-reply-to',
        'message-id',
        'mime-version',
        'references',
        'subject',
        'to',
        'x-abca-delivery',
      ]);
      // RFC 5322, 2.1.1: the longest line that a server has to take.
      expect(Math.max(...source.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    }
  });
});

function namesOf(source: string): string[] {
  const [head = ''] = source.split('\r\n\r\n');
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return lines.map((line) => line.slice(0, line.indexOf(':')).toLowerCase()).sort();
}
