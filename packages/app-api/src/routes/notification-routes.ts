import { createRoute } from '@hono/zod-openapi';
import { dataOf } from '../wire/envelope.ts';
import { linkSlackWire, notificationsWire, putNotificationsWire, slackLinkWire } from '../wire/notifications-wire.ts';
import { exampleNotifications } from './examples.ts';
import { errorAnswers, jsonAnswer, jsonBodyOf, secured } from './route-parts.ts';

const { channels: _channels, ...exampleSettings } = exampleNotifications;
const link = { slack_user_id: 'U0123ABCD' };
const bodyErrors = ['CHANNEL_NOT_CONFIGURED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;

export const getNotificationsRoute = createRoute({
  method: 'get',
  path: '/v1/notifications',
  operationId: 'getNotifications',
  summary: 'How you are told of your tasks',
  security: secured,
  responses: {
    ...errorAnswers(),
    200: jsonAnswer(dataOf(notificationsWire), 'Your settings.', { data: exampleNotifications }),
  },
});

export const putNotificationsRoute = createRoute({
  method: 'put',
  path: '/v1/notifications',
  operationId: 'putNotifications',
  summary: 'Replace all of how you are told of your tasks',
  security: secured,
  request: { body: jsonBodyOf(putNotificationsWire, exampleSettings) },
  responses: {
    ...errorAnswers(...bodyErrors),
    200: jsonAnswer(dataOf(notificationsWire), 'Your settings as they are now.', { data: exampleNotifications }),
  },
});

export const linkSlackRoute = createRoute({
  method: 'post',
  path: '/v1/notifications/slack/link',
  operationId: 'linkSlack',
  summary: 'Let a Slack user decide for you',
  description:
    'Whoever is that person on Slack then approves and denies what your tasks ask for. Made once, never changed.',
  security: secured,
  request: { body: jsonBodyOf(linkSlackWire, link) },
  responses: {
    ...errorAnswers('ALREADY_LINKED', ...bodyErrors),
    201: jsonAnswer(dataOf(slackLinkWire), 'Linked.', { data: link }),
  },
});
