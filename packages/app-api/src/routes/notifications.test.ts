import { channels, type Channel, type UserId } from '@abca/core';
import { InMemoryIdentityLinks, InMemoryNotificationSettings } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { anApi, caller, type ApiWorld } from '../api.test-kit.ts';

interface World extends ApiWorld {
  readonly settings: InMemoryNotificationSettings;
  readonly links: InMemoryIdentityLinks;
}

function aWorld(available: readonly Channel[] = channels): World {
  const settings = new InMemoryNotificationSettings();
  const links = new InMemoryIdentityLinks();
  return { ...anApi({ notifications: { settings, links, channels: available } }), settings, links };
}

const all = {
  slack: { conversation: 'C0123ABCD', min_severity: 'medium' },
  github: { comment: false },
  email: { address: 'ann@example.com' },
};

describe('/v1/notifications', () => {
  test('shows somebody who has set nothing what there is', async () => {
    const { status, json } = await aWorld(['slack', 'github']).call('GET', '/v1/notifications');

    expect([status, json]).toStrictEqual([200, { data: { channels: ['slack', 'github'] } }]);
  });

  test('replaces all of the settings, of the caller alone, in the form of the domain', async () => {
    const { call, settings } = aWorld();

    const first = await call('PUT', '/v1/notifications', { body: { email: { address: 'old@example.com' } } });
    const second = await call('PUT', '/v1/notifications', { body: all });
    const read = await call('GET', '/v1/notifications');

    expect([first.status, second.status]).toStrictEqual([200, 200]);
    expect(second.json).toStrictEqual({ data: { ...all, channels: ['slack', 'github', 'email'] } });
    expect(read.json).toStrictEqual(second.json);
    expect(await settings.get(caller)).toStrictEqual({
      ...all,
      slack: { conversation: 'C0123ABCD', minSeverity: 'medium' },
    });
    expect(await settings.get('bob' as UserId)).toStrictEqual({});
  });

  test('turns everything off with nothing', async () => {
    const { call } = aWorld();
    await call('PUT', '/v1/notifications', { body: all });

    const { json } = await call('PUT', '/v1/notifications', { body: {} });

    expect(json).toStrictEqual({ data: { channels: ['slack', 'github', 'email'] } });
  });

  test.each([
    [{ slack: { conversation: '#general' } }, 'slack.conversation'],
    [{ slack: {} }, 'slack.conversation'],
    [{ slack: { conversation: 'C0AB', min_severity: 'huge' } }, 'slack.min_severity'],
    [{ slack: { conversation: 'C0AB', minSeverity: 'low' } }, 'slack'],
    [{ github: { comment: 'yes' } }, 'github.comment'],
    [{ email: { address: 'nobody' } }, 'email.address'],
    [{ pager: {} }, ''],
  ])('refuses %j, and keeps what was', async (body, path) => {
    const { call, settings } = aWorld();
    await settings.put(caller, { github: { comment: true } });

    const { status, json } = await call('PUT', '/v1/notifications', { body });

    expect([status, json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
    expect(json.error.details.issues[0].path).toContain(path);
    expect(await settings.get(caller)).toStrictEqual({ github: { comment: true } });
  });

  test.each<[string, readonly Channel[], object]>([
    ['slack', ['github', 'email'], { slack: { conversation: 'C0AB' }, github: { comment: true } }],
    ['email', ['slack'], { email: { address: 'ann@example.com' } }],
    ['github', [], { github: { comment: true } }],
  ])('says that %s is not set up, and keeps what was', async (channel, available, body) => {
    const { call, settings } = aWorld(available);

    const { status, json } = await call('PUT', '/v1/notifications', { body });

    expect([status, json.error.code]).toStrictEqual([422, 'CHANNEL_NOT_CONFIGURED']);
    expect(json.error.message).toBe(
      `${channel} cannot be used: not set up on this platform, whose operator gives it the credentials; set up: ${available.join(', ') || 'none'}`,
    );
    expect(json.error.details).toStrictEqual({ missing: [channel], channels: available });
    expect(await settings.get(caller)).toStrictEqual({});
  });

  test('what is not set up may be turned off', async () => {
    const { status } = await aWorld([]).call('PUT', '/v1/notifications', { body: { github: { comment: false } } });

    expect(status).toBe(200);
  });

  test('a platform that tells nobody says so', async () => {
    const { call } = anApi();

    const read = await call('GET', '/v1/notifications');
    const written = await call('PUT', '/v1/notifications', { body: {} });

    expect(read.json).toStrictEqual({ data: { channels: [] } });
    expect([written.status, written.json.error.code]).toStrictEqual([422, 'CHANNEL_NOT_CONFIGURED']);
  });
});

describe('POST /v1/notifications/slack/link', () => {
  const link = (world: ApiWorld, slack_user_id: unknown) =>
    world.call('POST', '/v1/notifications/slack/link', { body: { slack_user_id } });

  test('links the caller', async () => {
    const world = aWorld();

    const { status, json } = await link(world, 'U0123ABCD');

    expect([status, json]).toStrictEqual([201, { data: { slack_user_id: 'U0123ABCD' } }]);
    expect(await world.links.find('U0123ABCD')).toBe(caller);
  });

  test.each([caller, 'bob' as UserId])('does not change a link, whoever holds it: %s', async (holder) => {
    const world = aWorld();
    await world.links.link('U0123ABCD', holder);

    const { status, json } = await link(world, 'U0123ABCD');

    expect([status, json.error.code]).toStrictEqual([409, 'ALREADY_LINKED']);
    expect(json.error.message).not.toContain('bob');
    expect(await world.links.find('U0123ABCD')).toBe(holder);
  });

  test.each(['U', 'x'.repeat(41), 'U0-1', '<@U01>', 'U0 1', '', 7, undefined])('refuses the id %j', async (id) => {
    const { status, json } = await link(aWorld(), id);

    expect([status, json.error.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
  });

  test('says that Slack is not set up', async () => {
    const { status, json } = await link(aWorld(['email']), 'U0123ABCD');

    expect([status, json.error.code]).toStrictEqual([422, 'CHANNEL_NOT_CONFIGURED']);
  });

  test.each([
    ['POST', '/v1/notifications/slack/link', { slack_user_id: 'U01' }],
    ['PUT', '/v1/notifications', {}],
    ['GET', '/v1/notifications', undefined],
  ])('%s %s needs a token', async (method, path, body) => {
    const { status } = await aWorld().call(method, path, { body, headers: { authorization: '' } });

    expect(status).toBe(401);
  });
});
