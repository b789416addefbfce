import { anApproval } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blockIdOf, parseBlockId } from '../blocks/button-ids.ts';
import { denyModal } from '../blocks/deny-modal.ts';
import { parseInteraction } from './parse-interaction.ts';

const { taskId, requestId } = anApproval();
const place = { taskId, requestId, channel: 'C0GENERAL', ts: '1767225600.000001' };
const bytes = (payload: unknown): Uint8Array =>
  new TextEncoder().encode(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());

const click = (fields: Readonly<Record<string, unknown>> = {}) => ({
  type: 'block_actions',
  user: { id: 'U0ANN', name: 'ann' },
  trigger_id: '1.2.3',
  container: { type: 'message', channel_id: place.channel, message_ts: place.ts },
  actions: [{ action_id: 'abca_approve', block_id: blockIdOf(place), ...fields }],
});
const submission = (value?: string | null) => ({
  type: 'view_submission',
  user: { id: 'U0ANN' },
  view: { ...denyModal(place), state: { values: { abca_reason: { abca_reason_text: { value } } } } },
});

describe('parseInteraction()', () => {
  test.each([
    [click(), { kind: 'approve', slackUserId: 'U0ANN', place, scope: 'this_call' }],
    [
      click({ action_id: 'abca_approve_scope', selected_option: { value: 'rule:x' } }),
      { kind: 'approve', slackUserId: 'U0ANN', place, scope: 'rule:x' },
    ],
    [click({ action_id: 'abca_deny' }), { kind: 'ask_reason', slackUserId: 'U0ANN', place, triggerId: '1.2.3' }],
    [submission('no'), { kind: 'deny', slackUserId: 'U0ANN', place, reason: 'no' }],
    [submission(null), { kind: 'deny', slackUserId: 'U0ANN', place }],
    [submission(), { kind: 'deny', slackUserId: 'U0ANN', place }],
    [{ type: 'shortcut' }, { kind: 'ignored' }],
  ])('reads %j', (payload, interaction) => {
    expect(parseInteraction(bytes(payload))).toStrictEqual(interaction);
  });

  test('never throws, and never finds a request in what no card is made of', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.jsonValue().map(bytes)), (body) => {
        expect(['malformed', 'ignored']).toContain(parseInteraction(body).kind);
      }),
      { numRuns: 500 },
    );
  });

  test('a good click with any field replaced is read as it says, or not at all', () => {
    const fields = fc.dictionary(
      fc.constantFrom('type', 'user', 'trigger_id', 'container', 'actions', '__proto__'),
      fc.jsonValue({ maxDepth: 3 }),
      { minKeys: 1, maxKeys: 2 },
    );
    fc.assert(
      fc.property(fields, (changes) => {
        const { kind } = parseInteraction(bytes({ ...click(), ...changes }));
        expect(['malformed', 'ignored', 'approve']).toContain(kind);
      }),
      { numRuns: 500 },
    );
  });

  test('a block names a request only in the one form that cards give it', () => {
    expect(parseBlockId(blockIdOf(place))).toStrictEqual({ taskId, requestId });
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom(`abca:${taskId}`, `abca:${taskId}:`, `x:${taskId}:${requestId}`)),
        (id) => {
          expect(parseBlockId(id)).toBeUndefined();
        },
      ),
    );
  });
});
