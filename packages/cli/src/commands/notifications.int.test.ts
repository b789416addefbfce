import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cli, endRuns } from '../cli.test-kit.ts';
import { FakeApi } from '../fake-api.test-kit.ts';

let api: FakeApi;
let env: Record<string, string>;

beforeEach(async () => {
  api = await FakeApi.start();
  env = { ABCA_URL: api.url, ABCA_TOKEN: api.token };
});
afterEach(async () => {
  await endRuns();
  await api.close();
});

const run = (args: string, terminal = false) => cli(['notifications', ...args.split(' ')], { env, terminal });
const sent = () =>
  api.requests.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => ({ method, path, body }));

describe('bgagent notifications show', () => {
  test('shows each channel, how somebody is told on it, and whether the platform can', async () => {
    api.notifications = { slack: { conversation: 'C0AB', min_severity: 'medium' }, channels: ['slack', 'github'] };

    const { code, stdout, stderr } = await run('show');

    expect([code, stderr]).toStrictEqual([0, '']);
    expect(stdout).toBe(
      [
        'slack\tC0AB, buttons from medium severity\tset up',
        'github\ta comment where the task came from\tset up',
        'email\toff\tnot set up',
        '',
      ].join('\n'),
    );
  });

  test('is a table for a person', async () => {
    const { stdout } = await run('show', true);

    expect(stdout.split('\n')[0]).toMatch(/CHANNEL +TOLD +ON THIS PLATFORM/);
  });

  test('says when the platform tells nobody', async () => {
    api.notifications = { channels: [] };

    const { code, stderr } = await run('show');

    expect([code, stderr]).toStrictEqual([0, 'no channel is set up on this platform: nobody can be told\n']);
  });

  test('prints JSON, whole or by field', async () => {
    api.notifications = { email: { address: 'ann@example.com' }, channels: ['email'] };

    const whole = await run('show --json');
    const part = await run('show --json email');

    expect(JSON.parse(whole.stdout)).toStrictEqual(api.notifications);
    expect(JSON.parse(part.stdout)).toStrictEqual({ email: { address: 'ann@example.com' } });
  });
});

describe('bgagent notifications configure', () => {
  test('sets where on Slack, and leaves the other channels', async () => {
    api.notifications = { email: { address: 'ann@example.com' }, channels: ['slack', 'email'] };

    const { code, stdout } = await run('configure slack --conversation C0AB --min-severity medium --json slack');

    expect([code, JSON.parse(stdout)]).toStrictEqual([0, { slack: { conversation: 'C0AB', min_severity: 'medium' } }]);
    expect(sent()).toStrictEqual([
      {
        method: 'PUT',
        path: '/v1/notifications',
        body: { email: { address: 'ann@example.com' }, slack: { conversation: 'C0AB', min_severity: 'medium' } },
      },
    ]);
  });

  test('changes one setting of Slack and keeps the other', async () => {
    api.notifications = { slack: { conversation: 'C0AB', min_severity: 'low' }, channels: ['slack'] };

    await run('configure slack --conversation C0CD');
    await run('configure slack --min-severity high');

    expect(api.notifications.slack).toStrictEqual({ conversation: 'C0CD', min_severity: 'high' });
  });

  test('links who somebody is on Slack', async () => {
    const { code, stderr } = await run('configure slack --conversation C0AB --slack-user U0ANN');

    expect([code, stderr]).toStrictEqual([0, 'linked: U0ANN on Slack decides for you\n']);
    expect(sent().map(({ method, path, body }) => [method, path, body])).toStrictEqual([
      ['PUT', '/v1/notifications', { slack: { conversation: 'C0AB' } }],
      ['POST', '/v1/notifications/slack/link', { slack_user_id: 'U0ANN' }],
    ]);
  });

  test('links alone, as the hint in Slack says', async () => {
    const { code } = await run('configure slack --slack-user U0ANN');

    expect(code).toBe(0);
    expect(sent().map(({ path }) => path)).toStrictEqual(['/v1/notifications/slack/link']);
    expect([...api.slackUsers]).toStrictEqual(['U0ANN']);
  });

  test('says what to do about somebody who is linked already', async () => {
    api.slackUsers.add('U0ANN');

    const { code, stderr } = await run('configure slack --slack-user U0ANN --json');

    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'ALREADY_LINKED',
      suggestion: 'if it is not you, ask the operator of the platform to remove the link',
    });
  });

  test.each([
    ['github --comment on', { comment: true }, 'github'],
    ['github --comment off', { comment: false }, 'github'],
    ['github --off', { comment: false }, 'github'],
    ['email --address ann@example.com', { address: 'ann@example.com' }, 'email'],
    ['email --off', undefined, 'email'],
    ['slack --off', undefined, 'slack'],
  ] as const)('configure %s', async (args, expected, channel) => {
    api.notifications = {
      slack: { conversation: 'C0AB' },
      email: { address: 'old@example.com' },
      channels: ['slack', 'github', 'email'],
    };

    const { code } = await run(`configure ${args}`);

    expect(code).toBe(0);
    expect(api.notifications[channel]).toStrictEqual(expected);
    const other = channel === 'slack' ? 'email' : 'slack';
    expect(api.notifications[other]).toBeDefined();
  });

  test.each([
    ['slack', 'nothing to configure'],
    ['github', 'nothing to configure'],
    ['email', 'nothing to configure'],
    ['slack --off --conversation C0AB', '--off goes with no other setting'],
    ['github --off --comment on', '--off goes with no other setting'],
    ['email --off --address a@b.example', '--off goes with no other setting'],
    ['slack --min-severity low', 'Slack has no conversation yet'],
    ['slack --min-severity huge', 'Allowed choices are low, medium, high'],
    ['github --comment maybe', 'Allowed choices are on, off'],
  ])('configure %s is a mistake in the command, and changes nothing', async (args, message) => {
    const { code, stderr } = await run(`configure ${args}`);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(sent()).toStrictEqual([]);
  });

  test('says that a channel is not set up, and where to see those that are', async () => {
    api.notifications = { channels: ['github'] };

    const { code, stderr } = await run('configure slack --conversation C0AB');

    expect(code).toBe(1);
    expect(stderr).toContain('slack cannot be used: not set up on this platform');
    expect(stderr).toContain('bgagent notifications show');
  });
});
