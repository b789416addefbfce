import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { DeliveryOutcome } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { startFakeSes, type FakeSes, type SesTrouble } from '@abca/wire-fakes/ses';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aNotification } from '../email-world.test-kit.ts';
import { EmailNotifier, sesClientSettings, SesTransport } from '../index.ts';

let ses: FakeSes;
const clients: SESv2Client[] = [];

beforeEach(async () => {
  ses = await startFakeSes();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await ses.close();
});

function notifierAt(endpoint: string, { sendMs = 5_000, settings = sesClientSettings } = {}): EmailNotifier {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new SESv2Client({ ...settings, endpoint, region: 'us-east-1', credentials });
  clients.push(client);
  const transport = new SesTransport(client, { from: 'ABCA <abca@example.com>' });
  return new EmailNotifier({ transport, clock: new FakeClock(), sendMs });
}

/** A client that waits for ever by itself: what ends its call is the signal. */
const patient = { ...sesClientSettings, requestHandler: { ...sesClientSettings.requestHandler, requestTimeout: 0 } };

/** What a try ends as. `unheard`: again, and nobody knows whether it was accepted. */
type End = 'refused' | 'not_accepted' | 'unheard';

function endOf(outcome: DeliveryOutcome): End | 'delivered' | 'skipped' {
  if (outcome.kind !== 'retry') return outcome.kind;
  return outcome.accepted === false ? 'not_accepted' : 'unheard';
}

/** Every trouble that the fake has: one that is added to it does not compile before it stands here. */
const ends: Readonly<Record<SesTrouble, End>> = {
  AccountSuspendedException: 'refused',
  BadRequestException: 'refused',
  MailFromDomainNotVerifiedException: 'refused',
  MessageRejected: 'refused',
  NotFoundException: 'refused',
  AccessDeniedException: 'refused',
  LimitExceededException: 'not_accepted',
  SendingPausedException: 'not_accepted',
  TooManyRequestsException: 'not_accepted',
  ExpiredTokenException: 'not_accepted',
  MissingAuthenticationTokenException: 'not_accepted',
  InternalServiceErrorException: 'unheard',
  ServiceUnavailable: 'unheard',
  lost_request: 'unheard',
  lost_answer: 'unheard',
};

describe('a try by SES', () => {
  test.each(Object.entries(ends) as [SesTrouble, End][])(
    'that meets %s ends as %s, in one call',
    async (trouble, end) => {
      ses.failNext(trouble, Infinity);

      const outcome = await notifierAt(ses.url).deliver(aNotification());

      expect(endOf(outcome)).toBe(end);
      expect(ses.calls.length).toBe(1);
      expect(ses.mailbox.length).toBe(trouble === 'lost_answer' ? 1 : 0);
    },
  );

  test('is left in time by a service that says nothing', async () => {
    const silent = await startSilence();

    const outcome = await notifierAt(silent.url, { sendMs: 200, settings: patient }).deliver(aNotification());

    expect(endOf(outcome)).toBe('unheard');
    await silent.close();
  });

  test('is broken off when the caller says so, with what the caller says', async () => {
    const silent = await startSilence();
    const stopping = new AbortController();
    const reason = new Error('enough');
    const delivering = notifierAt(silent.url, { settings: patient }).deliver(aNotification(), {
      signal: stopping.signal,
    });
    await once(silent.server, 'connection');

    stopping.abort(reason);

    await expect(delivering).rejects.toBe(reason);
    await silent.close();
  });
});

/** A server that takes connections and answers nothing. */
async function startSilence(): Promise<{ server: Server; url: string; close: () => Promise<void> }> {
  const hangUps: (() => void)[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    hangUps.push(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const hangUp of hangUps) hangUp();
    await closed;
  };
  return { server, url: `http://127.0.0.1:${String(port)}`, close };
}
