import { AbcaError, channels, type Channel, type NotificationSettings } from '@abca/core';
import type { ApiDeps } from '../api-deps.ts';
import type { Api } from '../http/api-app.ts';
import { toNotificationSettings, toNotificationsView } from '../wire/notifications-wire.ts';
import { getNotificationsRoute, linkSlackRoute, putNotificationsRoute } from './notification-routes.ts';

type Notifications = NonNullable<ApiDeps['notifications']>;

/** How the caller wants to be told, and who they are on Slack. */
export function addNotificationRoutes(app: Api, { notifications }: ApiDeps): void {
  app.openapi(getNotificationsRoute, async (c) => {
    const settings = (await notifications?.settings.get(c.get('userId'))) ?? {};
    return c.json({ data: toNotificationsView(settings, notifications?.channels ?? []) }, 200);
  });

  app.openapi(putNotificationsRoute, async (c) => {
    const settings = toNotificationSettings(c.req.valid('json'));
    const ports = assertSetUp(notifications, usedIn(settings));
    await ports.settings.put(c.get('userId'), settings);
    return c.json({ data: toNotificationsView(settings, ports.channels) }, 200);
  });

  app.openapi(linkSlackRoute, async (c) => {
    const { slack_user_id } = c.req.valid('json');
    const { links } = assertSetUp(notifications, ['slack']);
    if ((await links.link(slack_user_id, c.get('userId'))) === 'taken') throw alreadyLinked(slack_user_id);
    return c.json({ data: { slack_user_id } }, 201);
  });
}

/** To turn a channel off, it need not be set up. */
function usedIn(settings: NotificationSettings): readonly Channel[] {
  const { github, ...others } = settings;
  const used = { ...others, ...(github?.comment === true && { github }) };
  return channels.filter((channel) => used[channel] !== undefined);
}

/** What is not set up would be silence that looks like consent. @throws AbcaError CHANNEL_NOT_CONFIGURED */
function assertSetUp(notifications: Notifications | undefined, wanted: readonly Channel[]): Notifications {
  const missing = wanted.filter((channel) => notifications?.channels.includes(channel) !== true);
  if (notifications !== undefined && missing.length === 0) return notifications;
  const known = notifications?.channels ?? [];
  throw new AbcaError(
    'CHANNEL_NOT_CONFIGURED',
    `${missing.join(' and ') || 'notifications'} cannot be used: not set up on this platform, whose operator gives it the credentials; set up: ${known.join(', ') || 'none'}`,
    { details: { missing, channels: [...known] } },
  );
}

function alreadyLinked(slackUserId: string): AbcaError {
  return new AbcaError(
    'ALREADY_LINKED',
    `Slack user ${slackUserId} is linked already, to you or to somebody else; an operator removes a link that is wrong`,
  );
}
