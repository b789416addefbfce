import * as z from 'zod';

const secret = z.string().min(16, 'must have 16 characters or more');
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

/**
 * What connects a platform with GitHub, Slack and e-mail. None is needed; what is half there is refused. The secrets have an
 * environment variable and a key in `abca.json`, and no flag: a flag shows in the list of processes.
 */
export const channelFields = {
  /** GitHub's API. Default: that of github.com. */
  githubUrl: httpUrl.optional(),
  /** A personal access token, or the app below. Secret. */
  githubToken: z.string().min(1).optional(),
  /** Number of the GitHub App that mints tokens, with its key. */
  githubAppId: z.coerce.number().int().positive().optional(),
  /** File of the app's private key, PEM. */
  githubAppKey: z.string().min(1).optional(),
  /** What GitHub signs its webhooks with. Without it none is taken. Secret. */
  githubWebhookSecret: secret.optional(),
  /** What other systems sign their requests with. Without it none is taken. Secret. */
  webhookSecret: secret.optional(),
  /** Slack's Web API. Default: Slack's own. */
  slackUrl: httpUrl.optional(),
  /** Token of the bot. Secret. */
  slackToken: z.string().min(1).optional(),
  /** What Slack signs clicks with. Without it messages have no buttons. Secret. */
  slackSigningSecret: secret.optional(),
  /** The mail server, `smtp://` or `smtps://`, with name and password where it asks for them. */
  smtp: z.url({ protocol: /^smtps?$/, error: 'must be an smtp or smtps URL' }).optional(),
  /** Sender of mails. */
  emailFrom: z.email().optional(),
  /** Where people and other systems reach this platform: links in messages lead there. Default: its own address. */
  publicUrl: httpUrl.optional(),
} as const;

type ChannelConfig = z.infer<z.ZodObject<typeof channelFields>>;

/** What must be there together, and what only one of. */
const together: readonly (readonly [keyof ChannelConfig, keyof ChannelConfig])[] = [
  ['githubAppId', 'githubAppKey'],
  ['githubAppKey', 'githubAppId'],
  ['slackUrl', 'slackToken'],
  ['slackSigningSecret', 'slackToken'],
  ['smtp', 'emailFrom'],
  ['emailFrom', 'smtp'],
];

/** What is missing or too much, by the setting it is said of. */
export function channelProblems(config: ChannelConfig): readonly { readonly key: string; readonly message: string }[] {
  const halves = together
    .filter(([given, needed]) => config[given] !== undefined && config[needed] === undefined)
    .map(([given, needed]) => ({ key: needed, message: `is needed too: ${given} is set` }));
  const both = config.githubToken !== undefined && config.githubAppId !== undefined;
  return both
    ? [...halves, { key: 'githubToken', message: 'set this or githubAppId, not both: one source of tokens' }]
    : halves;
}
