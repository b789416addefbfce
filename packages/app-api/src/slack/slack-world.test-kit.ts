import { SlackApi, SlackNotifier, SlackWebReplies } from '@abca/adapter-slack';
import type { Approval, ChannelMemory, UserId } from '@abca/core';
import { aTask, InMemoryIdentityLinks, InMemoryRateLimiter } from '@abca/core/testing';
import { startFakeSlack, type FakeMessage, type FakeSlack, type SlackRequest } from '@abca/wire-fakes/slack';
import { anApi, anOpenRequest, type Answer, type ApiWorld } from '../api.test-kit.ts';
import { slackRoutes } from './slack-routes.ts';

/** The API with the routes for Slack, and a Slack whose person U0ANN is `ann`. `calls` names every call of a port. */
export interface SlackWorld extends ApiWorld {
  readonly slack: FakeSlack;
  readonly links: InMemoryIdentityLinks;
  readonly calls: string[];
  /** What Slack sends, as it comes in, without a token. */
  send(request: SlackRequest, changes?: { readonly headers?: Readonly<Record<string, string>> }): Promise<Answer>;
  /** An open request of the caller, and its card. */
  ask(fields?: Partial<Approval>): Promise<{ readonly approval: Approval; readonly card: FakeMessage }>;
  /** The card as it is now. */
  card(): FakeMessage;
}

export async function aSlackWorld(): Promise<SlackWorld> {
  const calls: string[] = [];
  const { tasks, approvals, clock, logger } = anApi();
  const slack = await startFakeSlack({ clock });
  const links = new InMemoryIdentityLinks();
  await links.link('U0ANN', 'ann' as UserId);
  slack.addUser('U0BOB');
  const api = new SlackApi({ botToken: slack.botToken, apiUrl: slack.url });
  const rates = new InMemoryRateLimiter(clock);
  const ports = noted({ approvals, links, rates }, calls);
  const replies = new SlackWebReplies({ api, clock });
  const signed = [slackRoutes({ ...ports, clock, logger, replies, signingSecret: slack.signingSecret })];
  const world = { ...anApi({ tasks, approvals, clock, logger, signed }), tasks, approvals, clock, logger };
  const notifier = new SlackNotifier({ api, clock });
  return {
    ...world,
    slack,
    links,
    calls,
    send: ({ headers, body }, changes = {}) => sendRaw(world, { body, headers: { ...headers, ...changes.headers } }),
    card: () => slack.messages().find(({ threadTs }) => threadTs !== undefined) as FakeMessage,
    ask: async (fields = {}) => {
      const approval = await anOpenRequest(world, fields);
      const memory: ChannelMemory = {};
      await notifier.deliver({ event: asked(approval), task: aTask(), approval, settings, memory, uncertain: false });
      const cards = slack.messages().filter(({ threadTs }) => threadTs !== undefined);
      return { approval, card: cards.at(-1) as FakeMessage };
    },
  };
}

const settings = { slack: { conversation: 'C0GENERAL' } };

function asked({ taskId, userId, repo, requestId, createdAt }: Approval) {
  return {
    taskId,
    userId,
    repo,
    seq: 1,
    eventId: 'e-1',
    eventType: 'agent_milestone' as const,
    timestamp: createdAt,
    metadata: { milestone: 'approval_requested', request_id: requestId },
  };
}

/** Bytes and headers as they are, to the routes for Slack. */
export async function sendRaw(
  { app }: Pick<ApiWorld, 'app'>,
  sent: {
    readonly body: string | Uint8Array<ArrayBuffer>;
    readonly headers: Readonly<Record<string, string>>;
    readonly method?: string;
    readonly path?: string;
  },
): Promise<Answer> {
  const { method = 'POST', path = '/v1/slack/interactions', body, headers } = sent;
  const response = await app.request(path, { method, headers, ...(method !== 'GET' && { body }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) };
}

/** The ports as they are, each call of theirs noted in `calls`. */
function noted<T extends Readonly<Record<string, object>>>(ports: T, calls: string[]): T {
  const noting = (name: string, port: object): object =>
    new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          calls.push(`${name}.${String(key)}`);
          return Reflect.apply(value, target, args);
        };
      },
    });
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, noting(name, port)])) as T;
}
