import { blockChars, blockProblems, messageChars, modalProblems } from './block-rules.ts';
import { SlackFault } from './slack-fault.ts';
import type { SlackInteractivity } from './slack-interactivity.ts';
import type { SlackMethod } from './slack-troubles.ts';
import type { FakeMessage, Json, MessageContent, SlackWorkspace } from './slack-workspace.ts';

/** What the methods work on. */
export interface SlackWorld {
  readonly workspace: SlackWorkspace;
  readonly interactivity: SlackInteractivity;
  /** Most messages of one page. */
  readonly pageSize: number;
}

/** The arguments of a call, as they were sent: texts, some of them JSON. */
export type SlackArguments = Readonly<Record<string, string | undefined>>;

type Handler = (world: SlackWorld, args: SlackArguments) => Json;

/** 40,000 characters, beyond which Slack says no rather than cut. @see https://docs.slack.dev/reference/methods/chat.postMessage */
const mostTextChars = 40_000;
const bot = { bot_id: 'B0ABCA', user: 'U0ABCABOT', app_id: 'A0ABCA' };
const team = { team: 'Acme', team_id: 'T0ACME' };

/** What each method does. */
export const slackCalls: Readonly<Record<SlackMethod, Handler>> = {
  'auth.test': () => ({ url: 'https://acme.slack.com/', ...team, user: 'abca', user_id: bot.user, bot_id: bot.bot_id }),

  'chat.postMessage': ({ workspace }, args) => {
    const to = required(args, 'channel');
    const channel = /^[UW]/.test(to) ? openOrRefuse(workspace, to) : workspace.writable(to);
    const content = contentOf(args);
    const message = workspace.post(channel, content, threadOf(workspace, channel.id, args['thread_ts']));
    return { channel: channel.id, ts: message.ts, message: shown(message, true) };
  },

  'chat.update': ({ workspace }, args) => {
    const channel = workspace.writable(required(args, 'channel'));
    const message = workspace.get(channel.id, required(args, 'ts'));
    const changed = workspace.change(message, { ...changeOf(args), edits: message.edits + 1 });
    return { channel: channel.id, ts: changed.ts, text: changed.text, message: shown(changed, true) };
  },

  'chat.postEphemeral': ({ workspace }, args) => {
    const channel = workspace.writable(required(args, 'channel'));
    const user = required(args, 'user');
    if (!workspace.users.has(user)) throw new SlackFault('user_not_in_channel');
    const { text } = contentOf(args);
    const threadTs = args['thread_ts'];
    workspace.ephemerals.push({ channel: channel.id, user, text, ...(threadTs !== undefined && { threadTs }) });
    return { message_ts: '1.000001' };
  },

  'reactions.add': ({ workspace }, args) => {
    const message = reacted(workspace, args);
    const name = nameOf(args);
    if (message.reactions.includes(name)) throw new SlackFault('already_reacted');
    workspace.change(message, { reactions: [...message.reactions, name] });
    return {};
  },

  'reactions.remove': ({ workspace }, args) => {
    const message = reacted(workspace, args);
    const name = nameOf(args);
    if (!message.reactions.includes(name)) throw new SlackFault('no_reaction');
    workspace.change(message, { reactions: message.reactions.filter((each) => each !== name) });
    return {};
  },

  'conversations.open': ({ workspace }, args) => {
    const channel = workspace.open(required(args, 'users'));
    return { channel: { id: channel.id } };
  },

  'conversations.history': (world, args) => {
    const channel = world.workspace.readable(required(args, 'channel'));
    return page(world, args, world.workspace.history(channel.id));
  },

  'conversations.replies': (world, args) => {
    const channel = world.workspace.readable(required(args, 'channel'));
    const thread = world.workspace.thread(channel.id, required(args, 'ts'));
    if (thread.length === 0) throw new SlackFault('thread_not_found');
    return page(world, args, thread);
  },

  'users.info': ({ workspace }, args) => {
    const id = required(args, 'user');
    if (!workspace.users.has(id)) throw new SlackFault('user_not_found');
    return { user: { id, name: id.toLowerCase(), is_bot: false, deleted: false } };
  },

  'views.open': ({ interactivity }, args) => {
    const view = parsed(required(args, 'view')) as Json;
    const problems = modalProblems(view);
    if (problems.length > 0) throw new SlackFault('invalid_arguments', ...problems);
    return { view: interactivity.open(required(args, 'trigger_id'), view) };
  },
};

/** `content` checked as Slack checks what is posted. @throws SlackFault */
export function checkContent(text: string, blocks: unknown): void {
  if (text === '' && (!Array.isArray(blocks) || blocks.length === 0)) throw new SlackFault('no_text');
  if (text.length > mostTextChars) throw new SlackFault('msg_too_long');
  const problems = blockProblems(blocks);
  if (problems.length > 0) throw new SlackFault('invalid_blocks', ...problems.map((problem) => `[ERROR] ${problem}`));
  if (blockChars(blocks) > messageChars) throw new SlackFault('msg_blocks_too_long');
}

function contentOf(args: SlackArguments): MessageContent {
  const { text = '', metadata } = args;
  const blocks = blocksOf(args) ?? [];
  checkContent(text, blocks);
  return { text, blocks, ...(metadata !== undefined && { metadata: metadataOf(metadata) }) };
}

/** What was not sent stays, but for blocks under a new text: they go. */
function changeOf(args: SlackArguments): Partial<FakeMessage> {
  const { text, metadata } = args;
  const blocks = blocksOf(args) ?? (text === undefined ? undefined : []);
  checkContent(text ?? 'as it was', blocks ?? []);
  return {
    ...(text !== undefined && { text }),
    ...(blocks !== undefined && { blocks }),
    ...(metadata !== undefined && { metadata: metadataOf(metadata) }),
  };
}

function blocksOf({ blocks }: SlackArguments): readonly Json[] | undefined {
  return blocks === undefined ? undefined : (parsed(blocks, 'invalid_blocks_format') as readonly Json[]);
}

function metadataOf(text: string): Json {
  const metadata = parsed(text, 'invalid_metadata_format') as Json;
  const { event_type: type, event_payload: payload } = metadata;
  if (typeof type !== 'string' || typeof payload !== 'object') throw new SlackFault('invalid_metadata_schema');
  return metadata;
}

function openOrRefuse(workspace: SlackWorkspace, userId: string): ReturnType<SlackWorkspace['open']> {
  if (!workspace.users.has(userId)) throw new SlackFault('channel_not_found');
  return workspace.open(userId);
}

/** A thread under a reply is the thread of its parent. */
function threadOf(workspace: SlackWorkspace, channel: string, ts: string | undefined): string | undefined {
  if (ts === undefined) return undefined;
  const parent = workspace.find(channel, ts);
  if (parent === undefined) throw new SlackFault('message_not_found');
  return parent.threadTs ?? parent.ts;
}

function reacted(workspace: SlackWorkspace, args: SlackArguments): FakeMessage {
  const channel = workspace.writable(required(args, 'channel'));
  return workspace.get(channel.id, required(args, 'timestamp'));
}

function nameOf(args: SlackArguments): string {
  const name = required(args, 'name');
  if (!/^[a-z0-9_+-]+$/.test(name)) throw new SlackFault('invalid_name');
  return name;
}

function page({ pageSize }: SlackWorld, args: SlackArguments, all: readonly FakeMessage[]): Json {
  const { cursor, limit, oldest = '0', include_all_metadata: metadata } = args;
  const from = cursor === undefined ? 0 : startOf(cursor);
  const wanted = all.filter(({ ts }) => Number(ts) > Number(oldest));
  const to = from + Math.min(Number(limit ?? 100), pageSize);
  const more = to < wanted.length;
  return {
    messages: wanted.slice(from, to).map((message) => shown(message, metadata === 'true')),
    has_more: more,
    response_metadata: { next_cursor: more ? Buffer.from(String(to)).toString('base64url') : '' },
  };
}

function startOf(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!/^\d+$/.test(text)) throw new SlackFault('invalid_cursor');
  return Number(text);
}

function shown(message: FakeMessage, withMetadata: boolean): Json {
  const { ts, threadTs, text, blocks, metadata, reactions, edits } = message;
  return {
    type: 'message',
    ...bot,
    ts,
    text,
    blocks,
    ...(threadTs !== undefined && { thread_ts: threadTs }),
    ...(withMetadata && metadata !== undefined && { metadata }),
    ...(reactions.length > 0 && { reactions: reactions.map((name) => ({ name, users: [bot.user], count: 1 })) }),
    ...(edits > 0 && { edited: { user: bot.user, ts } }),
  };
}

function required(args: SlackArguments, name: string): string {
  const value = args[name];
  if (value === undefined || value === '') throw new SlackFault('invalid_arguments', `[ERROR] missing ${name}`);
  return value;
}

function parsed(text: string, code = 'invalid_arguments'): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackFault(code);
  }
}
