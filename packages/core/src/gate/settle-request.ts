import type { RequestId } from '../ids/ids.ts';
import { concludeRequest, type Conclusion } from './conclude-request.ts';
import type { ToolGateDeps, ToolGateScope } from './gate-deps.ts';
import { describeError, resumeTask, tryStore } from './gate-store.ts';

/** What was found of a request that may have been left open. */
export type Settled =
  | { readonly kind: 'settled'; readonly conclusion: Conclusion }
  /** The task does not wait on it. */
  | { readonly kind: 'nothing_open' }
  /** The store did not say. */
  | { readonly kind: 'in_doubt' };

/**
 * Close a request that this session cannot wait for any more, if the task waits on it: nobody is left who would take it out
 * of AWAITING_APPROVAL. A decision that was made meanwhile counts. Never rejects.
 */
export async function settleRequest(deps: ToolGateDeps, scope: ToolGateScope, requestId: RequestId): Promise<Settled> {
  const { taskId } = scope.task;
  try {
    const task = await tryStore(deps, 'reading the task', (signal) => deps.tasks.find(taskId, { signal }));
    if (task?.status !== 'AWAITING_APPROVAL' || task.awaitingApprovalRequestId !== requestId)
      return { kind: 'nothing_open' };
    const approval = await tryStore(deps, 'reading the request', (signal) =>
      deps.approvals.find({ taskId, requestId }, { signal }),
    );
    if (approval === undefined) {
      const resumed = await resumeTask(deps, scope, requestId, []);
      return { kind: resumed.kind === 'failed' ? 'in_doubt' : 'nothing_open' };
    }
    const waited =
      approval.status === 'PENDING' ? ({ kind: 'stopped' } as const) : ({ kind: 'closed', approval } as const);
    const conclusion = await concludeRequest(deps, scope, approval, waited);
    return conclusion.resumed.kind === 'failed' ? { kind: 'in_doubt' } : { kind: 'settled', conclusion };
  } catch (error) {
    deps.logger.warn('open request could not be settled', { requestId, error: describeError(error) });
    return { kind: 'in_doubt' };
  }
}
