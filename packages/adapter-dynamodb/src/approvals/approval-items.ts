import { approvalSchema, pendingApprovalSchema, type Closing } from '@abca/core';
import type { Approval, ApprovalStatus, PendingApproval, RequestId } from '@abca/core';
import type { Item } from '../dynamo/conditional-write.ts';
import { itemCodec } from '../dynamo/item-codec.ts';
import { updateExpression, type UpdateExpression } from '../dynamo/update-expression.ts';

/** What names a request. */
export type ApprovalKey = Pick<Approval, 'taskId' | 'requestId'>;

const naming = { kind: 'approval request', key: 'request_id', verbatim: [] };
const codec = itemCodec<Approval>({ ...naming, schema: approvalSchema });
const pendingCodec = itemCodec<PendingApproval>({ ...naming, schema: pendingApprovalSchema });

/** The item of a whole request. */
export function toApprovalItem(approval: Approval): Item {
  return { ...codec.toItem(approval), status_request: statusRequest(approval.status, approval.requestId) };
}

/** The update that closes a request which is PENDING, on further conditions. */
export function closingUpdate(
  requestId: RequestId,
  closing: Closing,
  { expect, expectAbove }: { readonly expect?: Item; readonly expectAbove?: Item } = {},
): UpdateExpression {
  return updateExpression({
    set: { ...codec.toItem(closing), status_request: statusRequest(closing.status, requestId) },
    expect: { status: 'PENDING', ...expect },
    ...(expectAbove && { expectAbove }),
    exists: 'task_id',
  });
}

/** @throws AbcaError STORE_CORRUPT */
export function parseApproval(item: Item): Approval {
  return codec.parse(item);
}

/** A request as the index shows it. @throws AbcaError STORE_CORRUPT */
export function parsePendingApproval(item: Item): PendingApproval {
  return pendingCodec.parse(item);
}

/** What the index is sorted by. Request ids sort by time, so the requests of one status come in order. */
export function statusRequest(status: ApprovalStatus, requestId: RequestId | ''): string {
  return `${status}#${requestId}`;
}

/** The key of a request in the table. */
export function toKey({ taskId, requestId }: ApprovalKey): Item {
  return { task_id: taskId, request_id: requestId };
}
