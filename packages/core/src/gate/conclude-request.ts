import type { Approval } from '../approval/approval.ts';
import { milestoneEvent } from '../events/milestones.ts';
import type { NewTaskEvent } from '../events/task-event.ts';
import { preview } from '../redaction/preview.ts';
import type { Waited } from './await-decision.ts';
import type { ToolGateDeps, ToolGateScope } from './gate-deps.ts';
import { describeError, resumeTask, tryStore, type Resumed } from './gate-store.ts';

/** What became of a request, and whether the task goes on. */
export interface Conclusion {
  readonly approval: Approval;
  readonly verdict: 'approved' | 'denied' | 'timed_out' | 'ended';
  readonly resumed: Resumed;
}

/**
 * End the wait for a person: a request that is still open is closed, a decision that came in the last moment is honoured,
 * and the task is RUNNING again, in one transaction with the event that tells how it ended.
 */
export async function concludeRequest(
  deps: ToolGateDeps,
  scope: ToolGateScope,
  open: Approval,
  waited: Waited,
): Promise<Conclusion> {
  const closed = waited.kind === 'closed' ? waited.approval : await close(deps, open);
  // Not resumed: a task that runs would leave an open request behind that nobody could answer.
  if ('error' in closed)
    return { approval: open, verdict: 'timed_out', resumed: await failed(deps, open, closed.error) };
  const verdict = verdictOf(closed);
  const late = waited.kind === 'closed' ? [] : lateWin(closed, whyOver[waited.kind]);
  if (verdict === 'ended') {
    return { approval: closed, verdict, resumed: { kind: 'lost', task: undefined } };
  }
  const events = [...late, ...endEvents(closed, verdict)];
  const resumed = await resumeTask(deps, scope, closed.requestId, events);
  if (resumed.kind === 'failed') await failed(deps, closed, resumed.error);
  return { approval: closed, verdict, resumed };
}

const whyOver: Readonly<Record<Exclude<Waited['kind'], 'closed'>, string>> = {
  deadline: 'it was decided in the moment its time ran out',
  gone: 'it was decided in the moment it could not be found',
  unreadable: 'it was decided while the store could not be read',
  stopped: 'it was decided in the moment the session ended',
};

/** The request as it is once nobody can decide it any more, or why that is not known. */
async function close(deps: ToolGateDeps, open: Approval): Promise<Approval | { readonly error: string }> {
  const { taskId, requestId } = open;
  try {
    const result = await tryStore(deps, 'closing the request', (signal) =>
      deps.approvals.expire({ taskId, requestId, atMs: deps.clock.nowMs() }, { signal }),
    );
    return result.kind === 'absent' ? { ...open, status: 'TIMED_OUT' } : result.approval;
  } catch (error) {
    return { error: describeError(error) };
  }
}

function verdictOf({ status }: Approval): Conclusion['verdict'] {
  switch (status) {
    case 'APPROVED':
      return 'approved';
    case 'DENIED':
      return 'denied';
    case 'STRANDED':
      return 'ended';
    case 'TIMED_OUT':
    case 'PENDING':
      // The second cannot be, and is no approval.
      return 'timed_out';
    default:
      return status satisfies never;
  }
}

function lateWin({ requestId, status }: Approval, reason: string): readonly NewTaskEvent[] {
  if (status !== 'APPROVED' && status !== 'DENIED') return [];
  return [milestoneEvent('approval_late_win', { request_id: requestId, outcome: status, reason })];
}

function endEvents(approval: Approval, verdict: 'approved' | 'denied' | 'timed_out'): readonly NewTaskEvent[] {
  const { requestId, createdAt, timeoutS, matchingRuleIds } = approval;
  const common = {
    request_id: requestId,
    created_at: createdAt,
    effective_timeout_s: timeoutS,
    matching_rule_ids: matchingRuleIds,
  };
  const decidedAt = approval.decidedAt ?? createdAt;
  switch (verdict) {
    case 'approved':
      return [
        milestoneEvent('approval_granted', { ...common, scope: approval.scope ?? 'this_call', decided_at: decidedAt }),
      ];
    case 'denied':
      return [milestoneEvent('approval_denied', { ...common, reason: denyReasonOf(approval), decided_at: decidedAt })];
    case 'timed_out':
      return [milestoneEvent('approval_timed_out', { ...common, timeout_s: timeoutS })];
    default:
      return verdict satisfies never;
  }
}

/** What the person said, or that they said nothing. */
export function denyReasonOf({ denyReason }: Approval): string {
  return denyReason === undefined || denyReason === '' ? 'no reason was given' : denyReason;
}

/** The task waits on: what it waits for is settled later. */
async function failed(
  { publish, logger }: ToolGateDeps,
  { requestId }: Approval,
  error: string,
): Promise<Extract<Resumed, { kind: 'failed' }>> {
  logger.error('task could not be resumed', { requestId, error });
  await publish(milestoneEvent('approval_resume_failed', { request_id: requestId, error: preview(error, 500) }));
  return { kind: 'failed', error };
}
