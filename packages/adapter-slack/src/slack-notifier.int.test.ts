import { limits, type UserId } from '@abca/core';
import { anApproval, aRequestId, testEpochMs } from '@abca/core/testing';
import { slackTerminalCodes } from '@abca/wire-fakes/slack';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SlackApi } from './api/slack-api.ts';
import { terminalCodes } from './api/slack-failure.ts';
import { SlackNotifier } from './slack-notifier.ts';
import {
  aMilestone,
  anEvent,
  aSlackWorld,
  asked,
  taskIn,
  textsOf,
  told,
  type SlackWorld,
} from './slack-world.test-kit.ts';

let world: SlackWorld;

beforeEach(async () => {
  world = await aSlackWorld();
});
afterEach(async () => {
  await world.slack.close();
});

const created = anEvent(1, 'task_created');
const started = anEvent(4, 'session_started');
const approval = anApproval();
const waiting = { task: taskIn('AWAITING_APPROVAL'), approval };
const methods = () => world.slack.calls.map(({ method }) => method);
const answered = (
  seq: number,
  name: 'approval_granted' | 'approval_denied' | 'approval_timed_out' | 'approval_stranded',
) => aMilestone(seq, name, { request_id: approval.requestId });

describe('SlackNotifier, the thread', () => {
  test('opens with a root that says what the task is about, marked for a later look', async () => {
    const outcome = await world.tell(created, { task: taskIn('SUBMITTED') });

    const { ts, text, metadata, reactions, channel } = world.root();
    expect(outcome).toStrictEqual({
      kind: 'delivered',
      memory: { channel: 'C0GENERAL', ts, seq: 1, reaction: 'eyes' },
    });
    expect({ text, metadata, reactions, channel }).toStrictEqual({
      text: 'Submitted: Fix the failing test',
      metadata: {
        event_type: 'abca',
        event_payload: { task_id: created.taskId, event_id: created.eventId, part: 'root' },
      },
      reactions: ['eyes'],
      channel: 'C0GENERAL',
    });
    expect(methods()).toStrictEqual(['chat.postMessage', 'reactions.add']);
  });

  test('shows where the task stands in the root, with one reaction at a time', async () => {
    await world.tell(created, { task: taskIn('SUBMITTED') });
    await world.tell(started);
    const working = world.root();
    await world.tell(anEvent(9, 'task_completed'), { task: taskIn('COMPLETED') });

    expect([working.text, working.reactions]).toStrictEqual([
      'Working: Fix the failing test',
      ['hourglass_flowing_sand'],
    ]);
    expect([world.root().text, world.root().reactions]).toStrictEqual([
      'Completed: Fix the failing test',
      ['white_check_mark'],
    ]);
    expect(world.replies().map(({ text }) => text)).toStrictEqual(['Completed: Fix the failing test']);
  });

  test.each([
    ['task_completed', 'COMPLETED', 'white_check_mark'],
    ['task_failed', 'FAILED', 'x'],
    ['task_timed_out', 'TIMED_OUT', 'x'],
    ['task_stranded', 'FAILED', 'x'],
    ['task_cancelled', 'CANCELLED', 'no_entry'],
  ] as const)('%s ends in the reaction of %s, and a reply', async (eventType, status, reaction) => {
    await world.tell(created, { task: taskIn('SUBMITTED') });
    await world.tell(anEvent(9, eventType), { task: taskIn(status) });

    expect(world.root().reactions).toStrictEqual([reaction]);
    expect(world.replies()).toHaveLength(1);
  });

  test('never goes back: an event that comes late changes nothing of the root', async () => {
    await world.tell(created, { task: taskIn('SUBMITTED') });
    await world.tell(anEvent(9, 'task_completed'), { task: taskIn('COMPLETED') });
    const before = world.root();

    const outcome = await world.tell(started, { task: taskIn('RUNNING') });

    expect(outcome.kind).toBe('delivered');
    expect(world.root()).toStrictEqual(before);
  });

  test('an error of the agent is a reply', async () => {
    await world.tell(created, { task: taskIn('SUBMITTED') });
    await world.tell(anEvent(5, 'agent_error', { error_type: 'overloaded', message_preview: 'try <!channel> again' }));

    expect(world.replies().map(textsOf)).toStrictEqual([
      ':warning: *The agent met an error* `overloaded`\ntry &lt;!channel&gt; again',
    ]);
  });

  test('says nothing to somebody who has not set up Slack', async () => {
    const outcome = await world.tell(created, { settings: { email: { address: 'ann@example.com' } } });

    expect(outcome).toStrictEqual({ kind: 'skipped', why: 'the owner of the task is not told on Slack' });
    expect(world.slack.calls).toStrictEqual([]);
  });

  test('tells a person in their direct messages, whose name Slack gives', async () => {
    await world.tell(created, { settings: { slack: { conversation: 'U0ANN' } } });
    await world.tell(started, { settings: { slack: { conversation: 'U0ANN' } } });

    expect(world.root()).toMatchObject({ channel: 'D0ANN', edits: 1 });
    expect(methods().filter((method) => method === 'conversations.open')).toHaveLength(1);
  });

  test('begins a new thread with the next event after somebody deleted the root', async () => {
    await world.tell(created, { task: taskIn('SUBMITTED') });
    world.slack.deleteMessage(world.root());

    const refused = await world.tell(started);
    const next = await world.tell(anEvent(9, 'task_completed'), { task: taskIn('COMPLETED') });

    expect(refused).toMatchObject({ kind: 'refused', code: 'message_not_found' });
    expect(next.kind).toBe('delivered');
    expect(world.root().text).toBe('Completed: Fix the failing test');
  });

  test('forgets what it kept when that is not readable, rather than never to speak again', async () => {
    const outcome = await world.tell(created, { memory: { ts: 7, cards: 'x' } });

    expect(outcome.kind).toBe('delivered');
  });

  test('ends at once when its caller has', async () => {
    const signal = AbortSignal.abort(new Error('gone'));

    await expect(world.notifier.deliver(told(created), { signal })).rejects.toThrow('gone');
    expect(world.slack.calls).toStrictEqual([]);
  });
});

describe('SlackNotifier, cards', () => {
  test('a request is a card in the thread with the whole call, why, until when, and buttons', async () => {
    await world.tell(created, { task: taskIn('SUBMITTED') });
    await world.tell(asked(5), waiting);

    const [card] = world.replies();
    const until = Math.floor(testEpochMs / 1000) + 300;
    expect(textsOf(card!)).toBe(
      [
        ':raised_hand: *Approval needed* · medium severity · `Bash`',
        '```\ngit push --force origin feature\n```',
        '*Why:* force_push_any: a force push rewrites what others may have built on',
        'Rules: `force_push_any`',
        `Answer until <!date^${String(until)}^{date_short_pretty} {time_secs}|2026-01-01T00:05:00.000Z>`,
        'Narrowest scope: `this_call`',
        'Approve this call',
        'Deny…',
        'Approve more…',
        'rule:force_push_any',
        'Approve more than this call?',
        'Calls that fit the scope are not asked about again in this session.',
        'Approve',
        'Back',
      ].join('\n'),
    );
    expect(world.root().text).toBe('Waiting for an approval: Fix the failing test');
  });

  test.each([
    ['low', undefined, true],
    ['medium', undefined, true],
    ['high', undefined, false],
    ['low', 'medium', false],
    ['medium', 'medium', true],
    ['medium', 'high', false],
    ['high', 'low', false],
  ] as const)('severity %s with the least severity %s has buttons: %s', async (severity, minSeverity, hasButtons) => {
    const settings = { slack: { conversation: 'C0GENERAL', ...(minSeverity !== undefined && { minSeverity }) } };
    await world.tell(asked(5), { ...waiting, settings, approval: anApproval({ severity }) });

    const card = world.replies()[0]!;
    const hint = `bgagent approve ${approval.taskId} ${approval.requestId}`;
    expect(card.blocks.some(({ type }) => type === 'actions')).toBe(hasButtons);
    expect(textsOf(card).includes(hint)).toBe(!hasButtons);
  });

  test.each([
    ['approval_granted', { status: 'APPROVED', scope: 'this_call' }, ':white_check_mark: *Approved* by ann'],
    ['approval_denied', { status: 'DENIED', denyReason: 'use a <branch>' }, ':no_entry: *Denied* by ann'],
    ['approval_timed_out', { status: 'TIMED_OUT' }, ':hourglass: *Expired*'],
    ['approval_stranded', { status: 'STRANDED' }, ':no_entry: *No longer needed*'],
  ] as const)('%s, wherever it came from, changes the card and takes its buttons', async (name, fields, headline) => {
    await world.tell(asked(5), waiting);
    await world.tell(answered(6, name), { approval: anApproval(fields) });

    const [card, ...more] = world.replies();
    expect(textsOf(card!)).toContain(headline);
    expect(card!.blocks.filter(({ type }) => type === 'actions')).toStrictEqual([]);
    expect(more).toStrictEqual([]);
  });

  test('a card is closed also when the request is gone from the store', async () => {
    await world.tell(asked(5), waiting);
    await world.tell(answered(6, 'approval_timed_out'));

    expect(textsOf(world.replies()[0]!)).toBe(
      ':hourglass: *Expired* · `Bash` `git push --force origin feature`\nNobody answered in time; the call was not made.',
    );
  });

  test('the end of a task closes the card that is open', async () => {
    await world.tell(asked(5), waiting);
    await world.tell(anEvent(6, 'task_cancelled'), { task: taskIn('CANCELLED') });

    const [card, end] = world.replies();
    expect(textsOf(card!)).toContain('*No longer needed*');
    expect(end!.text).toBe('Cancelled: Fix the failing test');
  });

  test('a request that was decided before it could be told is told as decided', async () => {
    const decided = anApproval({ status: 'APPROVED', scope: 'this_call', userId: 'ann' as UserId });
    await world.tell(answered(6, 'approval_granted'), { approval: decided });
    await world.tell(asked(5), { approval: decided });

    expect(world.replies().map(textsOf)).toStrictEqual([
      ':white_check_mark: *Approved* by ann · `Bash` `git push --force origin feature`\nScope: `this_call`',
    ]);
  });

  test('a request whose time was over before it could be told is told as expired', async () => {
    await world.clock.advance(300_000);
    await world.tell(asked(5), waiting);

    expect(textsOf(world.replies()[0]!)).toContain('*Expired*');
  });
});

describe('SlackNotifier, failures', () => {
  test('knows the codes of the contract, and no others, for refusals for good', () => {
    expect([...terminalCodes].sort()).toStrictEqual([...slackTerminalCodes].sort());
    expect(terminalCodes).toHaveLength(21);
  });

  test.each(slackTerminalCodes)('%s is refused for good', async (error) => {
    world.slack.failNext('chat.postMessage', { error });

    const outcome = await world.tell(created);

    expect(outcome).toMatchObject({ kind: 'refused', code: error });
    expect(JSON.stringify(outcome)).not.toContain(world.slack.botToken);
    expect(world.slack.messages()).toStrictEqual([]);
  });

  test.each(['internal_error', 'fatal_error', 'ratelimited', 'service_unavailable', 'msg_blocks_too_long', 'new_code'])(
    '%s is tried again',
    async (error) => {
      world.slack.failNext('chat.postMessage', { error });

      expect(await world.tell(created)).toMatchObject({ kind: 'retry', code: error });
      expect(await world.tell(created)).toMatchObject({ kind: 'delivered' });
      expect(world.slack.messages()).toHaveLength(1);
    },
  );

  test('waits as long as Slack asks for', async () => {
    world.slack.failNext('chat.postMessage', { retryAfterS: 17 });

    expect(await world.tell(created)).toStrictEqual({
      kind: 'retry',
      code: 'ratelimited',
      message: 'chat.postMessage: Slack is asked too often; again in 17 s',
      retryAfterMs: 17_000,
      memory: { channel: 'C0GENERAL', seq: 0 },
    });
    expect(methods()).toStrictEqual(['chat.postMessage']);
  });

  test.each([500, 502, 503])('HTTP %i is tried again, after a look at what was posted', async (status) => {
    world.slack.failNext('chat.postMessage', { status });

    expect(await world.tell(created)).toMatchObject({ kind: 'retry', code: `http_${String(status)}` });
    await world.tell(created);
    expect(methods()).toStrictEqual(['chat.postMessage', 'conversations.history', 'chat.postMessage', 'reactions.add']);
  });

  test('a Slack that does not answer is given up in time', async () => {
    const api = new SlackApi({ botToken: world.slack.botToken, apiUrl: world.slack.url, timeoutMs: 50 });
    const notifier = new SlackNotifier({ api, clock: world.clock });
    world.slack.failNext('chat.postMessage', 'silence');

    const outcome = await notifier.deliver(told(created));

    expect(outcome).toMatchObject({ kind: 'retry', code: 'timed_out', memory: { unsure: ['root'] } });
  });

  test('a card where nothing listens to clicks has the commands for a terminal', async () => {
    const api = new SlackApi({ botToken: world.slack.botToken, apiUrl: world.slack.url });
    const notifier = new SlackNotifier({ api, clock: world.clock, buttons: false });

    await notifier.deliver(told(asked(2), waiting));

    const [card] = world.replies();
    expect(card?.blocks.map(({ type }) => type)).not.toContain('actions');
    expect(textsOf(card!)).toContain(`bgagent approve ${approval.taskId} ${approval.requestId}`);
  });

  test('a delivery as a whole ends in time, whatever hangs', async () => {
    const api = new SlackApi({ botToken: world.slack.botToken, apiUrl: world.slack.url });
    const notifier = new SlackNotifier({ api, clock: world.clock, tryMs: 50 });
    world.slack.failNext('reactions.add', 'silence');

    expect(await notifier.deliver(told(created))).toMatchObject({ kind: 'retry', code: 'timed_out' });
  });

  test('a Slack that is not there is tried again', async () => {
    await world.slack.close();

    expect(await world.tell(created)).toMatchObject({ kind: 'retry', code: 'econnrefused' });
  });

  test('an answer that is no JSON is tried again, and not repeated to anybody', async () => {
    const api = new SlackApi({ botToken: 'xoxb-1', apiUrl: world.slack.url });
    const { fetch } = globalThis;
    globalThis.fetch = () => Promise.resolve(new Response('<html>a proxy says no, xoxb-1</html>'));
    try {
      const outcome = await new SlackNotifier({ api, clock: world.clock }).deliver(told(created));
      expect(outcome).toMatchObject({ kind: 'retry', code: 'unreadable_answer' });
      expect(JSON.stringify(outcome)).not.toContain('proxy');
    } finally {
      globalThis.fetch = fetch;
    }
  });
});

/** A task's whole way: what is told, and how the task is by then. */
const way = [
  { event: created, fields: { task: taskIn('SUBMITTED') } },
  { event: started, fields: { task: taskIn('RUNNING') } },
  { event: asked(5), fields: waiting },
  {
    event: answered(6, 'approval_granted'),
    fields: { approval: anApproval({ status: 'APPROVED', scope: 'this_call' }) },
  },
  { event: anEvent(7, 'agent_error', { error_type: 'e', message_preview: 'm' }), fields: {} },
  { event: anEvent(9, 'task_completed'), fields: { task: taskIn('COMPLETED') } },
] as const;

/** What must stand in Slack after it, whatever went wrong on the way. */
function expectWholeStory(): void {
  const { text, reactions } = world.root();
  expect({ text, reactions }).toStrictEqual({
    text: 'Completed: Fix the failing test',
    reactions: ['white_check_mark'],
  });
  expect(world.replies().map((reply) => reply.text)).toStrictEqual([
    'Approved by ann: Bash git push --force origin feature',
    'The agent met an error: e',
    'Completed: Fix the failing test',
  ]);
}

describe('SlackNotifier, once', () => {
  const troubles = [
    'lost_request',
    'lost_answer',
    { status: 503 },
    { retryAfterS: 1 },
    { error: 'fatal_error' },
  ] as const;

  test.each(troubles)('every call of a whole way failing once by %j loses and doubles nothing', async (trouble) => {
    for (let failing = 0; ; failing += 1) {
      await world.slack.close();
      world = await aSlackWorld();
      let call = 0;
      world.slack.onCall = () => (call++ === failing ? trouble : undefined);
      for (const { event, fields } of way) {
        const first = await world.tell(event, fields);
        if (first.kind === 'retry') expect(await world.tell(event, fields)).toMatchObject({ kind: 'delivered' });
        else expect(first.kind).toBe('delivered');
      }
      expectWholeStory();
      if (failing > call) return;
    }
  });

  test('a process that dies after any call loses and doubles nothing', async () => {
    for (let dying = 0; ; dying += 1) {
      await world.slack.close();
      world = await aSlackWorld();
      let call = 0;
      // Its call is made, and all that follow are not: nobody hears of any.
      world.slack.onCall = () => {
        call += 1;
        if (call - 1 === dying) return 'lost_answer';
        return undefined;
      };
      for (const { event, fields } of way) {
        const outcome = await world.tell(event, fields);
        if (outcome.kind !== 'retry') continue;
        world.crash();
        expect(await world.tell(event, { ...fields, uncertain: true })).toMatchObject({ kind: 'delivered' });
      }
      expectWholeStory();
      if (dying > call) return;
    }
  });

  test('a death before the root was written down does not make a second one, whichever event comes next', async () => {
    await world.tell(created, { task: taskIn('SUBMITTED') });
    world.crash();
    await world.tell(started);
    await world.tell(created, { task: taskIn('RUNNING'), uncertain: true });

    expect(world.root().text).toBe('Working: Fix the failing test');
    expect(world.root().reactions).toStrictEqual(['hourglass_flowing_sand']);
  });

  test('finds a post among many pages of others', async () => {
    await world.tell(created, { task: taskIn('SUBMITTED') });
    await world.tell(anEvent(5, 'agent_error', { error_type: 'first', message_preview: '' }));
    world.crash();
    for (let seq = 6; seq < 16; seq += 1) {
      await world.tell(anEvent(seq, 'agent_error', { error_type: `other ${String(seq)}`, message_preview: '' }));
    }
    world.slack.pageSize = 3;

    await world.tell(anEvent(5, 'agent_error', { error_type: 'first', message_preview: '' }), { uncertain: true });

    expect(world.replies()).toHaveLength(11);
  });

  test('keeps little, however many requests there were', async () => {
    let last: unknown;
    for (let n = 1; n <= 80; n += 1) {
      const each = anApproval({ requestId: aRequestId(n), inputPreview: '日'.repeat(500) });
      const outcome = await world.tell(asked(n + 1, each), { ...waiting, approval: each });
      last = outcome.memory;
    }

    expect(Buffer.byteLength(JSON.stringify(last))).toBeLessThan(limits.delivery.memoryBytes);
    expect(last).toMatchObject({
      cards: expect.arrayContaining([expect.objectContaining({ requestId: aRequestId(80) })]),
    });
  });
});

describe('SlackNotifier, texts of others', () => {
  const secret = `ghp_${'a1B2'.repeat(9)}`;
  const hostile = `<!channel> <!here> <@U0ANN> <https://evil.example|click> @channel @here @everyone & *b* \`\`\` \u001b[31m ${secret}`;

  test('none of them pings, links, breaks out of code or shows a secret', async () => {
    await world.tell(created, { task: taskIn('SUBMITTED', { taskDescription: hostile }) });
    await world.tell(asked(5), {
      approval: anApproval({
        toolName: hostile,
        input: `${hostile}\n${hostile}`,
        inputPreview: hostile,
        reason: hostile,
        matchingRuleIds: [hostile],
        suggestedScopes: ['this_call', `bash_pattern:echo ${secret} x`],
      }),
    });
    await world.tell(anEvent(9, 'task_failed'), {
      task: taskIn('FAILED', {
        failure: { code: 'AGENT_FAILED', message: hostile },
        result: { outcome: 'failed', summary: hostile, turns: 1, costUsd: 0, inputTokens: 0, outputTokens: 0 },
      }),
    });

    const all = world.slack.messages();
    const sent = world.slack.calls.map(({ args }) => `${args['text'] ?? ''}\n${args['blocks'] ?? ''}`).join('\n');
    expect(all).toHaveLength(3);
    expect(sent).not.toMatch(/<[!@#](?!date\^)/);
    expect(sent).not.toContain('<https://evil');
    expect(sent).not.toMatch(/@(channel|here|everyone)/);
    expect(sent).not.toContain('ghp_');
    expect(sent).not.toContain('\u001b');
    expect(sent.match(/```/g)).toHaveLength(2);
  });

  test.each([10, 1_000, 20_000, 200_000])('texts of %i characters fit into what Slack takes', async (length) => {
    const long = '<&日>'.repeat(length / 5);
    const first = await world.tell(created, { task: taskIn('SUBMITTED', { taskDescription: long }) });
    const second = await world.tell(asked(5), {
      approval: anApproval({
        toolName: long,
        input: long,
        inputPreview: long,
        reason: long,
        matchingRuleIds: Array.from({ length: 30 }, () => long),
        suggestedScopes: ['this_call', ...Array.from({ length: 300 }, (_, n) => `rule:${'r'.repeat(120)}${String(n)}`)],
      }),
    });
    const third = await world.tell(anEvent(9, 'task_failed'), {
      task: taskIn('FAILED', {
        repo: `acme/${'r'.repeat(200)}` as never,
        branch: long,
        failure: { code: 'AGENT_FAILED', message: long },
        result: {
          outcome: 'failed',
          summary: long,
          turns: 1,
          costUsd: 0,
          inputTokens: 0,
          outputTokens: 0,
          prUrl: long,
        },
      }),
    });

    expect([first.kind, second.kind, third.kind]).toStrictEqual(['delivered', 'delivered', 'delivered']);
  });
});
