import { SlackFault } from './slack-fault.ts';

/** Plain JSON whose fields the fake does not know all of. */
export type Json = Readonly<Record<string, unknown>>;

/** A channel, or a conversation with one person. */
export interface FakeChannel {
  readonly id: string;
  /** For a conversation with one person. */
  readonly userId?: string;
  /** Whether the app is in it. */
  isMember: boolean;
  isArchived: boolean;
}

/** What a message shows and carries. */
export interface MessageContent {
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly metadata?: Json;
}

/** A message of the app. */
export interface FakeMessage extends MessageContent {
  readonly channel: string;
  readonly ts: string;
  /** Of the message whose thread it is in. */
  readonly threadTs?: string;
  /** Names, in the order they were added. */
  readonly reactions: readonly string[];
  /** How often it was changed. */
  readonly edits: number;
}

/** A message that one person saw, and that is gone when they look again. */
export interface FakeEphemeral {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly threadTs?: string;
}

/** Channels, people and messages of one workspace. */
export class SlackWorkspace {
  readonly channels = new Map<string, FakeChannel>();
  readonly users = new Set<string>();
  readonly ephemerals: FakeEphemeral[] = [];
  readonly #messages: FakeMessage[] = [];
  readonly #nowMs: () => number;
  #lastTs = 0n;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** In the order they were posted. */
  get messages(): readonly FakeMessage[] {
    return this.#messages;
  }

  /** A channel that may be posted to. @throws SlackFault */
  writable(id: string): FakeChannel {
    const channel = this.readable(id);
    if (channel.isArchived) throw new SlackFault('is_archived');
    return channel;
  }

  /** @throws SlackFault */
  readable(id: string): FakeChannel {
    const channel = this.channels.get(id);
    if (channel === undefined) throw new SlackFault('channel_not_found');
    if (!channel.isMember) throw new SlackFault('not_in_channel');
    return channel;
  }

  /** The conversation with one person, opened when it is not yet. @throws SlackFault */
  open(userId: string): FakeChannel {
    if (!this.users.has(userId)) throw new SlackFault('user_not_found');
    const id = `D${userId.slice(1)}`;
    const channel = this.channels.get(id) ?? { id, userId, isMember: true, isArchived: false };
    this.channels.set(id, channel);
    return channel;
  }

  post(channel: FakeChannel, content: MessageContent, threadTs: string | undefined): FakeMessage {
    const message: FakeMessage = {
      ...content,
      channel: channel.id,
      ts: this.#mintTs(),
      ...(threadTs !== undefined && { threadTs }),
      reactions: [],
      edits: 0,
    };
    this.#messages.push(message);
    return message;
  }

  find(channel: string, ts: string): FakeMessage | undefined {
    return this.#messages.find((message) => message.channel === channel && message.ts === ts);
  }

  /** @throws SlackFault */
  get(channel: string, ts: string): FakeMessage {
    const message = this.find(channel, ts);
    if (message === undefined) throw new SlackFault('message_not_found');
    return message;
  }

  /** Somebody deletes a message. */
  remove({ channel, ts }: Pick<FakeMessage, 'channel' | 'ts'>): void {
    this.#messages.splice(this.#messages.indexOf(this.get(channel, ts)), 1);
  }

  change(message: FakeMessage, change: Partial<FakeMessage>): FakeMessage {
    const changed = { ...message, ...change };
    this.#messages[this.#messages.indexOf(message)] = changed;
    return changed;
  }

  thread(channel: string, ts: string): readonly FakeMessage[] {
    return this.#messages.filter((each) => each.channel === channel && (each.ts === ts || each.threadTs === ts));
  }

  /** Messages outside threads, the newest first. */
  history(channel: string): readonly FakeMessage[] {
    return this.#messages.filter((each) => each.channel === channel && each.threadTs === undefined).toReversed();
  }

  /** Seconds with six decimals, unique in the workspace and rising. */
  #mintTs(): string {
    const micros = BigInt(this.#nowMs()) * 1000n;
    this.#lastTs = micros > this.#lastTs ? micros : this.#lastTs + 1n;
    return `${String(this.#lastTs / 1_000_000n)}.${String(this.#lastTs % 1_000_000n).padStart(6, '0')}`;
  }
}
