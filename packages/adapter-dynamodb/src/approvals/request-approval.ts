import { AbcaError, buildStatusWrite, meetsCondition } from '@abca/core';
import type { CallOptions, NewApproval, RequestResult, Task } from '@abca/core';
import { returnOld, type TransactItem } from '../dynamo/conditional-write.ts';
import { retryConflicts } from '../dynamo/retry-conflicts.ts';
import { findVersionedTask } from '../tasks/find-task.ts';
import { taskAfter, taskUpdate } from '../tasks/write-task.ts';
import { toApprovalItem } from './approval-items.ts';
import type { ApprovalStores } from './approval-stores.ts';
import { findApproval } from './find-approval.ts';

/**
 * Store the request, move the task and write the events in one transaction, on the condition that the task still is as it
 * was read.
 *
 * @throws AbcaError STORE_ERROR when another call used the request's id before
 */
export async function requestApproval(
  stores: ApprovalStores,
  request: NewApproval,
  options: CallOptions,
): Promise<RequestResult> {
  const { client, table, tasksTable, appender } = stores;
  const { approval, events } = request;
  const { taskId, requestId } = approval;
  const write = toStatusWrite(request);
  return retryConflicts(`requesting approval ${requestId}`, options, async () => {
    const seen = await findVersionedTask(client, { table: tasksTable, taskId }, options);
    if (seen === undefined) return { kind: 'lost', task: undefined };
    if (!meetsCondition(seen.task, write.condition)) return answerRepeat(stores, { request, task: seen.task }, options);
    const writes = [taskUpdate(tasksTable, seen, write), putApproval(table, request)];
    const result = await appender.append(seen.task, events, writes, options);
    if (result.kind === 'written') return { kind: 'requested', task: taskAfter(seen.task, write) };
    const [taskReason, rowReason] = result.reasons;
    // The task runs, at this moment, and the request is there: it is not this one.
    if (taskReason?.kind === 'ok' && rowReason?.kind === 'condition') throw usedBefore(requestId);
    return undefined;
  });
}

function toStatusWrite({ approval, expectSession, atMs }: NewApproval) {
  const patch = { awaitingApprovalRequestId: approval.requestId };
  return buildStatusWrite({ from: 'RUNNING', to: 'AWAITING_APPROVAL', atMs, patch, expectSession });
}

/** The task does not run. When it waits for this very request, the answer to it was lost. */
async function answerRepeat(
  { client, table }: ApprovalStores,
  { request, task }: { readonly request: NewApproval; readonly task: Task },
  options: CallOptions,
): Promise<RequestResult> {
  const { approval, expectSession } = request;
  const awaitingApprovalRequestId = approval.requestId;
  const isWaiting = { status: 'AWAITING_APPROVAL', awaitingApprovalRequestId, ...expectSession } as const;
  const stored = meetsCondition(task, isWaiting)
    ? await findApproval(client, { table, key: approval }, options)
    : undefined;
  // An approval holds for the arguments it was asked for, never for others under the same id.
  return { kind: stored?.inputSha256 === approval.inputSha256 ? 'requested' : 'lost', task };
}

function putApproval(table: string, { approval }: NewApproval): TransactItem {
  return {
    Put: {
      TableName: table,
      Item: toApprovalItem(approval),
      ConditionExpression: 'attribute_not_exists(task_id)',
      ...returnOld,
    },
  };
}

function usedBefore(requestId: string): AbcaError {
  return new AbcaError('STORE_ERROR', `approval request ${requestId} exists already; ask with a new id`);
}
