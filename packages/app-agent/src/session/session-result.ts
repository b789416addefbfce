import {
  redactOrHide,
  stripEscapes,
  type AgentUsage,
  type Failure,
  type PullRequest,
  type SessionResult,
} from '@abca/core';
import type { StopReason } from './stop-switch.ts';

/** Longest summary that is kept on the row, in characters: it is read by people, the work is in the branch. */
const summaryChars = 4_000;
/** Longest failure message that is kept, in characters: a hook may answer with a whole build log. */
const messageChars = 2_000;

/** How the work of a session ended. */
export type WorkEnd =
  | { readonly kind: 'delivered'; readonly headSha: string; readonly pullRequest: PullRequest }
  | { readonly kind: 'nothing_changed' }
  | { readonly kind: 'capped'; readonly failure: Failure }
  | { readonly kind: 'stopped'; readonly reason: StopReason }
  /** `headSha` when the branch did reach the remote. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly headSha?: string };

/** What a session knows of its work besides how it ended. */
export interface WorkFacts {
  readonly usage: AgentUsage;
  readonly summary?: string | undefined;
  /** Last commit on the work-in-progress ref. */
  readonly wipSha?: string | undefined;
}

/** The result as it goes on the row: bounded, and without secrets. */
export function toSessionResult(end: WorkEnd, { usage, summary, wipSha }: WorkFacts): SessionResult {
  const { model, ...spent } = usage;
  return {
    ...outcomeOf(end),
    ...(wipSha !== undefined && { wipSha }),
    ...(summary !== undefined && summary !== '' && { summary: forRow(summary, summaryChars) }),
    ...spent,
    model,
  };
}

function outcomeOf(end: WorkEnd): Pick<SessionResult, 'outcome' | 'failure' | 'headSha' | 'prNumber' | 'prUrl'> {
  switch (end.kind) {
    case 'delivered': {
      const { headSha, pullRequest } = end;
      return { outcome: 'finished', headSha, prNumber: pullRequest.number, prUrl: pullRequest.url };
    }
    case 'nothing_changed':
      return { outcome: 'finished' };
    case 'capped':
      return { outcome: 'capped', failure: clean(end.failure) };
    case 'stopped':
      return { outcome: stoppedOutcome(end.reason), failure: clean(end.reason.failure) };
    case 'failed':
      return {
        outcome: 'failed',
        failure: clean(end.failure),
        ...(end.headSha !== undefined && { headSha: end.headSha }),
      };
    default:
      return end satisfies never;
  }
}

function stoppedOutcome({ kind }: StopReason): SessionResult['outcome'] {
  switch (kind) {
    case 'lifetime':
      return 'capped';
    case 'terminated':
    case 'lease_lost':
      return 'cancelled';
    case 'lease_expired':
    case 'fatal':
      return 'failed';
    default:
      return kind satisfies never;
  }
}

function clean({ code, message }: Failure): Failure {
  return { code, message: forRow(message, messageChars) };
}

/** Redacted before it is cut, so that no cut leaves half a secret. */
function forRow(text: string, chars: number): string {
  return redactOrHide(stripEscapes(text))
    .slice(0, chars)
    .replace(/[\uD800-\uDBFF]$/, '');
}
