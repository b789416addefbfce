import { SESv2Client } from '@aws-sdk/client-sesv2';
import { startFakeSes, type FakeSes } from '@abca/wire-fakes/ses';
import { aTaskId, FakeClock } from '@abca/core/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aNotification, anEvent, aRequestNotification } from '../email-world.test-kit.ts';
import { EmailNotifier, sesClientSettings, SesTransport } from '../index.ts';

let ses: FakeSes;
let client: SESv2Client;

beforeEach(async () => {
  ses = await startFakeSes({ configurationSets: ['abca'] });
  client = new SESv2Client({
    ...sesClientSettings,
    endpoint: ses.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
});
afterEach(async () => {
  client.destroy();
  await ses.close();
});

const notifierFrom = (from: string, configurationSet?: string): EmailNotifier => {
  const transport = new SesTransport(client, { from, ...(configurationSet !== undefined && { configurationSet }) });
  return new EmailNotifier({ transport, clock: new FakeClock() });
};
const notifier = (): EmailNotifier => notifierFrom('ABCA <abca@example.com>', 'abca');

describe('SesTransport', () => {
  test('sends what the reader gets, whole', async () => {
    const task = { ...aNotification().task, taskDescription: 'Größe: 日本 🙂' };

    expect(await notifier().deliver(aNotification({ task }))).toStrictEqual({ kind: 'delivered' });

    const root = `<abca.${aTaskId()}@example.com>`;
    expect(ses.mailbox).toStrictEqual([
      {
        messageId: expect.any(String),
        from: 'ABCA <abca@example.com>',
        to: ['ann@example.org'],
        subject: 'Done: Größe: 日本 🙂',
        text: expect.stringContaining('Done: Größe: 日本 🙂\n'),
        html: expect.stringContaining('<h2>Done: Größe: 日本 🙂</h2>'),
        headers: {
          'Auto-Submitted': 'auto-generated',
          'X-ABCA-Delivery': `abca.${aTaskId()}.7`,
          References: root,
          'In-Reply-To': root,
        },
        configurationSet: 'abca',
      },
    ]);
  });

  test('all messages of a task are of one thread, each with a name of its own', async () => {
    await notifier().deliver(aNotification({ event: anEvent({ seq: 1 }) }));
    await notifier().deliver(aRequestNotification());

    const headers = ses.mailbox.map((mail) => mail.headers);
    expect(new Set(headers.map((of) => of['References'])).size).toBe(1);
    expect(new Set(headers.map((of) => of['X-ABCA-Delivery'])).size).toBe(2);
  });

  test.each([
    ['MessageRejected', 'refused'],
    ['MailFromDomainNotVerifiedException', 'refused'],
    ['AccountSuspendedException', 'refused'],
    ['NotFoundException', 'refused'],
    ['BadRequestException', 'refused'],
    ['AccessDeniedException', 'refused'],
    ['SendingPausedException', 'retry'],
    ['TooManyRequestsException', 'retry'],
    ['LimitExceededException', 'retry'],
  ] as const)('%s ends a try as %s, and nothing is said', async (name, kind) => {
    ses.failNext(name);

    const outcome = await notifier().deliver(aNotification());

    const message = `the fake was told to answer ${name}`;
    expect(outcome).toStrictEqual({ kind, code: name, message, ...(kind === 'retry' && { accepted: false }) });
    expect(ses.mailbox).toStrictEqual([]);
    expect(ses.calls.length).toBe(1);
  });

  test.each(['InternalServiceErrorException', 'ServiceUnavailable', 'lost_request'] as const)(
    'nobody knows of %s, and it is tried again',
    async (trouble) => {
      ses.failNext(trouble);

      const outcome = await notifier().deliver(aNotification());

      expect(outcome).toMatchObject({ kind: 'retry' });
      expect(outcome).not.toHaveProperty('accepted');
      expect(await notifier().deliver(aNotification({ uncertain: true }))).toStrictEqual({ kind: 'delivered' });
      expect(ses.mailbox.length).toBe(1);
    },
  );

  test('a message whose acceptance nobody learned of is sent again under the same name, once for each try', async () => {
    ses.failNext('lost_answer');

    const first = await notifier().deliver(aNotification());
    const second = await notifier().deliver(aNotification({ uncertain: true }));

    expect([first.kind, second.kind]).toStrictEqual(['retry', 'delivered']);
    expect(ses.mailbox.map(({ headers }) => headers['X-ABCA-Delivery'])).toStrictEqual([
      `abca.${aTaskId()}.7`,
      `abca.${aTaskId()}.7`,
    ]);
  });

  test('a sender that is not verified, or a configuration set that is not there, is for good', async () => {
    expect(await notifierFrom('abca@elsewhere.org').deliver(aNotification())).toMatchObject({
      kind: 'refused',
      code: 'MessageRejected',
    });
    expect(await notifierFrom('abca@example.com', 'none').deliver(aNotification())).toMatchObject({
      kind: 'refused',
      code: 'NotFoundException',
    });
  });

  test('an address that SES does not send to any more counts as told', async () => {
    ses.suppress('ann@example.org');

    expect(await notifier().deliver(aNotification())).toStrictEqual({ kind: 'delivered' });
    expect(ses.mailbox).toStrictEqual([]);
  });

  test('a service that is away is tried again', async () => {
    await ses.close();

    // Its code is in the table of classifyMailError(): here it is lost, for the SDK wraps an error of another realm.
    expect(await notifier().deliver(aNotification())).toMatchObject({ kind: 'retry' });
  });
});
