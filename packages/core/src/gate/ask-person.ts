import type { Approval } from '../approval/approval.ts';
import { milestoneEvent } from '../events/milestones.ts';
import { preview } from '../redaction/preview.ts';
import { awaitDecision } from './await-decision.ts';
import { concludeRequest, type Conclusion } from './conclude-request.ts';
import type { ToolGateDeps, ToolGateScope } from './gate-deps.ts';
import { describeError, tryStore } from './gate-store.ts';

/** How asking a person ended. */
export type Asked =
  | { readonly kind: 'concluded'; readonly conclusion: Conclusion }
  /** The request was not made, and surely so. */
  | { readonly kind: 'not_asked'; readonly why: string }
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
async function makeRequest(
  deps: ToolGateDeps,
  { session }: ToolGateScope,
  approval: Approval,
): Promise<Asked | undefined> {
  const events = [milestoneEvent('approval_requested', requestedFields(approval))];
  try {
    const result = await tryStore(deps, 'asking for the approval', (signal) =>
      deps.approvals.request({ approval, expectSession: session, atMs: deps.clock.nowMs(), events }, { signal }),
    );
    if (result.kind === 'requested') return undefined;
    const why = `the task is ${result.task?.status ?? 'gone'}`;
    await tellWriteFailed(deps, approval, why);
    return { kind: 'not_asked', why };
  } catch (error) {
    await tellWriteFailed(deps, approval, describeError(error));
    return { kind: 'in_doubt', why: describeError(error) };
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
