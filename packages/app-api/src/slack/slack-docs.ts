import { createRoute, z } from '@hono/zod-openapi';
import { errorAnswers } from '../routes/route-parts.ts';

/** How Slack signs, for the document. */
export const slackSignatureScheme = {
  type: 'apiKey',
  in: 'header',
  name: 'X-Slack-Signature',
  description: '`v0=` and the HMAC-SHA-256 of `v0:<X-Slack-Request-Timestamp>:<body>`, 64 hex digits.',
} as const;

/** For the document only: the body is read by hand, after its signature. */
export const slackInteractionDocs = createRoute({
  method: 'post',
  path: '/',
  operationId: 'receiveSlackInteraction',
  summary: 'A button that somebody pressed in Slack, or a reason that they gave',
  description: 'Decides what belongs to the user that the Slack user is linked to. Set as the Request URL of the app.',
  security: [{ slackSignature: [] }],
  request: {
    headers: z.object({
      'X-Slack-Request-Timestamp': z.string().openapi({ description: 'Seconds since 1970.', example: '1767225600' }),
    }),
    body: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: z.object({ payload: z.string() }),
          example: { payload: '{"type":"block_actions"}' },
        },
      },
    },
  },
  responses: {
    ...errorAnswers('SIGNATURE_INVALID', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
    200: { description: 'Taken. Who clicked is told in Slack what came of it.' },
  },
});
