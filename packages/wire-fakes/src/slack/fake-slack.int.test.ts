import { createHmac } from 'node:crypto';
import { FakeClock } from '@abca/core/testing';
import { LogLevel, WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { slackTerminalCodes, startFakeSlack, type FakeSlack, type Json } from './index.ts';

let clock: FakeClock;
let slack: FakeSlack;
let client: WebClient;

beforeEach(async () => {
  clock = new FakeClock();
  slack = await startFakeSlack({ clock });
  client = clientWith(slack.botToken);
});
afterEach(async () => {
  await slack.close();
});

const nothing = (): void => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, setLevel: nothing, setName: nothing };
const clientWith = (token?: string, timeout = 0): WebClient =>
  new WebClient(token, {
    slackApiUrl: slack.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout,
    logger: { ...logger, getLevel: () => LogLevel.ERROR },
  });

/** How a call ended: Slack's code, or the client's. */
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    ({ code, data }: { code: string; data?: { error: string } }) => data?.error ?? code,
  );
const channel = 'C0GENERAL';
const post = async (fields: Record<string, unknown> = {}): Promise<string> =>
  (await client.chat.postMessage({ channel, text: 'hello', ...fields })).ts ?? '';
const metadata = { event_type: 'abca', event_payload: { task_id: 't-1' } };
const section = { type: 'section', text: { type: 'mrkdwn', text: 'hello' } };
const buttons = {
  type: 'actions',
  block_id: 'b-1',
  elements: [
    { type: 'button', action_id: 'yes', text: { type: 'plain_text', text: 'Yes' }, value: 'v' },
    {
      type: 'static_select',
      action_id: 'pick',
      options: [{ text: { type: 'plain_text', text: 'One' }, value: '1' }],
    },
  ],
};
const modal = {
  type: 'modal',
  callback_id: 'm',
  title: { type: 'plain_text', text: 'Why' },
  submit: { type: 'plain_text', text: 'Send' },
  private_metadata: 'kept',
  blocks: [
    {
      type: 'input',
      block_id: 'i',
      label: { type: 'plain_text', text: 'Why' },
      element: { type: 'plain_text_input', action_id: 'text' },
    },
  ],
};
const payloadOf = (body: string): Record<string, never> =>
  JSON.parse(new URLSearchParams(body).get('payload') ?? '') as Record<string, never>;

describe('FakeSlack, tokens', () => {
  test('says who the token is', async () => {
    expect(await client.auth.test()).toMatchObject({ ok: true, team_id: 'T0ACME', user_id: 'U0ABCABOT' });
  });

  test('refuses others, none, and methods that it does not know', async () => {
    expect(await codeOf(clientWith('xoxb-other').auth.test())).toBe('invalid_auth');
    expect(await codeOf(clientWith().auth.test())).toBe('not_authed');
    expect(await codeOf(client.team.info())).toBe('unknown_method');
  });
});

describe('FakeSlack, messages', () => {
  test('gives each its own time, rising, although the clock stands', async () => {
    const all = [await post(), await post(), await post()];

    expect(all).toStrictEqual(['1767225600.000000', '1767225600.000001', '1767225600.000002']);
  });

  test('keeps what was posted, and shows metadata to whoever asks for it', async () => {
    const ts = await post({ blocks: [section], metadata });

    const plain = await client.conversations.history({ channel });
    const all = await client.conversations.history({ channel, include_all_metadata: true });

    expect(plain.messages?.[0]).toMatchObject({ ts, text: 'hello', blocks: [section] });
    expect(plain.messages?.[0]).not.toHaveProperty('metadata');
    expect(all.messages?.[0]?.metadata).toStrictEqual(metadata);
  });

  test('answers a thread with its parent first, and history without its replies, the newest first', async () => {
    const root = await post({ text: 'root' });
    const reply = await post({ text: 'reply', thread_ts: root });
    await post({ text: 'reply to the reply', thread_ts: reply });
    await post({ text: 'other' });

    const thread = await client.conversations.replies({ channel, ts: root });
    const history = await client.conversations.history({ channel });

    expect(thread.messages?.map(({ text }) => text)).toStrictEqual(['root', 'reply', 'reply to the reply']);
    expect(history.messages?.map(({ text }) => text)).toStrictEqual(['other', 'root']);
  });

  test('pages by cursor, and from a time on', async () => {
    const root = await post();
    for (const text of ['a', 'b', 'c']) await post({ text, thread_ts: root });
    slack.pageSize = 3;

    const first = await client.conversations.replies({ channel, ts: root });
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await client.conversations.replies({ channel, ts: root, cursor });
    const late = await client.conversations.replies({ channel, ts: root, oldest: '1767225600.000002' });

    expect([first.messages?.length, first.has_more]).toStrictEqual([3, true]);
    expect([second.messages?.map(({ text }) => text), second.has_more]).toStrictEqual([['c'], false]);
    expect(late.messages?.map(({ text }) => text)).toStrictEqual(['c']);
    expect(await codeOf(client.conversations.history({ channel, cursor: 'x' }))).toBe('invalid_cursor');
    expect(await codeOf(client.conversations.replies({ channel, ts: '1.000000' }))).toBe('thread_not_found');
  });

  test('changes a message: what is not sent stays, but for blocks under a new text', async () => {
    const ts = await post({ blocks: [section], metadata });

    await client.chat.update({ channel, ts, text: 'both', blocks: [section] } as never);
    const [both] = slack.messages();
    await client.chat.update({ channel, ts, text: 'text alone' });
    const [alone] = slack.messages();

    expect(both).toMatchObject({ text: 'both', blocks: [section], metadata, edits: 1 });
    expect(alone).toMatchObject({ text: 'text alone', blocks: [], metadata, edits: 2 });
  });

  test('refuses what is not there', async () => {
    slack.addChannel('C0OTHER', { isMember: false });
    slack.addChannel('C0OLD', { isArchived: true });
    const text = 'x';

    expect(await codeOf(client.chat.postMessage({ channel: 'C0NONE', text }))).toBe('channel_not_found');
    expect(await codeOf(client.chat.postMessage({ channel: 'C0OTHER', text }))).toBe('not_in_channel');
    expect(await codeOf(client.chat.postMessage({ channel: 'C0OLD', text }))).toBe('is_archived');
    expect(await codeOf(client.chat.postMessage({ channel, text, thread_ts: '1.000000' }))).toBe('message_not_found');
    expect(await codeOf(client.chat.update({ channel, ts: '1.000000', text }))).toBe('message_not_found');
    expect(await codeOf(client.chat.postMessage({ channel, text: '' }))).toBe('no_text');
    expect(await codeOf(client.chat.postMessage({ channel, text: 'x'.repeat(40_001) }))).toBe('msg_too_long');
    expect(await codeOf(client.chat.postMessage({ channel, text, metadata: { event_type: 'x' } } as never))).toBe(
      'invalid_metadata_schema',
    );
  });

  test('opens the conversation with a person, whose id is another one than theirs', async () => {
    const opened = await client.conversations.open({ users: 'U0ANN' });
    const posted = await client.chat.postMessage({ channel: 'U0ANN', text: 'psst' });

    expect([opened.channel?.id, posted.channel]).toStrictEqual(['D0ANN', 'D0ANN']);
    expect(await codeOf(client.chat.update({ channel: 'U0ANN', ts: posted.ts ?? '', text: 'x' }))).toBe(
      'channel_not_found',
    );
    expect(await codeOf(client.chat.postMessage({ channel: 'U0NOBODY', text: 'x' }))).toBe('channel_not_found');
    expect(await codeOf(client.conversations.open({ users: 'U0NOBODY' }))).toBe('user_not_found');
  });

  test('shows one person what nobody else sees', async () => {
    await client.chat.postEphemeral({ channel, user: 'U0ANN', text: 'psst' });

    expect(slack.ephemerals()).toStrictEqual([{ channel, user: 'U0ANN', text: 'psst' }]);
    expect(slack.messages()).toStrictEqual([]);
    expect(await codeOf(client.chat.postEphemeral({ channel, user: 'U0BOB', text: 'x' }))).toBe('user_not_in_channel');
  });

  test('takes each reaction once, and away once', async () => {
    const at = { channel, timestamp: await post(), name: 'eyes' };

    expect(await codeOf(client.reactions.add(at))).toBe('no error');
    expect(await codeOf(client.reactions.add(at))).toBe('already_reacted');
    expect(slack.messages()[0]?.reactions).toStrictEqual(['eyes']);
    expect(await codeOf(client.reactions.remove(at))).toBe('no error');
    expect(await codeOf(client.reactions.remove(at))).toBe('no_reaction');
    expect(await codeOf(client.reactions.add({ ...at, name: ':eyes:' }))).toBe('invalid_name');
    expect(await codeOf(client.reactions.add({ ...at, timestamp: '1.000000' }))).toBe('message_not_found');
  });

  test('knows its people', async () => {
    expect((await client.users.info({ user: 'U0ANN' })).user).toMatchObject({ id: 'U0ANN', is_bot: false });
    expect(await codeOf(client.users.info({ user: 'U0BOB' }))).toBe('user_not_found');
  });

  test('forgets a message that somebody deletes', async () => {
    const ts = await post();
    slack.deleteMessage({ channel, ts });

    expect(await codeOf(client.chat.update({ channel, ts, text: 'x' }))).toBe('message_not_found');
  });

  test('refuses blocks that are wrong, with the reason, and too much text in all', async () => {
    const wrong = client.chat.postMessage({ channel, text: 'x', blocks: [{ type: 'section' }] } as never);
    const long = { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(2_900) } };

    await expect(wrong).rejects.toMatchObject({
      data: {
        error: 'invalid_blocks',
        response_metadata: { messages: ['[ERROR] blocks[0]: a section needs text or fields'] },
      },
    });
    expect(await codeOf(post({ blocks: Array.from({ length: 5 }, () => long) }))).toBe('msg_blocks_too_long');
    expect(await codeOf(post({ blocks: '[' }))).toBe('invalid_blocks_format');
  });
});

describe('FakeSlack, troubles', () => {
  test.each(slackTerminalCodes)('answers %s once, without an effect', async (error) => {
    slack.failNext('chat.postMessage', { error });

    expect(await codeOf(post())).toBe(error);
    expect(await codeOf(post())).toBe('no error');
    expect(slack.messages()).toHaveLength(1);
  });

  test('asks to wait', async () => {
    slack.failNext('any', { retryAfterS: 30 });

    await expect(post()).rejects.toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 30 });
  });

  test('breaks in each of its ways', async () => {
    slack.failNext('chat.postMessage', { status: 503 });
    slack.failNext('chat.postMessage', 'lost_request');
    slack.failNext('chat.postMessage', 'lost_answer');

    const codes = [await codeOf(post()), await codeOf(post()), await codeOf(post())];

    expect(codes).toStrictEqual([
      'slack_webapi_http_error',
      'slack_webapi_request_error',
      'slack_webapi_request_error',
    ]);
    expect(slack.messages()).toHaveLength(1);
  });

  test('stays silent until somebody hangs up', async () => {
    slack.failNext('chat.postMessage', 'silence');
    const hasty = clientWith(slack.botToken, 30);

    expect(await codeOf(hasty.chat.postMessage({ channel, text: 'x' }))).toBe('slack_webapi_request_error');
    expect(slack.messages()).toStrictEqual([]);
  });

  test('fails as often as it is told, another method alone, and no more once it is healed', async () => {
    slack.failNext('reactions.add', { error: 'fatal_error' });
    slack.failNext('chat.postMessage', { error: 'fatal_error' }, Number.POSITIVE_INFINITY);

    expect([await codeOf(post()), await codeOf(post())]).toStrictEqual(['fatal_error', 'fatal_error']);
    slack.heal();
    expect(await codeOf(post())).toBe('no error');
  });

  test('asks at every call, and keeps them', async () => {
    slack.onCall = ({ method }) => (method === 'auth.test' ? { error: 'fatal_error' } : undefined);

    expect([await codeOf(client.auth.test()), await codeOf(post())]).toStrictEqual(['fatal_error', 'no error']);
    expect(slack.calls.map(({ method, args }) => [method, args['text']])).toStrictEqual([
      ['auth.test', undefined],
      ['chat.postMessage', 'hello'],
    ]);
  });
});

describe('FakeSlack, interactions', () => {
  const clicked = async (forgery = {}) => {
    await post({ blocks: [section, buttons] });
    const [message] = slack.messages();
    return slack.click({ user: 'U0ANN', message: message!, actionId: 'yes' }, forgery);
  };

  test('signs what it sends over time and body', async () => {
    const { headers, body } = await clicked();

    const base = `v0:${String(clock.nowMs() / 1000)}:${body}`;
    const mac = createHmac('sha256', slack.signingSecret).update(base).digest('hex');
    expect(headers).toStrictEqual({
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(clock.nowMs() / 1000),
      'x-slack-signature': `v0=${mac}`,
    });
    expect(payloadOf(body)).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0ANN' },
      container: { channel_id: channel, message_ts: slack.messages()[0]!.ts },
      actions: [{ action_id: 'yes', block_id: 'b-1', value: 'v' }],
    });
  });

  test('forges in each of its ways', async () => {
    const good = await clicked();
    const [message] = slack.messages();
    const forged = (forgery: object) => slack.click({ user: 'U0ANN', message: message!, actionId: 'yes' }, forgery);

    expect(forged({ ageMs: 10_000 }).headers['x-slack-request-timestamp']).toBe(String(clock.nowMs() / 1000 - 10));
    expect(forged({ tamper: () => 'other' }).body).toBe('other');
    expect(forged({ secret: 'no' }).headers['x-slack-signature']).not.toBe(good.headers['x-slack-signature']);
  });

  test('picks an option, and presses nothing that is not there', async () => {
    await post({ blocks: [buttons] });
    const message = slack.messages()[0]!;

    const { body } = slack.click({ user: 'U0ANN', message, actionId: 'pick', option: '1' });

    expect(payloadOf(body)).toMatchObject({ actions: [{ action_id: 'pick', selected_option: { value: '1' } }] });
    expect(() => slack.click({ user: 'U0ANN', message, actionId: 'no' })).toThrow('no element no to press');
  });

  test('opens a modal once for each trigger, within three seconds', async () => {
    const trigger = async (): Promise<string> => String(payloadOf((await clicked()).body)['trigger_id']);
    const open = (trigger_id: string, view: Json = modal) => codeOf(client.views.open({ trigger_id, view } as never));
    const first = await trigger();
    const late = await trigger();

    expect(await open('none')).toBe('invalid_trigger_id');
    expect(await open(first)).toBe('no error');
    expect(await open(first)).toBe('invalid_trigger_id');
    await clock.advance(3_001);
    expect(await open(late)).toBe('expired_trigger_id');
    expect(await open(await trigger(), { ...modal, title: undefined })).toBe('invalid_arguments');
    expect(slack.views()).toStrictEqual([{ id: 'V1', view: modal }]);
  });

  test('submits a modal with what was written in it', async () => {
    const trigger_id = String(payloadOf((await clicked()).body)['trigger_id']);
    await client.views.open({ trigger_id, view: modal } as never);
    const [view] = slack.views();

    const { body } = slack.submitModal({ user: 'U0ANN', view: view!, texts: { text: 'because' } });

    expect(payloadOf(body)).toMatchObject({
      type: 'view_submission',
      user: { id: 'U0ANN' },
      view: { callback_id: 'm', private_metadata: 'kept', state: { values: { i: { text: { value: 'because' } } } } },
    });
  });

  test('takes five answers to the response URL within half an hour', async () => {
    const respond = async (url: string, body: object): Promise<number> =>
      (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status;
    const url = String(payloadOf((await clicked()).body)['response_url']);
    const late = String(payloadOf((await clicked()).body)['response_url']);

    expect(await respond(url, { text: 'new', replace_original: true })).toBe(200);
    expect(slack.messages()[0]).toMatchObject({ text: 'new', blocks: [], edits: 1 });
    for (let n = 2; n <= 5; n += 1) expect(await respond(url, { text: 'for you' })).toBe(200);
    expect(await respond(url, { text: 'too much' })).toBe(404);
    expect(slack.ephemerals()).toHaveLength(4);
    await clock.advance(30 * 60_000 + 1);
    expect(await respond(late, { text: 'late' })).toBe(404);
    expect(await respond(url.replace(/\d+$/, '999'), { text: 'x' })).toBe(404);
  });
});
