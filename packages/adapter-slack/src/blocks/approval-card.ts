import { mayDecideByButton, parseIso, redactOrHide, severities, type Approval, type Severity } from '@abca/core';
import type { ActionsBlock, KnownBlock, PlainTextOption } from '@slack/types';
import { actionIds, blockIdOf } from './button-ids.ts';
import type { SlackMessage } from './message.ts';
import { mrkdwn, plain, shown, shownCode, shownCodeBlock, shownLine, shownTime } from './mrkdwn.ts';

/**
 * Slack takes 3,000 characters in one section, and about 13,000 in a whole message, which is nowhere written.
 * @see https://github.com/slackapi/bolt-js/issues/2509
 */
const chars = { call: 2_800, reason: 1_000, rules: 500, scope: 200, title: 150, denial: 500, option: 150 } as const;
const mostScopes = 20;

/** What a card depends on besides its request. */
export interface CardView {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Requests below it get no buttons. @default low */
  readonly minSeverity?: Severity | undefined;
  /** Whether anything listens to buttons. @default true */
  readonly buttons?: boolean | undefined;
}

/** What is left of a request that nobody can decide any more. */
export type CardEnd = 'APPROVED' | 'DENIED' | 'TIMED_OUT' | 'STRANDED';

/** What a closed card shows of its request. */
export type CardTitle = Pick<Approval, 'toolName' | 'inputPreview'> &
  Partial<Pick<Approval, 'userId' | 'scope' | 'denyReason' | 'decidedAt'>>;

/**
 * The card of a request as it is now: with all that a decision needs while it is open, and what became of it afterwards. Pure.
 * A request of high severity is decided at a terminal, and the card says how.
 */
export function approvalCard(approval: Approval, view: CardView): SlackMessage {
  const end = endOf(approval, view.nowMs);
  return end === undefined ? openCard(approval, view) : closedCard(approval, end);
}

/** How the request ended; `undefined` while it can be decided. */
export function endOf({ status, expiresAt }: Approval, nowMs: number): CardEnd | undefined {
  if (status !== 'PENDING') return status;
  return parseIso(expiresAt) <= nowMs ? 'TIMED_OUT' : undefined;
}

function openCard(approval: Approval, { minSeverity = 'low', buttons: isHeard = true }: CardView): SlackMessage {
  const { toolName, inputPreview, input, severity, reason, matchingRuleIds, expiresAt, suggestedScopes } = approval;
  const narrowest = suggestedScopes[0] ?? 'this_call';
  const isWanted = severities.indexOf(severity) >= severities.indexOf(minSeverity);
  const byButton = isHeard && isWanted && mayDecideByButton(severity);
  return {
    text: `Approval needed (${severity}): ${shownLine(toolName, 60)} ${shownLine(inputPreview, chars.title)}`,
    blocks: [
      section(`:raised_hand: *Approval needed* · ${severity} severity · ${shownCode(toolName, 66)}`),
      section(shownCodeBlock(input, chars.call)),
      section(`*Why:* ${shown(reason, chars.reason)}`),
      context(
        `Rules: ${shownCode(matchingRuleIds.join(', '), chars.rules)}`,
        `Answer until ${shownTime(expiresAt)}`,
        `Narrowest scope: ${shownCode(narrowest, chars.scope)}`,
      ),
      byButton ? buttons(approval) : section(terminalHint(approval)),
    ],
  };
}

/** How a request is decided without a button. */
export function terminalHint({
  taskId,
  requestId,
  severity,
}: Pick<Approval, 'taskId' | 'requestId' | 'severity'>): string {
  const why = mayDecideByButton(severity)
    ? ''
    : ':warning: A request of high severity is decided at a terminal, not here:\n';
  return `${why}\`bgagent approve ${taskId} ${requestId}\`\n\`bgagent deny ${taskId} ${requestId} --reason "…"\``;
}

function buttons(approval: Approval): ActionsBlock {
  const { suggestedScopes } = approval;
  const wider = suggestedScopes.filter(isOffered).slice(0, mostScopes);
  return {
    type: 'actions',
    block_id: blockIdOf(approval),
    elements: [
      {
        type: 'button',
        action_id: actionIds.approve,
        style: 'primary',
        text: plain('Approve this call'),
        value: 'this_call',
      },
      { type: 'button', action_id: actionIds.deny, style: 'danger', text: plain('Deny…'), value: 'deny' },
      ...(wider.length === 0
        ? []
        : [
            {
              type: 'static_select' as const,
              action_id: actionIds.approveScope,
              placeholder: plain('Approve more…'),
              options: wider.map(scopeOption),
              confirm: {
                title: plain('Approve more than this call?'),
                text: plain('Calls that fit the scope are not asked about again in this session.', 300),
                confirm: plain('Approve', 30),
                deny: plain('Back', 30),
              },
            },
          ]),
    ],
  };
}

/** One that holds a secret would come back with it, and is left to the terminal. */
function isOffered(scope: string): boolean {
  return scope !== 'this_call' && redactOrHide(scope) === scope && scope.length <= chars.option;
}

function scopeOption(scope: string): PlainTextOption {
  return { text: plain(scope), value: scope };
}

/** The card of a request that is over. Pure. */
export function closedCard(request: CardTitle, end: CardEnd): SlackMessage {
  const { toolName, inputPreview, decidedAt } = request;
  const { headline, more } = wordsOf(request, end);
  const when = decidedAt === undefined ? [] : [`At ${shownTime(decidedAt)}`];
  return {
    text: `${headline.replace(/^:\w+: /, '').replaceAll('*', '')}: ${shownLine(toolName, 60)} ${shownLine(inputPreview, chars.title)}`,
    blocks: [
      section(`${headline} · ${shownCode(toolName, 66)} ${shownCode(inputPreview, 300)}${more}`),
      ...(when.length === 0 ? [] : [context(...when)]),
    ],
  };
}

function wordsOf(
  { userId, scope, denyReason }: CardTitle,
  end: CardEnd,
): { readonly headline: string; readonly more: string } {
  const by = userId === undefined ? '' : ` by ${shownLine(userId, 80)}`;
  switch (end) {
    case 'APPROVED':
      return {
        headline: `:white_check_mark: *Approved*${by}`,
        more: scope === undefined ? '' : `\nScope: ${shownCode(scope, chars.scope)}`,
      };
    case 'DENIED':
      return {
        headline: `:no_entry: *Denied*${by}`,
        more: denyReason === undefined ? '' : `\n${shownLine(denyReason, chars.denial)}`,
      };
    case 'TIMED_OUT':
      return { headline: ':hourglass: *Expired*', more: '\nNobody answered in time; the call was not made.' };
    case 'STRANDED':
      return { headline: ':no_entry: *No longer needed*', more: '\nThe task ended before it was answered.' };
    default:
      return end satisfies never;
  }
}

function section(text: string): KnownBlock {
  return { type: 'section', text: mrkdwn(text) };
}

function context(...texts: readonly string[]): KnownBlock {
  return { type: 'context', elements: texts.map(mrkdwn) };
}
