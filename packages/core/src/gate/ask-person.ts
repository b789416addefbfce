import type { Approval } from '../approval/approval.ts';
import { milestoneEvent } from '../events/milestones.ts';
import type { RequestResult } from '../ports/approval-repository.ts';
import type { RequestId } from '../ids/ids.ts';
import { preview } from '../redaction/preview.ts';
import type { Task } from '../task/task.ts';
import { awaitDecision } from './await-decision.ts';
import { concludeRequest, type Conclusion } from './conclude-request.ts';
import type { ToolGateDeps, ToolGateScope } from './gate-deps.ts';
import { describeError, tryStore } from './gate-store.ts';

/** How long the record of the session's start is waited for, in milliseconds: as long as a platform needs to start again. */
const recordWaits = { times: 30, eachMs: 500 };

/** How asking a person ended. */
export type Asked =
  | { readonly kind: 'concluded'; readonly conclusion: Conclusion }
  /** The request was not made, and surely so. */
  | {
      readonly kind: 'not_asked';
      readonly why: string;
      /** The request that the task waits for instead: one of this session's own whose writing arrived late. */
      readonly waitsOn: RequestId | undefined;
    }
  /** Whether the request was made is not known. */
  | { readonly kind: 'in_doubt'; readonly why: string };

/** Make the request, wait for the decision, and take the task up again. Never rejects. */
export async function askPerson(deps: ToolGateDeps, scope: ToolGateScope, approval: Approval): Promise<Asked> {
  // What led to the request stands in the log before it.
  await deps.flush();
  const made = await makeRequest(deps, scope, approval);
  if (made !== undefined) return made;
  const waited = await awaitDecision(deps, approval);
  return { kind: 'concluded', conclusion: await concludeRequest(deps, scope, approval, waited) };
}

/** `undefined` once the request is made. */
async function makeRequest(deps: ToolGateDeps, scope: ToolGateScope, approval: Approval): Promise<Asked | undefined> {
  try {
    const result = await requestWhenRecorded(deps, scope, approval);
    if (result.kind === 'requested') return undefined;
    const why = `the task is ${result.task?.status ?? 'gone'}`;
    await tellWriteFailed(deps, approval, why);
    return { kind: 'not_asked', why, waitsOn: ownRequest(scope, result.task) };
  } catch (error) {
    await tellWriteFailed(deps, approval, describeError(error));
    return { kind: 'in_doubt', why: describeError(error) };
  }
}

function ownRequest({ session }: ToolGateScope, task: Task | undefined): RequestId | undefined {
  const isOwn = task?.sessionId === session.sessionId && task.generation === session.generation;
  return isOwn ? task.awaitingApprovalRequestId : undefined;
}

/** A session may be faster than the record of its start, by far when the platform stopped in between: that is waited for. */
async function requestWhenRecorded(
  deps: ToolGateDeps,
  { session }: ToolGateScope,
  approval: Approval,
): Promise<RequestResult> {
  const events = [milestoneEvent('approval_requested', requestedFields(approval))];
  for (let waits = 0; ; waits += 1) {
    const result = await tryStore(deps, 'asking for the approval', (signal) =>
      deps.approvals.request({ approval, expectSession: session, atMs: deps.clock.nowMs(), events }, { signal }),
    );
    const isEarly = result.kind === 'lost' && result.task?.status === 'HYDRATING';
    if (!isEarly || waits >= recordWaits.times || deps.stop.signal.aborted) return result;
    await deps.clock.sleep(recordWaits.eachMs);
  }
}

function requestedFields(approval: Approval): Parameters<typeof milestoneEvent<'approval_requested'>>[1] {
  return {
    request_id: approval.requestId,
    tool_name: approval.toolName,
    input_preview: approval.inputPreview,
    input_sha256: approval.inputSha256,
    reason: preview(approval.reason),
    severity: approval.severity,
    timeout_s: approval.timeoutS,
    expires_at: approval.expiresAt,
    matching_rule_ids: approval.matchingRuleIds,
  };
}

async function tellWriteFailed(
  { publish, logger }: ToolGateDeps,
  { requestId }: Approval,
  error: string,
): Promise<void> {
  logger.error('approval could not be asked for', { requestId, error });
  await publish(milestoneEvent('approval_write_failed', { request_id: requestId, error: preview(error, 500) }));
}
