import type { ApprovalDecision, DecideResult } from '../ports/approval-repository.ts';
import { formatIso, parseIso } from '../time/iso-time.ts';
import type { Approval } from './approval.ts';

/** The fields of a request that change when it stops being PENDING, once for all. `decidedAt` is when it did. */
export type Closing = Pick<Approval, 'status' | 'decidedAt' | 'scope' | 'denyReason'>;

/** How a request is closed without a person. */
export function closingBy(status: 'TIMED_OUT' | 'STRANDED', atMs: number): Closing {
  return { status, decidedAt: formatIso(atMs) };
}

/** How a decision closes a request. */
export function closingByDecision({ decision, atMs }: Pick<ApprovalDecision, 'decision' | 'atMs'>): Closing {
  const decidedAt = formatIso(atMs);
  if (decision.kind === 'approve') return { status: 'APPROVED', decidedAt, scope: decision.scope };
  return { status: 'DENIED', decidedAt, ...(decision.reason !== undefined && { denyReason: decision.reason }) };
}

/** Whether `stored` is as a write of `closing` left it: the answer to that write was lost, and it is repeated. */
export function isClosedBy(stored: Approval, closing: Closing): boolean {
  return (['status', 'decidedAt', 'scope', 'denyReason'] as const).every((field) => stored[field] === closing[field]);
}

/** What a request lets a decision do: `open` when it may be written, else the answer. */
export type Judgement =
  | { readonly kind: 'open'; readonly approval: Approval; readonly closing: Closing }
  | { readonly kind: 'closed'; readonly result: DecideResult };

/**
 * Whether the decision may be made, as far as the request itself says. A foreign request is answered as one that is not
 * there.
 */
export function judgeDecision(approval: Approval | undefined, decision: ApprovalDecision): Judgement {
  if (approval?.userId !== decision.userId) return closed({ kind: 'not_found' });
  const closing = closingByDecision(decision);
  if (approval.status !== 'PENDING') {
    const isRepeat = isClosedBy(approval, closing);
    return closed(isRepeat ? { kind: 'decided', approval } : { kind: 'already_decided', status: approval.status });
  }
  const isOver = parseIso(approval.expiresAt) <= decision.atMs;
  return isOver ? closed({ kind: 'already_decided', status: 'TIMED_OUT' }) : { kind: 'open', approval, closing };
}

function closed(result: DecideResult): Judgement {
  return { kind: 'closed', result };
}
