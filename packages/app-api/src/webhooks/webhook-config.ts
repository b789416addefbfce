import { AbcaError, type UserId } from '@abca/core';
import * as z from 'zod';

/** A shorter secret could be found by trying signatures offline. GitHub's advice is a random text of high entropy. */
const minSecretChars = 16;

const secret = z
  .string()
  .min(minSecretChars, `must have at least ${String(minSecretChars)} characters`)
  .max(1024)
  .refine((text) => text.trim() === text, 'must not begin or end with white space');

const keySchema = z.strictObject({
  /** Sent in `X-ABCA-Key`. Not a secret. */
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens and underscores'),
  secret,
  /** Whose tasks are submitted with it. */
  userId: z.string().min(1).max(256) as unknown as z.ZodType<UserId, string>,
});

/** Which webhooks are served. One that is left out is not: whoever calls it gets 404. */
export const webhookConfigSchema = z.strictObject({
  github: z
    .strictObject({
      /** Any of them may have signed: the old and the new one while a secret is changed. */
      secrets: z.array(secret).min(1, 'must hold at least one').max(4),
      /** Accounts that the platform writes as, such as `abca[bot]`. What they do starts nothing. Default: none. */
      ownLogins: z.array(z.string().min(1)).optional(),
    })
    .optional(),
  generic: z
    .strictObject({
      keys: z
        .array(keySchema)
        .min(1, 'must hold at least one')
        .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'must have an id of its own each'),
    })
    .optional(),
});
export type WebhookConfig = z.input<typeof webhookConfigSchema>;
export type GitHubWebhookConfig = NonNullable<z.output<typeof webhookConfigSchema>['github']>;
export type WebhookKey = z.output<typeof keySchema>;

/** @throws AbcaError CONFIG_INVALID that names every fault, and no value: they are secrets */
export function parseWebhookConfig(config: WebhookConfig): z.output<typeof webhookConfigSchema> {
  const { success, data, error } = webhookConfigSchema.safeParse(config);
  if (success) return data;
  const faults = error.issues.map(({ path, message }) => `webhooks.${path.join('.')} ${message}`);
  throw new AbcaError('CONFIG_INVALID', faults.join('; '));
}
