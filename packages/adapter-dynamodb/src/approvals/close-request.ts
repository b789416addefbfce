import { closingBy } from '@abca/core';
import type { CallOptions, Task } from '@abca/core';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { returnOld, type TransactItem } from '../dynamo/conditional-write.ts';
import { closingUpdate, toKey } from './approval-items.ts';
import { findApprovalItem } from './find-approval.ts';

/**
 * What the transaction that ends `task` writes of the request it waits for: PENDING → STRANDED, or nothing when the request
 * is closed or gone. A closed request never opens again, so only a PENDING one needs a condition; when that fails, the
 * writer asks here once more. The item is not parsed: a damaged request must not keep its task from ending.
 */
export async function closeRequest(
  client: DynamoDBDocumentClient,
  { table, task, atMs }: { readonly table: string; readonly task: Task; readonly atMs: number },
  options: CallOptions,
): Promise<readonly TransactItem[]> {
  const { taskId, awaitingApprovalRequestId: requestId } = task;
  if (requestId === undefined) return [];
  const key = { taskId, requestId };
  const item = await findApprovalItem(client, { table, key }, options);
  if (item?.['status'] !== 'PENDING') return [];
  const change = closingUpdate(requestId, closingBy('STRANDED', atMs));
  return [{ Update: { TableName: table, Key: toKey(key), ...change, ...returnOld } }];
}
