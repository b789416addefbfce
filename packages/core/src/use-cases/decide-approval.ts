import type { Approval } from '../approval/approval.ts';
import { assertByButton } from '../approval/button-rules.ts';
import { resolveScope } from '../approval/resolve-scope.ts';
import { AbcaError } from '../errors/abca-error.ts';
import type { NewTaskEvent } from '../events/task-event.ts';
import type { RequestId, TaskId, UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { ApprovalRepository, Decision, DecideResult } from '../ports/approval-repository.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { Clock } from '../ports/clock.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import { preview } from '../redaction/preview.ts';
import { takeRate } from './take-rate.ts';

export interface DecideDeps {
  readonly approvals: Pick<ApprovalRepository, 'find' | 'decide'>;
  readonly rates: RateLimiter;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** A person's answer. */
export interface DecideRequest {
  readonly userId: UserId;
  readonly taskId: TaskId;
  readonly requestId: RequestId;
  readonly answer:
    | { readonly kind: 'approve'; readonly scope?: string | undefined }
    | { readonly kind: 'deny'; readonly reason?: string | undefined };
  /** `button`: in a message, where a request of high severity is not decided. */
  readonly via?: 'button';
}

/**
 * Decide a request of the caller, once. What a person gives as a reason is scanned for secrets, then cut, before it goes
 * anywhere.
 *
 * @throws AbcaError REQUEST_NOT_FOUND (also for somebody else's: no oracle), REQUEST_ALREADY_DECIDED,
 *   TASK_NOT_AWAITING_APPROVAL, VALIDATION_ERROR (the scope), FORBIDDEN (by a button that must not decide it),
 *   RATE_LIMIT_EXCEEDED, SERVICE_UNAVAILABLE (retryable)
 */
export async function decideApproval(
  deps: DecideDeps,
  request: DecideRequest,
  options?: CallOptions,
): Promise<Approval> {
  const { userId, taskId, requestId, answer } = request;
  await takeRate(deps.rates, { key: `decide#${userId}`, rule: limits.decisionRate, what: 'decisions' }, options);
  const approval = await deps.approvals.find({ taskId, requestId }, options);
  if (approval?.userId !== userId) throw requestNotFound(requestId);
  if (request.via === 'button') assertByButton(approval);
  const decision = toDecision(answer, approval);
  const atMs = deps.clock.nowMs();
  const events = [auditEvent(request, decision)];
  const result = await deps.approvals.decide({ taskId, requestId, userId, decision, atMs, events }, options);
  if (result.kind === 'decided') return result.approval;
  throw refusal(result, request);
}

function toDecision(answer: DecideRequest['answer'], approval: Approval): Decision {
  if (answer.kind === 'approve') return { kind: 'approve', scope: resolveScope(answer.scope, approval) };
  const reason = preview(answer.reason ?? '', limits.denyReasonChars.stored).trim();
  return { kind: 'deny', ...(reason !== '' && { reason }) };
}

function auditEvent({ requestId, userId }: DecideRequest, decision: Decision): NewTaskEvent {
  return {
    eventType: 'approval_decision_recorded',
    metadata: {
      request_id: requestId,
      decision: decision.kind === 'approve' ? 'approved' : 'denied',
      by: userId,
      ...(decision.kind === 'approve' && { scope: decision.scope }),
    },
  };
}

function refusal(result: Exclude<DecideResult, { kind: 'decided' }>, { requestId, taskId }: DecideRequest): AbcaError {
  switch (result.kind) {
    case 'not_found':
      return requestNotFound(requestId);
    case 'already_decided':
      return new AbcaError('REQUEST_ALREADY_DECIDED', `request ${requestId} is ${result.status} already`, {
        details: { status: result.status },
      });
    case 'task_moved_on':
      return new AbcaError(
        'TASK_NOT_AWAITING_APPROVAL',
        `task ${taskId} does not wait for request ${requestId} any more; look at it with: bgagent status ${taskId}`,
      );
    default:
      return result satisfies never;
  }
}

/** The error for a request that is not there, or not the caller's. */
export function requestNotFound(requestId: string): AbcaError {
  return new AbcaError(
    'REQUEST_NOT_FOUND',
    `you have no request ${requestId}; list the open ones with: bgagent pending`,
  );
}
