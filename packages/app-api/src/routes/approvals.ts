import { decideApproval, isTaskId, nudgeTask, requestNotFound } from '@abca/core';
import type { DecideRequest, RequestId, TaskId, UserId } from '@abca/core';
import type { ApiDeps } from '../api-deps.ts';
import type { Api } from '../http/api-app.ts';
import { toDecisionView, toPendingView, type DecisionView } from '../wire/approval-wire.ts';
import { paginationOf } from '../wire/envelope.ts';
import { approveRoute, denyRoute, nudgeRoute, pendingRoute } from './approval-routes.ts';
import { parseTaskId } from './tasks.ts';

/**
 * What a person says to a task that runs: approve, deny, nudge; and what waits for them. Nothing here is decided by a GET,
 * which scanners of links and previews send too.
 */
export function addApprovalRoutes(app: Api, deps: ApiDeps): void {
  app.openapi(approveRoute, async (c) => {
    const { request_id, scope } = c.req.valid('json');
    const ids = parseIds(c.req.valid('param').task_id, request_id);
    return c.json({ data: await decide(deps, c.get('userId'), { ...ids, answer: { kind: 'approve', scope } }) }, 202);
  });

  app.openapi(denyRoute, async (c) => {
    const { request_id, reason } = c.req.valid('json');
    const ids = parseIds(c.req.valid('param').task_id, request_id);
    return c.json({ data: await decide(deps, c.get('userId'), { ...ids, answer: { kind: 'deny', reason } }) }, 202);
  });

  app.openapi(pendingRoute, async (c) => {
    const { limit, next_token } = c.req.valid('query');
    const page = await deps.approvals.listPending({
      userId: c.get('userId'),
      nowMs: deps.clock.nowMs(),
      limit,
      ...(next_token !== undefined && { nextToken: next_token }),
    });
    return c.json({ data: page.approvals.map(toPendingView), pagination: paginationOf(page.nextToken) }, 200);
  });

  app.openapi(nudgeRoute, async (c) => {
    const taskId = parseTaskId(c.req.valid('param').task_id);
    const { text } = c.req.valid('json');
    const { nudgeId } = await nudgeTask(deps, { userId: c.get('userId'), taskId, text });
    return c.json({ data: { nudge_id: nudgeId } }, 202);
  });
}

async function decide(deps: ApiDeps, userId: UserId, request: Omit<DecideRequest, 'userId'>): Promise<DecisionView> {
  return toDecisionView(await decideApproval(deps, { userId, ...request }));
}

/**
 * The ids of a request. One that has not the form of an id is nobody's, and no store is asked for it.
 *
 * @throws AbcaError REQUEST_NOT_FOUND, in the words of `decideApproval`
 */
function parseIds(taskId: string, requestId: string): { readonly taskId: TaskId; readonly requestId: RequestId } {
  if (isTaskId(taskId) && isRequestId(requestId)) return { taskId, requestId };
  throw requestNotFound(requestId);
}

/** Both are ULIDs. */
function isRequestId(text: string): text is RequestId {
  return isTaskId(text);
}
