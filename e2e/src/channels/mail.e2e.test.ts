import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { call, whenEnded } from '../support/api.ts';
import { Scene, submitTask } from '../support/scene.ts';
import { until } from '../support/until.ts';
import { changelogRule, changelogScript } from './channel-scene.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(120_000);

/** A mail server on loopback that keeps what it is given. */
async function startMailServer(): Promise<{ url: string; mails: string[]; close(): Promise<void> }> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    // Nothing leaves loopback, no question to a name server either.
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${String(port)}`,
    mails,
    close: () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  };
}

/** The text of a mail as it was before it was made fit for SMTP. */
function unfolded(mail: string): string {
  return mail.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
}

describe('a person with mail', () => {
  let scene: Scene | undefined;
  let server: Awaited<ReturnType<typeof startMailServer>> | undefined;

  afterEach(async () => {
    await scene?.end();
    await server?.close();
  });

  test('is asked by mail, decides on the page of its link, and is told the end', async () => {
    const mail = await startMailServer();
    server = mail;
    const up = await Scene.up({
      script: changelogScript,
      flags: { smtp: mail.url, emailFrom: 'abca@example.com', leaseMs: 20_000 },
      blueprint: { security: { cedar_policies: { soft: changelogRule } } },
    });
    scene = up.scene;
    const { platform } = up;
    await call(platform, 'PUT', '/v1/notifications', { body: { email: { address: 'ann@example.com' } } });
    const taskId = await submitTask(platform);

    const link = await until(
      async () =>
        mail.mails.map((text) => /http:\S+\/v1\/approvals\/link\/[\w.-]+/.exec(unfolded(text))?.[0]).find(Boolean),
      {
        boundMs: 60_000,
        what: async () => JSON.stringify(mail.mails),
      },
    );
    const page = await fetch(link);
    const decided = await fetch(link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(link).origin },
      body: 'decision=approve',
    });
    const again = await fetch(link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(link).origin },
      body: 'decision=deny',
    });
    const ended = await whenEnded(platform, taskId);

    expect([page.status, decided.status, again.status]).toStrictEqual([200, 200, 409]);
    expect(await page.text()).toContain('CHANGELOG.md');
    expect(ended).toMatchObject({ status: 'COMPLETED' });
    await until(async () => (mail.mails.length === 2 ? true : undefined), {
      boundMs: 20_000,
      what: async () => JSON.stringify(mail.mails),
    });
    expect(mail.mails.every((text) => /^To: ann@example\.com$/m.test(text))).toBe(true);
  });
});
