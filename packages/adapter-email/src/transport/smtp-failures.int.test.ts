import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { FakeClock } from '@abca/core/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { aNotification } from '../email-world.test-kit.ts';
import { EmailNotifier, SmtpTransport } from '../index.ts';

const stages = ['greeting', 'sender', 'reader', 'message'] as const;
type Stage = (typeof stages)[number];
/** An answer by its number, a reset, a connection that is closed in order, or nothing at all. */
type Trouble = number | 'reset' | 'hang_up' | 'silence';
type Done = (error?: Error | null) => void;

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** A server that goes wrong at one stage, a notifier that sends by it, and a promise of that stage. */
async function aServerThat(trouble: Trouble, stage: Stage, sendMs = 5_000) {
  const reached = Promise.withResolvers<undefined>();
  const at = (here: Stage, done: Done): void => {
    if (here !== stage) {
      done();
      return;
    }
    reached.resolve(undefined);
    if (typeof trouble === 'number') done(Object.assign(new Error('not now'), { responseCode: trouble }));
    else if (trouble !== 'silence') hangUp(trouble === 'reset');
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onConnect: (_session, done) => at('greeting', done),
    onMailFrom: (_address, _session, done) => at('sender', done),
    onRcptTo: (_address, _session, done) => at('reader', done),
    onData: (stream, _session, done) => {
      stream.on('end', () => at('message', done)).resume();
    },
  });
  const hangUp = (isReset: boolean): void => {
    for (const { _socket } of server.connections) {
      if (isReset) _socket.resetAndDestroy();
      else _socket.end();
    }
  };
  server.on('error', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.server.address() as AddressInfo;
  const url = `smtp://127.0.0.1:${String(port)}`;
  const transport = new SmtpTransport({ url, from: 'abca@example.com' });
  endings.push(async () => {
    await transport.close();
    hangUp(true);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { notifier: new EmailNotifier({ transport, clock: new FakeClock(), sendMs }), reached: reached.promise };
}

describe.each(stages)('a server that goes wrong at the %s', (stage) => {
  test.each([421, 450, 451, 452, 454, 503])('with %d has taken nothing, and may do so later', async (code) => {
    const { notifier } = await aServerThat(code, stage);

    expect(await notifier.deliver(aNotification())).toStrictEqual({
      kind: 'retry',
      code: `SMTP_${String(code)}`,
      message: expect.stringContaining('not now'),
      accepted: false,
    });
  });

  test.each([550, 552, 553, 554, 571])('with %d is done with it', async (code) => {
    const { notifier } = await aServerThat(code, stage);

    expect(await notifier.deliver(aNotification())).toStrictEqual({
      kind: 'refused',
      code: `SMTP_${String(code)}`,
      message: expect.stringContaining('not now'),
    });
  });

  test.each(['reset', 'hang_up'] as const)('with a %s leaves it to another try: nobody knows', async (trouble) => {
    const { notifier } = await aServerThat(trouble, stage);

    const outcome = await notifier.deliver(aNotification());

    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(outcome).not.toHaveProperty('accepted');
  });

  test('with silence is left in time', async () => {
    const { notifier } = await aServerThat('silence', stage, 200);

    const outcome = await notifier.deliver(aNotification());

    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(outcome).not.toHaveProperty('accepted');
  });

  test('with silence is left when the caller says so, with what the caller says', async () => {
    const { notifier, reached } = await aServerThat('silence', stage);
    const stopping = new AbortController();
    const reason = new Error('enough');
    const delivering = notifier.deliver(aNotification(), { signal: stopping.signal });
    await reached;

    stopping.abort(reason);

    await expect(delivering).rejects.toBe(reason);
  });
});
