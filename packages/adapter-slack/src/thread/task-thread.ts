import { parseIso, type Task, type TaskEvent } from '@abca/core';
import { SlackCallError } from '../api/slack-failure.ts';
import type { SlackApi } from '../api/slack-api.ts';
import type { SlackMessage } from '../blocks/message.ts';
import { isStatusReaction, reactionOf, statusMessage } from '../blocks/task-message.ts';
import { findMessage, markType, type FoundMessage, type MessageMark } from './find-message.ts';
import type { RememberedCard, SlackMemory } from './slack-memory.ts';

/** What one delivery works with. */
export interface TaskThreadOptions {
  readonly api: SlackApi;
  readonly memory: SlackMemory;
  readonly task: Task;
  readonly event: TaskEvent;
  /** Whether an earlier try may have posted what this one is to post. */
  readonly uncertain: boolean;
  /** Whether nothing was kept of the task yet: no try has come to an end. */
  readonly isFirst: boolean;
  readonly signal: AbortSignal;
}

/** Clocks of two machines differ, seconds. */
const skewS = 300;

/**
 * The thread of one task, for the time of one delivery. Every step may be repeated: what was reached is in `memory`, which the
 * outbox keeps also when a later step fails. All methods throw SlackCallError.
 */
export class TaskThread {
  readonly memory: SlackMemory;
  readonly #options: TaskThreadOptions;

  constructor(options: TaskThreadOptions) {
    this.#options = options;
    this.memory = structuredClone(options.memory);
  }

  /** Make sure that the thread is there. @param conversation a channel, or a person for their direct messages */
  async open(conversation: string): Promise<void> {
    this.memory.channel ??= await this.#channelOf(conversation);
    if (this.memory.ts !== undefined) return;
    const { task, event } = this.#options;
    const ts = await this.#postOnce('root', statusMessage(task));
    this.memory.ts = ts;
    this.memory.seq = event.seq;
  }

  /** Whether the root shows a later event than this delivery's. */
  get isAhead(): boolean {
    return this.memory.seq > this.#options.event.seq;
  }

  /** Bring the root and its reaction up to the task as it is now, but never back. */
  async showStatus(): Promise<void> {
    const { task, event } = this.#options;
    if (this.isAhead) return;
    if (this.memory.seq < event.seq) {
      await this.edit(this.#root, statusMessage(task));
      this.memory.seq = event.seq;
    }
    await this.#react(reactionOf(task));
  }

  /** Reply to this delivery's event, once. @returns where the reply is; `undefined` when it was made by an earlier try */
  async reply(message: SlackMessage): Promise<string | undefined> {
    const { seq } = this.#options.event;
    if (this.memory.said.includes(seq)) return undefined;
    const ts = await this.#postOnce('reply', message);
    this.memory.said.push(seq);
    return ts;
  }

  /** Show `message` in place of what is at `ts`. */
  async edit(ts: string, { text, blocks }: SlackMessage): Promise<void> {
    const { channel } = this;
    try {
      await this.#call('chat.update', (client) =>
        // Its `parse` is `client` unless told otherwise, which makes mentions of plain words.
        client.chat.update({ channel, ts, text, blocks, parse: 'none', link_names: false }),
      );
    } catch (error) {
      this.#forget(ts, error);
      throw error;
    }
  }

  remember(card: RememberedCard): void {
    this.memory.cards = [...this.memory.cards.filter(({ requestId }) => requestId !== card.requestId), card];
  }

  get channel(): string {
    return this.memory.channel ?? '';
  }

  get #root(): string {
    return this.memory.ts ?? '';
  }

  async #channelOf(conversation: string): Promise<string> {
    if (!/^[UW]/.test(conversation)) return conversation;
    const { channel } = await this.#call('conversations.open', (client) =>
      client.conversations.open({ users: conversation }),
    );
    return channel?.id ?? conversation;
  }

  /** Post, or bring up to date what an earlier try has posted without anybody learning of it. */
  async #postOnce(part: MessageMark['part'], message: SlackMessage): Promise<string> {
    const key = part === 'root' ? part : String(this.#options.event.seq);
    if (this.#mayBeThere(part, key) && !this.memory.unsure.includes(key)) this.memory.unsure.push(key);
    const found = this.memory.unsure.includes(key) ? await this.#find(part) : undefined;
    if (found !== undefined) await this.edit(found.ts, message);
    // Of a try that broke off: else it would stay beside the next one.
    const reaction = part === 'root' ? found?.reactions.find(isStatusReaction) : undefined;
    if (reaction !== undefined) this.memory.reaction = reaction;
    const ts = found?.ts ?? (await this.#post(part, { key, message }));
    this.memory.unsure = this.memory.unsure.filter((each) => each !== key);
    return ts;
  }

  /** A root may be that of another event's try which broke off, so it is looked for by all but the first try of the first event. */
  #mayBeThere(part: MessageMark['part'], key: string): boolean {
    const { event, uncertain, isFirst } = this.#options;
    return uncertain || this.memory.unsure.includes(key) || (part === 'root' && !(isFirst && event.seq === 1));
  }

  async #post(
    part: MessageMark['part'],
    { key, message }: { readonly key: string; readonly message: SlackMessage },
  ): Promise<string> {
    const { channel } = this;
    const { text, blocks } = message;
    const posted = {
      channel,
      text,
      blocks,
      metadata: { event_type: markType, event_payload: { ...this.#mark(part) } },
      unfurl_links: false,
      unfurl_media: false,
      parse: 'none' as const,
      link_names: false,
    };
    try {
      const { ts = '' } = await this.#call('chat.postMessage', (client) =>
        client.chat.postMessage(part === 'root' ? posted : { ...posted, thread_ts: this.#root }),
      );
      return ts;
    } catch (error) {
      if (isUnsure(error) && !this.memory.unsure.includes(key)) this.memory.unsure.push(key);
      if (part === 'reply') this.#forget(this.#root, error);
      throw error;
    }
  }

  #find(part: MessageMark['part']): Promise<FoundMessage | undefined> {
    const { api, task, signal } = this.#options;
    const oldest = String(Math.floor(parseIso(task.createdAt) / 1000) - skewS);
    const place = { channel: this.channel, oldest, ...(part === 'reply' && { threadTs: this.#root }) };
    return findMessage(api, place, { mark: this.#mark(part), signal });
  }

  #mark(part: MessageMark['part']): MessageMark {
    const { taskId, eventId } = this.#options.event;
    return { task_id: taskId, event_id: eventId, part };
  }

  /** The new one first: a root without any would look as if nobody cared. */
  async #react(name: string): Promise<void> {
    const before = this.memory.reaction;
    if (before === name) return;
    const at = { channel: this.channel, timestamp: this.#root };
    await this.#reactOnce('reactions.add', (client) => client.reactions.add({ ...at, name }));
    if (before !== undefined) {
      await this.#reactOnce('reactions.remove', (client) => client.reactions.remove({ ...at, name: before }));
    }
    this.memory.reaction = name;
  }

  async #reactOnce(method: string, call: Parameters<SlackApi['call']>[2]): Promise<void> {
    try {
      await this.#call(method, call);
    } catch (error) {
      if (!isDoneAlready(error)) throw error;
    }
  }

  /** A message that somebody deleted is not written to again. */
  #forget(ts: string, error: unknown): void {
    if (!(error instanceof SlackCallError) || error.failure.code !== 'message_not_found') return;
    this.memory.cards = this.memory.cards.filter((card) => card.ts !== ts);
    if (ts !== this.memory.ts) return;
    delete this.memory.ts;
    delete this.memory.reaction;
    this.memory.cards = [];
  }

  #call<T>(method: string, call: Parameters<typeof SlackApi.prototype.call<T>>[2]): Promise<T> {
    const { api, signal } = this.#options;
    return api.call(method, signal, call);
  }
}

function isUnsure(error: unknown): boolean {
  return error instanceof SlackCallError && error.failure.kind === 'retry' && error.failure.unsure;
}

/** What an earlier try has done is done. */
function isDoneAlready(error: unknown): boolean {
  return error instanceof SlackCallError && ['already_reacted', 'no_reaction'].includes(error.failure.code);
}
