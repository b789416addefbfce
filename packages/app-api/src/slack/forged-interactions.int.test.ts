import { createHmac } from 'node:crypto';
import { limits } from '@abca/core';
import { anApproval } from '@abca/core/testing';
import type { SlackRequest } from '@abca/wire-fakes/slack';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { aSlackWorld, sendRaw, type SlackWorld } from './slack-world.test-kit.ts';

let world: SlackWorld;
let good: SlackRequest;

beforeAll(async () => {
  world = await aSlackWorld();
});
afterAll(async () => {
  await world.slack.close();
});
beforeEach(() => {
  good = world.slack.sign(payload());
  world.calls.length = 0;
});

let clicks = 0;
const { taskId, requestId } = anApproval();
const at = { channel_id: 'C0GENERAL', message_ts: '1767225600.000001' };

/** A good click, but for what is named. */
function payload(fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  clicks += 1;
  return {
    type: 'block_actions',
    user: { id: 'U0BOB' },
    trigger_id: `${String(clicks)}.1.x`,
    container: { type: 'message', ...at },
    actions: [{ type: 'button', action_id: 'abca_approve', block_id: `abca:${taskId}:${requestId}` }],
    ...fields,
  };
}

const action = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  actions: [{ action_id: 'abca_approve', block_id: `abca:${taskId}:${requestId}`, ...fields }],
});
const place = { taskId, requestId, channel: 'C0GENERAL', ts: '1767225600.000001' };
const modal = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  type: 'view_submission',
  user: { id: 'U0BOB' },
  view: { callback_id: 'abca_deny_modal', private_metadata: JSON.stringify(place), state: { values: {} }, ...fields },
});

const withHeaders = (headers: Readonly<Record<string, string>>): SlackRequest => ({
  ...good,
  headers: { ...good.headers, ...headers },
});
const without = (name: string): SlackRequest => ({
  ...good,
  headers: Object.fromEntries(Object.entries(good.headers).filter(([key]) => key !== name)),
});
const signature = (): string => good.headers['x-slack-signature'] ?? '';
const timestamp = (): string => good.headers['x-slack-request-timestamp'] ?? '';
const seconds = (ms: number): string => String(Math.floor((world.clock.nowMs() + ms) / 1000));

/** Any body and base text, signed with the right secret. */
function signedOver(
  base: (timestamp: string, body: string) => string,
  body = good.body,
  time = timestamp(),
): SlackRequest {
  const mac = createHmac('sha256', world.slack.signingSecret).update(base(time, body)).digest('hex');
  return { body, headers: { ...good.headers, 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${mac}` } };
}
const resigned = (body: string, time?: string): SlackRequest => signedOver((t, b) => `v0:${t}:${b}`, body, time);
const form = (text: string): string => new URLSearchParams({ payload: text }).toString();
const age = limits.signatureAgeMs;

type Case = readonly [title: string, status: number, forge: () => SlackRequest];

const forgeries: readonly Case[] = [
  ['without a signature', 401, () => without('x-slack-signature')],
  ['without a timestamp', 401, () => without('x-slack-request-timestamp')],
  ['with an empty signature', 401, () => withHeaders({ 'x-slack-signature': '' })],
  ['with an empty timestamp', 401, () => withHeaders({ 'x-slack-request-timestamp': '' })],
  ['with the prefix alone', 401, () => withHeaders({ 'x-slack-signature': 'v0=' })],
  ['without the prefix', 401, () => withHeaders({ 'x-slack-signature': signature().slice(3) })],
  ['of version 1', 401, () => withHeaders({ 'x-slack-signature': signature().replace('v0=', 'v1=') })],
  ['with hex in capitals', 401, () => withHeaders({ 'x-slack-signature': `v0=${signature().slice(3).toUpperCase()}` })],
  ['with a digit too few', 401, () => withHeaders({ 'x-slack-signature': signature().slice(0, -1) })],
  ['with a digit too many', 401, () => withHeaders({ 'x-slack-signature': `${signature()}0` })],
  ['with zeros for a signature', 401, () => withHeaders({ 'x-slack-signature': `v0=${'0'.repeat(64)}` })],
  ['with two signatures', 401, () => withHeaders({ 'x-slack-signature': `${signature()}, ${signature()}` })],
  ['signed with another secret', 401, () => world.slack.sign(payload(), { secret: 'another-secret' })],
  ['signed with an empty secret', 401, () => world.slack.sign(payload(), { secret: '' })],
  ['with another timestamp than was signed', 401, () => withHeaders({ 'x-slack-request-timestamp': seconds(1_000) })],
  ['signed over the body alone', 401, () => signedOver((_time, body) => body)],
  ['signed over another version', 401, () => signedOver((time, body) => `v1:${time}:${body}`)],
  ['signed without the timestamp', 401, () => signedOver((_time, body) => `v0::${body}`)],
  ['with a byte of the body changed', 401, () => ({ ...good, body: good.body.replace('U0BOB', 'U0ANN') })],
  ['with a blank behind the body', 401, () => ({ ...good, body: `${good.body} ` })],
  ['with a second payload behind the body', 401, () => ({ ...good, body: `${good.body}&payload=%7B%7D` })],
  ['without a body', 401, () => ({ ...good, body: '' })],
  ['a second too old', 401, () => world.slack.sign(payload(), { ageMs: age + 1_000 })],
  ['a second too early', 401, () => world.slack.sign(payload(), { ageMs: -age - 1_000 })],
  ['of a day ago', 401, () => world.slack.sign(payload(), { ageMs: 86_400_000 })],
  ['with milliseconds for a timestamp', 401, () => resigned(good.body, `${timestamp()}000`)],
  ['with a fraction of a second', 401, () => resigned(good.body, `${timestamp()}.0`)],
  ['with a sign before the timestamp', 401, () => resigned(good.body, `+${timestamp()}`)],
  ['with a timestamp that is no number', 401, () => resigned(good.body, 'NaN')],
  ['with an endless timestamp', 401, () => resigned(good.body, '9'.repeat(300))],
  ['and too large', 413, () => resigned(good.body.padEnd(limits.webhookBytes + 1, '&'))],
  ['signed, as JSON', 415, () => withHeaders({ 'content-type': 'application/json' })],
  ['signed, without a payload', 400, () => resigned('nothing=1')],
  ['signed, and empty', 400, () => resigned('')],
  ['signed, with two payloads', 400, () => resigned(`${good.body}&${good.body}`)],
  ['signed, and no JSON', 400, () => resigned(form('{"type":'))],
  ['signed, and a text', 400, () => resigned(form('"block_actions"'))],
  ['signed, and null', 400, () => resigned(form('null'))],
  ['signed, without a user', 400, () => world.slack.sign(payload({ user: undefined }))],
  ['signed, with a user that is none', 400, () => world.slack.sign(payload({ user: { id: '<@U0ANN>' } }))],
  ['signed, without a message', 400, () => world.slack.sign(payload({ container: { type: 'view', view_id: 'V1' } }))],
  ['signed, with no action', 400, () => world.slack.sign(payload({ actions: [] }))],
  ['signed, with two actions', 400, () => world.slack.sign(payload({ actions: [{}, {}] }))],
  ['signed, with an unknown action', 400, () => world.slack.sign(payload(action({ action_id: 'abca_all' })))],
  ['signed, with a block of another app', 400, () => world.slack.sign(payload(action({ block_id: 'x' })))],
  ['signed, with ids that are none', 400, () => world.slack.sign(payload(action({ block_id: 'abca:1:2' })))],
  [
    'signed, with ids too many',
    400,
    () => world.slack.sign(payload(action({ block_id: `abca:${taskId}:${requestId}:x` }))),
  ],
  ['signed, with no scope picked', 400, () => world.slack.sign(payload(action({ action_id: 'abca_approve_scope' })))],
  [
    'signed, with an endless scope',
    400,
    () =>
      world.slack.sign(
        payload(action({ action_id: 'abca_approve_scope', selected_option: { value: 'x'.repeat(151) } })),
      ),
  ],
  ['signed, with the modal of another app', 400, () => world.slack.sign(modal({ callback_id: 'x' }))],
  ['signed, with a modal of nothing', 400, () => world.slack.sign(modal({ private_metadata: '' }))],
  [
    'signed, with a modal of ids that are none',
    400,
    () => world.slack.sign(modal({ private_metadata: '{"taskId":"x"}' })),
  ],
  ['signed, with a modal without a state', 400, () => world.slack.sign(modal({ state: undefined }))],
];

describe('an interaction that is forged, stale or broken', () => {
  test('is one of these, all different', () => {
    expect(new Set(forgeries.map(([title]) => title)).size).toBe(forgeries.length);
    expect(forgeries).toHaveLength(53);
  });

  test('is made from one that is taken', async () => {
    const { status } = await world.send(good);

    expect([status, world.calls]).toStrictEqual([200, ['links.find']]);
  });

  test.each(forgeries)('%s → %i, without a call of any port', async (_title, status, forge) => {
    const answer = await world.send(forge());

    expect([answer.status, world.calls]).toStrictEqual([status, []]);
    expect(Object.keys(answer.json)).toStrictEqual(['error']);
    expect(JSON.stringify([answer.json, world.logger.lines])).not.toContain(world.slack.signingSecret);
    expect(JSON.stringify([answer.json, world.logger.lines])).not.toContain(signature().slice(3));
  });

  test('learns the same from every wrong signature', async () => {
    const messages = new Set<string>();
    for (const [, status, forge] of forgeries) {
      if (status === 401) messages.add((await world.send(forge())).json.error.message);
    }

    expect([...messages]).toHaveLength(1);
  });

  test('a request is taken once: a copy of it is not', async () => {
    const first = await world.send(good);
    const calls = [...world.calls];
    const again = await world.send(good);

    expect([first.status, again.status, again.json.error.code]).toStrictEqual([200, 401, 'SIGNATURE_INVALID']);
    expect(world.calls).toStrictEqual(calls);
  });

  test.each([age, -age])('the window ends on both sides at its last second: %i', async (ageMs) => {
    const { status } = await world.send(world.slack.sign(payload(), { ageMs }));

    expect(status).toBe(200);
  });

  test('by another method, or below the path, is not served', async () => {
    const get = await sendRaw(world, { ...good, method: 'GET' });
    const below = await sendRaw(world, { ...good, path: '/v1/slack/interactions/x' });

    expect([get.status, below.status, world.calls]).toStrictEqual([405, 404, []]);
  });
});
