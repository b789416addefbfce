import * as z from 'zod';
import { severities } from '../policy/rule.ts';

const slackId = z.string().regex(/^[A-Za-z0-9_]{2,40}$/, 'must be an id of Slack, such as C0123ABCD or U0123ABCD');

/** How one person wants to be told. A channel that is left out is not used for them. */
export const notificationSettingsSchema = z.strictObject({
  slack: z
    .strictObject({
      /** Where: the id of a channel, or of a person for a direct message. */
      conversation: slackId,
      /** Requests below this severity are told without buttons or a mention. @default low */
      minSeverity: z.enum(severities).optional(),
    })
    .optional(),
  /** The comment on the issue or pull request that a task came from. On unless this says otherwise. */
  github: z.strictObject({ comment: z.boolean() }).optional(),
  email: z.strictObject({ address: z.email().max(254) }).optional(),
});
export type NotificationSettings = z.infer<typeof notificationSettingsSchema>;
