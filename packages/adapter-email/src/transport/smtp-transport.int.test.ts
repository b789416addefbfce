import { AbcaError } from '@abca/core';
import { aTaskId, FakeClock } from '@abca/core/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aNotification, anEvent } from '../email-world.test-kit.ts';
import { EmailNotifier, SmtpTransport } from '../index.ts';
import { MailServer } from './smtp-world.test-kit.ts';

let server: MailServer;
let url: string;
let transport: SmtpTransport;
let notifier: EmailNotifier;

const use = (address: string, sendMs = 5_000): void => {
  transport = new SmtpTransport({ url: address, from: 'ABCA <abca@example.com>' });
  notifier = new EmailNotifier({ transport, clock: new FakeClock(), sendMs });
};
beforeEach(async () => {
  server = new MailServer();
  url = await server.start();
  use(url);
});
afterEach(async () => {
  await transport.close();
  await server.close();
});

/** Headers of a message by lower-case name; one that comes twice as a list. */
function headersOf(source: string): Record<string, string[]> {
  const [head = ''] = source.split('\r\n\r\n');
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    (headers[line.slice(0, at).toLowerCase()] ??= []).push(line.slice(at + 1).trim());
  }
  return headers;
}

describe('SmtpTransport', () => {
  test('sends a message that names itself, its thread and its reader, in text and HTML', async () => {
    expect(await notifier.deliver(aNotification())).toStrictEqual({ kind: 'delivered' });

    const [{ from, to, source } = { from: '', to: [], source: '' }] = server.taken;
    expect([from, to]).toStrictEqual(['abca@example.com', ['ann@example.org']]);
    expect(headersOf(source)).toMatchObject({
      from: ['ABCA <abca@example.com>'],
      to: ['ann@example.org'],
      subject: ['Done: Fix the failing test'],
      'message-id': [`<abca.${aTaskId()}.7@example.com>`],
      references: [`<abca.${aTaskId()}@example.com>`],
      'in-reply-to': [`<abca.${aTaskId()}@example.com>`],
      'auto-submitted': ['auto-generated'],
      'x-abca-delivery': [`abca.${aTaskId()}.7`],
      'content-type': [expect.stringMatching(/^multipart\/alternative;/)],
    });
    expect(source).toMatch(/content-type: text\/plain; charset=utf-8/i);
    expect(source).toMatch(/content-type: text\/html; charset=utf-8/i);
  });

  test('a task that says otherwise adds no header and no reader', async () => {
    const taskDescription = 'x\r\nBcc: eve@example.org\r\n\r\nhello';
    await notifier.deliver(aNotification({ task: { ...aNotification().task, taskDescription } }));

    const [{ to, source } = { to: [], source: '' }] = server.taken;
    expect(to).toStrictEqual(['ann@example.org']);
    expect(headersOf(source)['bcc']).toBeUndefined();
    expect(headersOf(source)['subject']).toStrictEqual(['Done: x Bcc: eve@example.org hello']);
  });

  test('a repeated try has the same Message-ID, another event another one of the same thread', async () => {
    await notifier.deliver(aNotification());
    await notifier.deliver(aNotification({ uncertain: true }));
    await notifier.deliver(aNotification({ event: anEvent({ seq: 8 }) }));

    const headers = server.taken.map(({ source }) => headersOf(source));
    expect(headers.map((of) => of['message-id'])).toStrictEqual(
      [7, 7, 8].map((seq) => [`<abca.${aTaskId()}.${String(seq)}@example.com>`]),
    );
    expect(new Set(headers.map((of) => of['references']?.[0])).size).toBe(1);
  });

  test.each([
    [550, { kind: 'refused', code: 'SMTP_550' }],
    [554, { kind: 'refused', code: 'SMTP_554' }],
    [421, { kind: 'retry', code: 'SMTP_421', accepted: false }],
    [451, { kind: 'retry', code: 'SMTP_451', accepted: false }],
  ])('an answer of %d to the message is %j', async (code, expected) => {
    server.answer = { code };

    expect(await notifier.deliver(aNotification())).toMatchObject(expected);
  });

  test('a reader whom the server does not know is for good', async () => {
    await server.close();
    server = new MailServer({
      onRcptTo: (_address, _session, done) => {
        done(Object.assign(new Error('no such user'), { responseCode: 550 }));
      },
    });
    use(await server.start());

    expect(await notifier.deliver(aNotification())).toMatchObject({ kind: 'refused', code: 'SMTP_550' });
  });

  test('a server that accepts and hangs up may have it: nobody knows', async () => {
    server.answer = 'accept_and_hang_up';

    const outcome = await notifier.deliver(aNotification());

    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(outcome).not.toHaveProperty('accepted');
    expect(server.taken.length).toBe(1);
  });

  test('a server that is away surely has nothing', async () => {
    await server.close();

    expect(await notifier.deliver(aNotification())).toMatchObject({
      kind: 'retry',
      code: 'ECONNREFUSED',
      accepted: false,
    });
  });

  test('a server that does not answer is left in time, and its connection closed', async () => {
    use(url, 100);
    server.answer = 'silence';

    const outcome = await notifier.deliver(aNotification());

    expect(outcome).toMatchObject({ kind: 'retry' });
    await eventually(() => server.open === 0);
  });

  test('shows its user and password to the server, and to nobody else', async () => {
    await server.close();
    const seen: unknown[] = [];
    server = new MailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        seen.push([username, password]);
        done(new Error('wrong'));
      },
    });
    use((await server.start()).replace('smtp://', 'smtp://ann:pass-word@'));

    const outcome = await notifier.deliver(aNotification());

    expect(seen).toStrictEqual([['ann', 'pass-word']]);
    expect(outcome).toMatchObject({ kind: 'refused', code: 'SMTP_535' });
    expect(JSON.stringify(outcome)).not.toContain('pass-word');
  });

  test('no connection is left open after a message', async () => {
    await notifier.deliver(aNotification());

    await eventually(() => server.open === 0);
  });

  test('close() breaks off what is being sent, and may be repeated', async () => {
    server.answer = 'silence';
    const sending = notifier.deliver(aNotification());
    await eventually(() => server.open === 1);

    await transport.close();
    await transport.close();

    expect(await sending).toMatchObject({ kind: 'retry' });
    await eventually(() => server.open === 0);
    expect(await notifier.deliver(aNotification())).toMatchObject({ kind: 'retry' });
    expect(server.taken).toStrictEqual([]);
  });

  test.each(['', 'localhost:25', 'http://localhost', 'smtp://', 'smtp:///x', 'smtp://user:se-cret@'])(
    'is not made of the address %j, which is not shown',
    (address) => {
      let thrown: unknown;
      try {
        new SmtpTransport({ url: address, from: 'abca@example.com' });
      } catch (error) {
        thrown = error;
      }

      expect(AbcaError.is(thrown, 'CONFIG_INVALID')).toBe(true);
      expect(String(thrown)).not.toContain('se-cret');
    },
  );
});

/** Looks again and again, for at most five seconds. */
async function eventually(isSo: () => boolean): Promise<void> {
  const endMs = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > endMs) throw new Error('it did not come about');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
