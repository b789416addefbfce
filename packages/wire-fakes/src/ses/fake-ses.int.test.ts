import { SendEmailCommand, SESv2Client, GetAccountCommand, type SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sesErrorNames, startFakeSes, type FakeSes } from './index.ts';

let ses: FakeSes;
let client: SESv2Client;

const clientOf = (maxAttempts: number): SESv2Client =>
  new SESv2Client({
    endpoint: ses.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts,
  });
beforeEach(async () => {
  ses = await startFakeSes({ identities: ['example.com', 'one@elsewhere.org'], configurationSets: ['abca'] });
  client = clientOf(1);
});
afterEach(async () => {
  client.destroy();
  await ses.close();
});

const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
interface Parts {
  readonly from?: string;
  readonly to?: string[];
  readonly subject?: string;
  readonly headers?: Record<string, string>;
  readonly more?: Partial<SendEmailCommandInput>;
}
const send = (
  { from, to, subject, headers = {}, more }: Parts = {},
  by = client,
): Promise<{ MessageId?: string | undefined }> =>
  by.send(
    new SendEmailCommand({
      FromEmailAddress: from ?? 'abca@example.com',
      Destination: { ToAddresses: to ?? ['ann@example.org'] },
      Content: {
        Simple: {
          Subject: utf8(subject ?? 'Grüße'),
          Body: { Text: utf8('naïve'), Html: utf8('<p>naïve</p>') },
          Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
        },
      },
      ...more,
    }),
  );
const errorOf = (call: Promise<unknown>): Promise<{ name: string; status: number | undefined }> =>
  call.then(
    () => ({ name: 'no error', status: 200 }),
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) => ({
      name: error.name,
      status: error.$metadata?.httpStatusCode,
    }),
  );

describe('FakeSes, SendEmail', () => {
  test('delivers what it is sent', async () => {
    const { MessageId } = await send({ headers: { References: '<a@b>' }, more: { ConfigurationSetName: 'abca' } });

    expect(ses.mailbox).toStrictEqual([
      {
        messageId: MessageId,
        from: 'abca@example.com',
        to: ['ann@example.org'],
        subject: 'Grüße',
        text: 'naïve',
        html: '<p>naïve</p>',
        headers: { References: '<a@b>' },
        configurationSet: 'abca',
      },
    ]);
  });

  test('the same request again is another message', async () => {
    const ids = [await send(), await send()].map(({ MessageId }) => MessageId);

    expect(new Set(ids).size).toBe(2);
    expect(ses.mailbox.map(({ messageId }) => messageId)).toStrictEqual(ids);
  });

  test('takes a verified address, a verified domain, with a name or without', async () => {
    const senders = ['one@elsewhere.org', 'ABCA <abca@example.com>', 'any@Example.com'];

    for (const from of senders) await send({ from });

    expect(ses.mailbox.map(({ from }) => from)).toStrictEqual(senders);
  });

  test('accepts what is for suppressed addresses, and gives it to nobody', async () => {
    ses.suppress('Ann@example.org');
    await send({ to: ['ann@example.org'] });
    await send({ to: ['ann@example.org', 'bob@example.org'] });

    expect(ses.mailbox.map(({ to }) => to)).toStrictEqual([['bob@example.org']]);
    expect(ses.suppressed.map(({ to }) => to)).toStrictEqual([['ann@example.org']]);
  });

  test('a text without a character set loses what is not ASCII', async () => {
    const Content = { Simple: { Subject: { Data: 'ü' }, Body: { Text: { Data: 'aü' } } } };
    await send({ more: { Content } });

    expect(ses.mailbox).toMatchObject([{ subject: '?', text: 'a?' }]);
  });

  test.each([
    ['an unverified sender', { from: 'two@elsewhere.org' }, 'MessageRejected'],
    ['an unknown configuration set', { more: { ConfigurationSetName: 'x' } }, 'NotFoundException'],
    ['nobody to send to', { to: [] }, 'BadRequestException'],
    ['too many to send to', { to: Array.from({ length: 51 }, (_, n) => `${String(n)}@x.org`) }, 'BadRequestException'],
    ['a subject of two lines', { subject: 'a\r\nBcc: eve@example.org' }, 'BadRequestException'],
    ['an address of two lines', { to: ['a@x.org\nBcc: b@x.org'] }, 'BadRequestException'],
    ['a header of two lines', { headers: { 'X-A': 'a\r\nBcc: b' } }, 'BadRequestException'],
    ['a header that is not ASCII', { headers: { 'X-A': 'ü' } }, 'BadRequestException'],
    ['a header with a colon in its name', { headers: { 'X:A': 'a' } }, 'BadRequestException'],
    ['a header that is too long', { headers: { 'X-A': 'a'.repeat(994) } }, 'BadRequestException'],
    ['a message id of its own', { headers: { 'Message-ID': '<a@b>' } }, 'BadRequestException'],
    [
      '16 headers',
      { headers: Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`X-${String(n)}`, 'a'])) },
      'BadRequestException',
    ],
    ['no text at all', { more: { Content: { Simple: { Subject: utf8('a'), Body: {} } } } }, 'BadRequestException'],
    ['a raw message', { more: { Content: { Raw: { Data: new Uint8Array([1]) } } } }, 'BadRequestException'],
  ] as [string, Parts, string][])('refuses %s', async (_what, parts, name) => {
    expect(await errorOf(send(parts))).toMatchObject({ name });
    expect([...ses.mailbox, ...ses.suppressed]).toStrictEqual([]);
  });

  test('knows no other operation', async () => {
    expect(await errorOf(client.send(new GetAccountCommand({})))).toStrictEqual({
      name: 'NotFoundException',
      status: 404,
    });
  });

  test('asks for a signature of its own service', async () => {
    const answers = await Promise.all(
      [undefined, 'Bearer x', 'AWS4-HMAC-SHA256 Credential=a/b/us-east-1/s3/aws4_request, SignedHeaders=host'].map(
        (authorization) =>
          fetch(`${ses.url}/v2/email/outbound-emails`, {
            method: 'POST',
            ...(authorization !== undefined && { headers: { authorization } }),
            body: '{}',
          }),
      ),
    );

    expect(answers.map(({ status }) => status)).toStrictEqual([403, 403, 403]);
  });
});

describe('FakeSes, troubles', () => {
  test.each(sesErrorNames)('answers %s, once, without an effect', async (name) => {
    ses.failNext(name);

    expect((await errorOf(send())).name).toBe(name);
    expect(ses.mailbox).toStrictEqual([]);
    await send();
    expect(ses.mailbox.length).toBe(1);
  });

  test('a request that is lost has no effect; one whose answer is lost has', async () => {
    ses.failNext('lost_request');
    ses.failNext('lost_answer');

    const errors = [await errorOf(send()), await errorOf(send())];

    expect(errors.map(({ status }) => status)).toStrictEqual([undefined, undefined]);
    expect(ses.mailbox.length).toBe(1);
    expect(ses.calls.length).toBe(2);
  });

  test('a client that repeats a call by itself sends twice what was accepted', async () => {
    const stubborn = clientOf(2);
    ses.failNext('lost_answer');

    await send({}, stubborn);
    stubborn.destroy();

    expect(ses.mailbox.length).toBe(2);
  });

  test('what is ordered for good lasts until it is over', async () => {
    ses.failNext('SendingPausedException', Infinity);
    const names = [await errorOf(send()), await errorOf(send())].map(({ name }) => name);
    ses.recover();
    await send();

    expect(names).toStrictEqual(['SendingPausedException', 'SendingPausedException']);
    expect(ses.mailbox.length).toBe(1);
  });
});
