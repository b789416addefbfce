import { isTaskId, type RequestId, type TaskId } from '@abca/core';
import * as z from 'zod';
import { actionIds, denyModalId, parseBlockId, reasonIds, type CardTarget } from '../blocks/button-ids.ts';

/** A card that somebody used, as the request says: nothing of it is believed before the stored request confirms it. */
export interface CardPlace extends CardTarget {
  readonly channel: string;
  readonly ts: string;
}

/** What somebody did in Slack. */
export type Interaction =
  | { readonly kind: 'approve'; readonly slackUserId: string; readonly place: CardPlace; readonly scope: string }
  /** Asked for the reason of a denial; `triggerId` opens the modal, within three seconds. */
  | { readonly kind: 'ask_reason'; readonly slackUserId: string; readonly place: CardPlace; readonly triggerId: string }
  | { readonly kind: 'deny'; readonly slackUserId: string; readonly place: CardPlace; readonly reason?: string }
  /** Slack tells of it, and nothing is to be done. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'malformed'; readonly why: string };

const slackId = z.string().regex(/^[A-Za-z0-9_]{2,40}$/);
const timestamp = z.string().regex(/^\d{1,12}\.\d{1,12}$/);
const user = z.object({ id: slackId });

const action = z.object({
  action_id: z.string(),
  block_id: z.string(),
  selected_option: z.object({ value: z.string().min(1).max(150) }).optional(),
});

const clickSchema = z.object({
  type: z.literal('block_actions'),
  user,
  trigger_id: z.string().min(1).max(200),
  container: z.object({ type: z.literal('message'), channel_id: slackId, message_ts: timestamp }),
  actions: z.array(action).length(1),
});

const submissionSchema = z.object({
  type: z.literal('view_submission'),
  user,
  view: z.object({
    callback_id: z.literal(denyModalId),
    private_metadata: z.string().max(3_000),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))) }),
  }),
});

const placeSchema = z.object({
  taskId: z.string().refine(isTaskId) as unknown as z.ZodType<TaskId>,
  requestId: z.string().refine(isTaskId) as unknown as z.ZodType<RequestId>,
  channel: slackId,
  ts: timestamp,
});

/** What a body of Slack's, whose signature was checked, says that somebody did. Never throws. */
export function parseInteraction(rawBody: Uint8Array): Interaction {
  const payloads = new URLSearchParams(new TextDecoder().decode(rawBody)).getAll('payload');
  const [payload] = payloads;
  if (payload === undefined || payloads.length > 1) return malformed('there must be one payload');
  const value = parseJson(payload);
  if (typeof value !== 'object' || value === null) return malformed('the payload is no JSON object');
  const { type } = value as { readonly type?: unknown };
  if (type === 'block_actions') return readClick(value);
  if (type === 'view_submission') return readSubmission(value);
  return { kind: 'ignored' };
}

function readClick(value: object): Interaction {
  const click = clickSchema.safeParse(value);
  if (!click.success) return malformed(z.prettifyError(click.error));
  const { user: by, container, actions, trigger_id: triggerId } = click.data;
  const [{ action_id: id, block_id: blockId, selected_option: option } = { action_id: '', block_id: '' }] = actions;
  const target = parseBlockId(blockId);
  if (target === undefined) return malformed('the block names no request');
  const slackUserId = by.id;
  const place = { ...target, channel: container.channel_id, ts: container.message_ts };
  if (id === actionIds.approve) return { kind: 'approve', slackUserId, place, scope: 'this_call' };
  if (id === actionIds.deny) return { kind: 'ask_reason', slackUserId, place, triggerId };
  if (id !== actionIds.approveScope) return malformed('the action is not one of a card');
  return option === undefined
    ? malformed('no scope was picked')
    : { kind: 'approve', slackUserId, place, scope: option.value };
}

function readSubmission(value: object): Interaction {
  const submission = submissionSchema.safeParse(value);
  if (!submission.success) return malformed(z.prettifyError(submission.error));
  const { user: by, view } = submission.data;
  const place = placeSchema.safeParse(parseJson(view.private_metadata));
  if (!place.success) return malformed('the modal names no request');
  const reason = view.state.values[reasonIds.block]?.[reasonIds.action]?.value ?? undefined;
  return { kind: 'deny', slackUserId: by.id, place: place.data, ...(reason !== undefined && { reason }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function malformed(why: string): Interaction {
  return { kind: 'malformed', why };
}
