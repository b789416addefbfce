import { AbcaError, limits, type UserId } from '@abca/core';
import { aRequestId, aTaskId } from '@abca/core/testing';
import type { FakeMessage } from '@abca/wire-fakes/slack';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { anApi } from '../api.test-kit.ts';
import { slackRoutes } from './slack-routes.ts';
import { aSlackWorld, type SlackWorld } from './slack-world.test-kit.ts';

let world: SlackWorld;

beforeEach(async () => {
  world = await aSlackWorld();
});
afterEach(async () => {
  await world.slack.close();
});

const approve = { user: 'U0ANN', actionId: 'abca_approve' };
const deny = { user: 'U0ANN', actionId: 'abca_deny' };
const stored = () => world.approvals.find({ taskId: aTaskId(), requestId: aRequestId() });
const said = () => world.slack.ephemerals().map(({ user, text }) => ({ user, text }));
const hasButtons = ({ blocks }: FakeMessage) => blocks.some(({ type }) => type === 'actions');

describe('POST /v1/slack/interactions', () => {
  test('approves the one call, and the card says so', async () => {
    const { card } = await world.ask();

    const { status, json } = await world.send(world.slack.click({ ...approve, message: card }));

    expect([status, json]).toStrictEqual([200, undefined]);
    expect(await stored()).toMatchObject({ status: 'APPROVED', scope: 'this_call' });
    expect(world.card().text).toBe('Approved by ann: Bash git push --force origin feature');
    expect(hasButtons(world.card())).toBe(false);
  });

  test('approves a scope that was picked', async () => {
    const { card } = await world.ask();
    const click = { user: 'U0ANN', actionId: 'abca_approve_scope', option: 'rule:force_push_any', message: card };

    await world.send(world.slack.click(click));

    expect(await stored()).toMatchObject({ status: 'APPROVED', scope: 'rule:force_push_any' });
  });

  test('asks for the reason of a denial, and denies with it, redacted and cut', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const { card } = await world.ask();
    await world.send(world.slack.click({ ...deny, message: card }));
    expect(await stored()).toMatchObject({ status: 'PENDING' });
    const [view] = world.slack.views();

    const text = `use a branch, not ${secret} ${'x'.repeat(5_000)}`;
    const submission = { user: 'U0ANN', view: view!, texts: { abca_reason_text: text } };
    const { status, json } = await world.send(world.slack.submitModal(submission));

    const denied = await stored();
    expect([status, json]).toStrictEqual([200, undefined]);
    expect(denied?.status).toBe('DENIED');
    expect(denied?.denyReason).toMatch(/^use a branch, not \[REDACTED-GITHUB_TOKEN\] x+…$/);
    expect(denied?.denyReason).toHaveLength(limits.denyReasonChars.stored);
    expect(world.card().text).toBe('Denied by ann: Bash git push --force origin feature');
  });

  test('denies without a reason', async () => {
    const { card } = await world.ask();
    await world.send(world.slack.click({ ...deny, message: card }));

    await world.send(world.slack.submitModal({ user: 'U0ANN', view: world.slack.views()[0]! }));

    expect(await stored()).toMatchObject({ status: 'DENIED' });
    expect(await stored()).not.toHaveProperty('denyReason');
  });

  test.each(['abca_approve', 'abca_deny'])(
    'somebody who is not linked decides nothing by %s (L28)',
    async (actionId) => {
      const { card } = await world.ask();

      const { status } = await world.send(world.slack.click({ user: 'U0BOB', actionId, message: card }));

      expect(status).toBe(200);
      expect(await stored()).toMatchObject({ status: 'PENDING' });
      expect(world.slack.views()).toStrictEqual([]);
      expect(said()).toStrictEqual([
        {
          user: 'U0BOB',
          text: 'You are not linked to a user of this platform, so this decides nothing. Link yourself with: bgagent notifications configure slack --slack-user U0BOB',
        },
      ]);
      expect(world.calls).toStrictEqual(['links.find']);
    },
  );

  test.each(['abca_approve', 'abca_deny'])(
    'somebody who is linked to another user does not decide by %s (no oracle)',
    async (actionId) => {
      await world.links.link('U0BOB', 'bob' as UserId);
      const { card } = await world.ask();

      await world.send(world.slack.click({ user: 'U0BOB', actionId, message: card }));

      expect(await stored()).toMatchObject({ status: 'PENDING' });
      expect(world.slack.views()).toStrictEqual([]);
      expect(said()[0]?.text).toContain('you have no request');
      expect(hasButtons(world.card())).toBe(true);
    },
  );

  test.each(['abca_approve', 'abca_deny'])(
    'a button that was forged does not decide high severity: %s',
    async (action_id) => {
      const { card, approval } = await world.ask({ severity: 'high' });
      expect(hasButtons(card)).toBe(false);
      const block_id = `abca:${approval.taskId}:${approval.requestId}`;
      const action = { type: 'button', action_id, block_id, value: 'this_call' };

      await world.send(world.slack.sign(world.slack.blockActions({ user: 'U0ANN', message: card, action })));

      expect(await stored()).toMatchObject({ status: 'PENDING' });
      expect(world.slack.views()).toStrictEqual([]);
      expect(said()[0]?.text).toContain(`bgagent approve ${approval.taskId} ${approval.requestId}`);
    },
  );

  test('a modal that was forged does not decide high severity', async () => {
    const { card, approval } = await world.ask({ severity: 'high' });
    const place = { taskId: approval.taskId, requestId: approval.requestId, channel: card.channel, ts: card.ts };
    const view = { callback_id: 'abca_deny_modal', private_metadata: JSON.stringify(place), blocks: [] };

    await world.send(world.slack.submitModal({ user: 'U0ANN', view: { id: 'V1', view } }));

    expect(await stored()).toMatchObject({ status: 'PENDING' });
  });

  test.each(['abca_approve', 'abca_deny'])(
    'a click that comes late finds a card that is visibly expired: %s',
    async (actionId) => {
      const { card } = await world.ask();
      await world.clock.advance(300_000);

      const { status } = await world.send(world.slack.click({ user: 'U0ANN', actionId, message: card }));

      expect(status).toBe(200);
      expect(said()[0]?.text).toContain('is TIMED_OUT already');
      expect(world.card().text).toContain('Expired');
      expect(hasButtons(world.card())).toBe(false);
    },
  );

  test('a click on what was decided elsewhere shows what was decided', async () => {
    const { card } = await world.ask();
    await world.call('POST', `/v1/tasks/${aTaskId()}/deny`, { body: { request_id: aRequestId(), reason: 'no' } });

    await world.send(world.slack.click({ ...approve, message: card }));

    expect(await stored()).toMatchObject({ status: 'DENIED' });
    expect(said()[0]?.text).toContain('is DENIED already');
    expect(world.card().text).toBe('Denied by ann: Bash git push --force origin feature');
  });

  test('a reason that comes late denies nothing', async () => {
    const { card } = await world.ask();
    await world.send(world.slack.click({ ...deny, message: card }));
    await world.clock.advance(300_000);

    await world.send(world.slack.submitModal({ user: 'U0ANN', view: world.slack.views()[0]! }));

    expect(world.card().text).toContain('Expired');
    expect(await stored()).not.toHaveProperty('denyReason');
  });

  test('a scope that was forged is refused, and decides nothing', async () => {
    const { card } = await world.ask();
    const click = { user: 'U0ANN', actionId: 'abca_approve_scope', option: 'write_path:src/**', message: card };

    await world.send(world.slack.click(click));

    expect(await stored()).toMatchObject({ status: 'PENDING' });
    expect(said()[0]?.text).toContain('permits nothing of what request');
  });

  test('clicks count with all other decisions of the user', async () => {
    const { card } = await world.ask();
    for (let n = 0; n < limits.decisionRate.limit; n += 1) {
      const action = { action_id: 'abca_approve', block_id: `abca:${aTaskId(2)}:${aRequestId(100 + n)}` };
      await world.send(world.slack.sign(world.slack.blockActions({ user: 'U0ANN', message: card, action })));
    }

    const { status } = await world.send(world.slack.click({ ...approve, message: card }));

    expect(status).toBe(200);
    expect(said().at(-1)?.text).toContain('more than 30 decisions');
    expect(await stored()).toMatchObject({ status: 'PENDING' });
  });

  test('what was decided holds although Slack cannot be told of it', async () => {
    const { card } = await world.ask();
    world.slack.failNext('chat.update', { status: 503 });

    const { status } = await world.send(world.slack.click({ ...approve, message: card }));

    expect(status).toBe(200);
    expect(await stored()).toMatchObject({ status: 'APPROVED' });
    expect(world.logger.lines.map(({ message }) => message)).toContain('slack: card not updated');
    expect(JSON.stringify(world.logger.lines)).not.toContain(world.slack.botToken);
  });

  test('answers within the three seconds that Slack waits, also when Slack itself hangs', async () => {
    const { card } = await world.ask();
    world.slack.failNext('chat.update', 'silence');
    const before = performance.now();

    const { status } = await world.send(world.slack.click({ ...approve, message: card }));

    expect(status).toBe(200);
    expect(performance.now() - before).toBeLessThan(3_000);
  });

  test('answers in time also when a late click has two things to tell, and Slack hangs at both', async () => {
    const { card } = await world.ask();
    await world.clock.advance(300_000);
    world.slack.failNext('chat.postEphemeral', 'silence');
    world.slack.failNext('chat.update', 'silence');
    const before = performance.now();

    const { status } = await world.send(world.slack.click({ ...approve, message: card }));

    expect(status).toBe(200);
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(world.logger.lines.map(({ message }) => message).sort()).toStrictEqual([
      'slack: answer not shown',
      'slack: card not updated',
    ]);
  });

  test('a store that is away is told as such, and nothing is decided', async () => {
    const { card } = await world.ask();
    const original = world.links.find.bind(world.links);
    world.links.find = () => Promise.reject(new AbcaError('SERVICE_UNAVAILABLE', 'throttled', { retryable: true }));

    const { status } = await world.send(world.slack.click({ ...approve, message: card }));
    world.links.find = original;

    expect(status).toBe(503);
    expect(await stored()).toMatchObject({ status: 'PENDING' });
  });

  test('takes note of what it does not handle, and asks nobody', async () => {
    const { status } = await world.send(world.slack.sign({ type: 'message_action', callback_id: 'x' }));

    expect([status, world.calls]).toStrictEqual([200, []]);
  });

  test('is described in the document', async () => {
    const { json } = await world.call('GET', '/v1/openapi.json', { headers: { authorization: '' } });

    expect(json.paths['/v1/slack/interactions'].post).toMatchObject({
      operationId: 'receiveSlackInteraction',
      security: [{ slackSignature: [] }],
    });
    expect(json.components.securitySchemes.slackSignature.name).toBe('X-Slack-Signature');
  });

  test.each(['', '   ', 'short'])('is not served with the secret %j', (signingSecret) => {
    const { approvals, clock, logger } = anApi();
    const deps = { approvals, clock, logger, links: world.links, rates: {} as never, replies: {} as never };

    expect(() => slackRoutes({ ...deps, signingSecret })).toThrow('the signing secret of the Slack app is missing');
  });
});
