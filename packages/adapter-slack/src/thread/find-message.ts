import type { WebClient } from '@slack/web-api';
import type { SlackApi } from '../api/slack-api.ts';

/** By what a message of the platform is known again. */
export interface MessageMark {
  readonly task_id: string;
  readonly event_id: string;
  /** The root is one for a task; every reply is about one event. */
  readonly part: 'root' | 'reply';
}

/** The name that Slack keeps a mark under. */
export const markType = 'abca';

/** Where to look. */
export interface MessagePlace {
  readonly channel: string;
  /** The root of the thread to look in; without it, what is in no thread. */
  readonly threadTs?: string | undefined;
  /** Seconds since the epoch before which the message was surely not posted. */
  readonly oldest: string;
}

const pages = { most: 20, limit: 200 } as const;

/** A message that was found. */
export interface FoundMessage {
  readonly ts: string;
  /** Names of the reactions on it. */
  readonly reactions: readonly string[];
}

interface Page {
  readonly messages?: readonly {
    readonly ts?: string;
    readonly metadata?: unknown;
    readonly reactions?: readonly { readonly name?: string }[];
  }[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

/**
 * Look for a message that may have been posted without anybody learning of it.
 *
 * @returns `undefined` when it is not there
 * @throws SlackCallError
 */
export async function findMessage(
  api: SlackApi,
  place: MessagePlace,
  { mark, signal }: { readonly mark: MessageMark; readonly signal: AbortSignal },
): Promise<FoundMessage | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < pages.most; page += 1) {
    const at = cursor;
    const method = place.threadTs === undefined ? 'conversations.history' : 'conversations.replies';
    const { messages = [], response_metadata: next } = await api.call(method, signal, (client) =>
      read(client, place, at),
    );
    const found = messages.find(({ metadata }) => isMarked(metadata, mark));
    if (found?.ts !== undefined) return { ts: found.ts, reactions: namesOf(found.reactions) };
    cursor = next?.next_cursor;
    if (cursor === undefined || cursor === '') return undefined;
  }
  return undefined;
}

function read(
  client: WebClient,
  { channel, threadTs, oldest }: MessagePlace,
  cursor: string | undefined,
): Promise<Page> {
  const query = {
    channel,
    oldest,
    limit: pages.limit,
    include_all_metadata: true,
    ...(cursor !== undefined && { cursor }),
  };
  return threadTs === undefined
    ? client.conversations.history(query)
    : client.conversations.replies({ ...query, ts: threadTs });
}

function namesOf(reactions: readonly { readonly name?: string }[] = []): readonly string[] {
  return reactions.flatMap(({ name }) => name ?? []);
}

function isMarked(metadata: unknown, { task_id, event_id, part }: MessageMark): boolean {
  const { event_type: type, event_payload: payload } = (metadata ?? {}) as {
    readonly event_type?: unknown;
    readonly event_payload?: Partial<MessageMark>;
  };
  if (type !== markType || payload?.task_id !== task_id || payload.part !== part) return false;
  return part === 'root' || payload.event_id === event_id;
}
