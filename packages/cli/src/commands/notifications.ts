import type { NotificationsView, PutNotificationsBody } from '../client/wire-types.ts';
import { exitCodes, usageError, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { notificationFields } from '../output/wire-fields.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';

export interface NotificationFlags extends PlatformChoice, JsonFlags {
  /** No more on this channel. */
  readonly off?: true;
}

export interface SlackFlags extends NotificationFlags {
  readonly conversation?: string;
  readonly slackUser?: string;
  readonly minSeverity?: NonNullable<PutNotificationsBody['slack']>['min_severity'];
}

export interface GitHubFlags extends NotificationFlags {
  readonly comment?: 'on' | 'off';
}

export interface EmailFlags extends NotificationFlags {
  readonly address?: string;
}

/** How the caller is told of their tasks. */
export async function runNotificationsShow(context: CommandContext, flags: NotificationFlags): Promise<ExitCode> {
  return show(context, await clientOf(context, flags).getNotifications(), flags);
}

/** Where on Slack, and who the caller is there: only a linked person decides by buttons. */
export async function runConfigureSlack(context: CommandContext, flags: SlackFlags): Promise<ExitCode> {
  const { conversation, minSeverity, slackUser } = flags;
  const wanted = { conversation, minSeverity, slackUser };
  assertChoice(flags, { wanted, examples: '--conversation C0123ABCD, --slack-user U0123ABCD, --min-severity medium' });
  const client = clientOf(context, flags);
  let view = await client.getNotifications();
  if (flags.off === true || conversation !== undefined || minSeverity !== undefined) {
    const slack = flags.off === true ? undefined : slackOf(view, flags);
    view = await client.putNotifications(withChannel(view, { slack }));
  }
  if (slackUser !== undefined) {
    const linked = await client.linkSlack({ slack_user_id: slackUser });
    context.talk.say(`linked: ${linked.slack_user_id} on Slack decides for you`);
  }
  return show(context, view, flags);
}

/** The comment on the issue or pull request that a task came from. */
export async function runConfigureGitHub(context: CommandContext, flags: GitHubFlags): Promise<ExitCode> {
  assertChoice(flags, { wanted: { comment: flags.comment }, examples: '--comment on' });
  return put(context, flags, () => ({ github: { comment: flags.comment === 'on' } }));
}

/** Where mail goes. */
export async function runConfigureEmail(context: CommandContext, flags: EmailFlags): Promise<ExitCode> {
  const { address } = flags;
  assertChoice(flags, { wanted: { address }, examples: '--address ann@example.com' });
  return put(context, flags, () => ({ email: address === undefined ? undefined : { address } }));
}

type ChannelChange = { readonly [C in keyof PutNotificationsBody]?: PutNotificationsBody[C] | undefined };

async function put(context: CommandContext, flags: NotificationFlags, change: () => ChannelChange): Promise<ExitCode> {
  const client = clientOf(context, flags);
  const view = await client.getNotifications();
  return show(context, await client.putNotifications(withChannel(view, change())), flags);
}

/** The settings of `view` with one channel changed; `undefined` leaves it out. */
function withChannel(
  { channels: _channels, ...settings }: NotificationsView,
  change: ChannelChange,
): PutNotificationsBody {
  const entries = Object.entries({ ...settings, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as PutNotificationsBody;
}

function slackOf({ slack }: NotificationsView, flags: SlackFlags): PutNotificationsBody['slack'] {
  const conversation = flags.conversation ?? slack?.conversation;
  if (conversation === undefined) {
    throw usageError('Slack has no conversation yet', 'add --conversation with the id of a channel or of a person');
  }
  const severity = flags.minSeverity ?? slack?.min_severity;
  return { conversation, ...(severity !== undefined && { min_severity: severity }) };
}

/** @throws CliError USAGE when there is nothing to do, or off and something else at once */
function assertChoice(
  { off }: NotificationFlags,
  { wanted, examples }: { readonly wanted: Readonly<Record<string, unknown>>; readonly examples: string },
): void {
  const isWanted = Object.values(wanted).some((value) => value !== undefined);
  if (off === true && isWanted) throw usageError('--off goes with no other setting', 'leave out one of the two');
  if (off !== true && !isWanted) throw usageError('nothing to configure', `say what, such as ${examples}, or --off`);
}

async function show({ io, out, talk }: CommandContext, view: NotificationsView, flags: JsonFlags): Promise<ExitCode> {
  if (wantsJson(flags)) {
    out.raw(await jsonFormat(flags, notificationFields, io.stdout).format(view));
    return exitCodes.ok;
  }
  const { tabbedRows, tableLines } = await import('../render/table.ts');
  const rows = rowsOf(view);
  if (out.isTerminal) out.print(...tableLines(['CHANNEL', 'TOLD', 'ON THIS PLATFORM'], rows));
  else out.raw(tabbedRows(rows));
  if (view.channels.length === 0) talk.say('no channel is set up on this platform: nobody can be told');
  return exitCodes.ok;
}

function rowsOf({ slack, github, email, channels }: NotificationsView): readonly (readonly string[])[] {
  const from = slack?.min_severity === undefined ? '' : `, buttons from ${slack.min_severity} severity`;
  const told = {
    slack: slack === undefined ? 'off' : `${slack.conversation}${from}`,
    github: github?.comment === false ? 'off' : 'a comment where the task came from',
    email: email?.address ?? 'off',
  };
  return (['slack', 'github', 'email'] as const).map((channel) => [
    channel,
    told[channel],
    channels.includes(channel) ? 'set up' : 'not set up',
  ]);
}
