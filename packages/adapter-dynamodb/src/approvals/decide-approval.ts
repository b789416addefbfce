import {
  formatIso,
  type ApprovalDecision,
  type CallOptions,
  type DecideResult,
  judgeDecision,
  type Closing,
} from '@abca/core';
import { returnOld, type TransactItem } from '../dynamo/conditional-write.ts';
import { retryConflicts } from '../dynamo/retry-conflicts.ts';
import { conditionExpression } from '../dynamo/update-expression.ts';
import { closingUpdate, parseApproval, toKey } from './approval-items.ts';
import type { ApprovalStores } from './approval-stores.ts';
import { findApproval } from './find-approval.ts';

/**
 * Decide in one transaction with a check of the task and the events. The request is read first only because events carry
 * its owner and repository; what counts are the conditions of the transaction. One that fails answers with the item as it
 * was at that moment, on which it is judged again.
 *
 * What the request says comes before what the task says: a request that the end of its task closed is `already_decided`,
 * STRANDED. `task_moved_on` remains for one that is open while its task goes on without it.
 */
export async function decideApproval(
  { client, table, tasksTable, appender }: ApprovalStores,
  decision: ApprovalDecision,
  options: CallOptions,
): Promise<DecideResult> {
  let seen = await findApproval(client, { table, key: decision }, options);
  return retryConflicts(`deciding on approval request ${decision.requestId}`, options, async () => {
    const judgement = judgeDecision(seen, decision);
    if (judgement.kind === 'closed') return judgement.result;
    const { approval, closing } = judgement;
    const writes = [writeDecision(table, decision, closing), checkTask(tasksTable, decision)];
    const result = await appender.append(approval, decision.events, writes, options);
    if (result.kind === 'written') return { kind: 'decided', approval: { ...approval, ...closing } };
    const [rowReason, taskReason] = result.reasons;
    if (rowReason?.kind === 'condition') {
      seen = rowReason.item && parseApproval(rowReason.item);
      return undefined;
    }
    return rowReason?.kind === 'ok' && taskReason?.kind === 'condition' ? { kind: 'task_moved_on' } : undefined;
  });
}

/** The times of a request and of a decision are text of one form, which compares as they do. */
function writeDecision(table: string, decision: ApprovalDecision, closing: Closing): TransactItem {
  const change = closingUpdate(decision.requestId, closing, {
    expect: { user_id: decision.userId },
    expectAbove: { expires_at: formatIso(decision.atMs) },
  });
  return { Update: { TableName: table, Key: toKey(decision), ...change, ...returnOld } };
}

function checkTask(table: string, { taskId, requestId }: ApprovalDecision): TransactItem {
  const condition = conditionExpression({
    expect: { status: 'AWAITING_APPROVAL', awaiting_approval_request_id: requestId },
    exists: 'task_id',
  });
  return { ConditionCheck: { TableName: table, Key: { task_id: taskId }, ...condition, ...returnOld } };
}
