import type { CardPlace, Interaction, SlackReplies } from '@abca/adapter-slack/inbound';
import {
  AbcaError,
  assertByButton,
  decideApproval,
  parseIso,
  requestNotFound,
  type Approval,
  type DecideDeps,
  type DecideRequest,
  type ErrorCode,
  type IdentityLinks,
  type Logger,
  type UserId,
} from '@abca/core';

/** What answers somebody in Slack. */
export interface InteractionDeps extends DecideDeps {
  readonly links: Pick<IdentityLinks, 'find'>;
  readonly replies: SlackReplies;
  readonly logger: Logger;
}

type UserAction = Exclude<Interaction, { kind: 'ignored' | 'malformed' }>;

/** Refusals that whoever clicked can do something about. All other errors are the platform's, and are answered as such. */
const told: readonly ErrorCode[] = [
  'REQUEST_NOT_FOUND',
  'REQUEST_ALREADY_DECIDED',
  'TASK_NOT_AWAITING_APPROVAL',
  'VALIDATION_ERROR',
  'FORBIDDEN',
  'RATE_LIMIT_EXCEEDED',
];

/**
 * Do what somebody in Slack asks for, as the user that they are linked to. To be in the channel is no right: without a link
 * nothing is decided, and with one only what is that user's own. What was decided holds, whether Slack can be told of it or not.
 *
 * @throws AbcaError SERVICE_UNAVAILABLE (retryable), STORE_ERROR
 */
export async function answerInteraction(deps: InteractionDeps, action: UserAction): Promise<void> {
  const userId = await deps.links.find(action.slackUserId);
  if (userId === undefined) return tell(deps, action, linkHint(action.slackUserId));
  try {
    await act(deps, { action, userId });
  } catch (error) {
    if (!AbcaError.is(error) || !told.includes(error.code)) throw error;
    const isLate = error.code === 'REQUEST_ALREADY_DECIDED';
    // Both at once: one after the other, a Slack that hangs would keep whoever clicked longer than it waits itself.
    await Promise.all([
      tell(deps, action, error.message),
      isLate ? refresh(deps, { place: action.place, userId }) : undefined,
    ]);
  }
}

interface LinkedAction {
  readonly action: UserAction;
  readonly userId: UserId;
}

async function act(deps: InteractionDeps, { action, userId }: LinkedAction): Promise<void> {
  if (action.kind === 'ask_reason') return askReason(deps, { action, userId });
  const { taskId, requestId } = action.place;
  const answer: DecideRequest['answer'] =
    action.kind === 'approve' ? { kind: 'approve', scope: action.scope } : { kind: 'deny', reason: action.reason };
  const decided = await decideApproval(deps, { userId, taskId, requestId, answer, via: 'button' });
  await quietly(deps, 'card not updated', () => deps.replies.showCard(action.place, decided));
}

/** Nobody writes a reason for what cannot be denied any more. What is denied in the end is decided when they send it. */
async function askReason(
  deps: InteractionDeps,
  { action, userId }: { readonly action: Extract<UserAction, { kind: 'ask_reason' }>; readonly userId: UserId },
): Promise<void> {
  const { place, triggerId } = action;
  const approval = await findOwn(deps, { place, userId });
  if (approval === undefined) throw requestNotFound(place.requestId);
  assertByButton(approval);
  const status = statusOf(approval, deps.clock.nowMs());
  if (status !== 'PENDING') {
    throw new AbcaError('REQUEST_ALREADY_DECIDED', `request ${place.requestId} is ${status} already`);
  }
  await quietly(deps, 'reason not asked for', () => deps.replies.askReason(place, triggerId));
}

function statusOf({ status, expiresAt }: Approval, nowMs: number): Approval['status'] {
  return status === 'PENDING' && parseIso(expiresAt) <= nowMs ? 'TIMED_OUT' : status;
}

/** The card of a request that was decided elsewhere, or ran out, shows it from now on. */
async function refresh(
  deps: InteractionDeps,
  { place, userId }: { readonly place: CardPlace; readonly userId: UserId },
): Promise<void> {
  const approval = await findOwn(deps, { place, userId });
  if (approval !== undefined) await quietly(deps, 'card not updated', () => deps.replies.showCard(place, approval));
}

async function findOwn(
  { approvals }: InteractionDeps,
  { place: { taskId, requestId }, userId }: { readonly place: CardPlace; readonly userId: UserId },
): Promise<Approval | undefined> {
  const approval = await approvals.find({ taskId, requestId });
  return approval?.userId === userId ? approval : undefined;
}

function linkHint(slackUserId: string): string {
  return `You are not linked to a user of this platform, so this decides nothing. Link yourself with: bgagent notifications configure slack --slack-user ${slackUserId}`;
}

function tell(deps: InteractionDeps, { place, slackUserId }: UserAction, text: string): Promise<void> {
  return quietly(deps, 'answer not shown', () => deps.replies.tell(place, slackUserId, text));
}

/** Slack may be away: the decision stands, and the next event of the task brings the card up to date. */
async function quietly({ logger }: InteractionDeps, failed: string, reply: () => Promise<void>): Promise<void> {
  try {
    await reply();
  } catch (error) {
    logger.warn(`slack: ${failed}`, { error: error instanceof Error ? error.message : 'unknown' });
  }
}
