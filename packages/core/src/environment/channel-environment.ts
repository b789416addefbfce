import * as z from 'zod';

const secret = z.string().min(1);
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

/**
 * Environment that names the channels of a deployed program: the fan-out, and the reconciler that sweeps after it. A channel of
 * which nothing is named is not there; of which a half is named is refused. Read by the functions, set by the stack.
 */
export const channelEnvironmentSchema = z
  .object({
    /** Slack: token of the bot. Secret. */
    ABCA_SLACK_BOT_TOKEN: secret.optional(),
    /** Where Slack's Web API is. Default: Slack's own. */
    ABCA_SLACK_URL: httpUrl.optional(),
    /** GitHub: the app that mints tokens, with its private key as PEM (secret); or a personal access token (secret). */
    ABCA_GITHUB_APP_ID: z.string().min(1).optional(),
    ABCA_GITHUB_APP_PRIVATE_KEY: secret.optional(),
    ABCA_GITHUB_TOKEN: secret.optional(),
    /** Where GitHub's API is. Default: that of github.com. */
    ABCA_GITHUB_URL: httpUrl.optional(),
    /** E-mail: the sender, verified with Amazon SES in the region of the function. */
    ABCA_EMAIL_FROM: z.string().min(1).optional(),
    ABCA_SES_CONFIGURATION_SET: z.string().min(1).optional(),
    /** Address of the API as browsers reach it, with what links in mails are signed with (secret). Without them mails have none. */
    ABCA_PUBLIC_URL: httpUrl.optional(),
    ABCA_APPROVAL_LINK_KEY: secret.optional(),
  })
  .check((context) => {
    for (const [given, needed] of together) {
      if (context.value[given] === undefined || context.value[needed] !== undefined) continue;
      context.issues.push({
        code: 'custom',
        input: undefined,
        path: [needed],
        message: `is needed too: ${given} is set`,
      });
    }
    if (context.value.ABCA_GITHUB_TOKEN === undefined || context.value.ABCA_GITHUB_APP_ID === undefined) return;
    const message = 'set this or ABCA_GITHUB_APP_ID, not both: one source of tokens';
    context.issues.push({ code: 'custom', input: undefined, path: ['ABCA_GITHUB_TOKEN'], message });
  });
export type ChannelEnvironment = z.infer<typeof channelEnvironmentSchema>;

/** What the first needs besides itself. */
const together = [
  ['ABCA_SLACK_URL', 'ABCA_SLACK_BOT_TOKEN'],
  ['ABCA_GITHUB_APP_ID', 'ABCA_GITHUB_APP_PRIVATE_KEY'],
  ['ABCA_GITHUB_APP_PRIVATE_KEY', 'ABCA_GITHUB_APP_ID'],
  ['ABCA_SES_CONFIGURATION_SET', 'ABCA_EMAIL_FROM'],
  ['ABCA_PUBLIC_URL', 'ABCA_APPROVAL_LINK_KEY'],
  ['ABCA_APPROVAL_LINK_KEY', 'ABCA_PUBLIC_URL'],
] as const;
