import {
  channels,
  fromWire,
  notificationSettingsSchema,
  toWire,
  type Channel,
  type NotificationSettings,
} from '@abca/core';
import { z } from '@hono/zod-openapi';
import { snakeShape } from './snake-shape.ts';

const { slack, github, email } = notificationSettingsSchema.shape;

const settings = {
  slack: z.strictObject(snakeShape(slack.unwrap().shape)).optional(),
  github: z.strictObject(snakeShape(github.unwrap().shape)).optional(),
  email: z.strictObject(snakeShape(email.unwrap().shape)).optional(),
};

/** Body of `PUT /v1/notifications`: all of the caller's settings. A channel that is left out is not used. */
export const putNotificationsWire = z.strictObject(settings).openapi('PutNotifications');
export type PutNotificationsBody = z.input<typeof putNotificationsWire>;

/** How the caller is told. */
export const notificationsWire = z
  .object({
    ...settings,
    channels: z.array(z.enum(channels)).openapi({ description: 'Those that are set up on this platform.' }),
  })
  .openapi('Notifications');
export type NotificationsView = z.infer<typeof notificationsWire>;

/** Body of `POST /v1/notifications/slack/link`. */
export const linkSlackWire = z
  .strictObject({
    slack_user_id: z
      .string()
      .regex(/^[A-Za-z0-9_]{2,40}$/, 'must be the id of a person on Slack, such as U0123ABCD')
      .openapi({ description: 'The member id that the profile in Slack shows.', example: 'U0123ABCD' }),
  })
  .openapi('LinkSlack');
export type LinkSlackBody = z.input<typeof linkSlackWire>;

/** A link that was made. */
export const slackLinkWire = z.object({ slack_user_id: z.string() }).openapi('SlackLink');
export type SlackLinkView = z.infer<typeof slackLinkWire>;

/** The domain form of a checked body. */
export function toNotificationSettings(body: z.output<typeof putNotificationsWire>): NotificationSettings {
  return notificationSettingsSchema.parse(fromWire(body));
}

/** The view of somebody's settings. */
export function toNotificationsView(of: NotificationSettings, available: readonly Channel[]): NotificationsView {
  return { ...(toWire(of) as PutNotificationsBody), channels: [...available] };
}
