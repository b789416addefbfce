import type { Approval, CallOptions } from '@abca/core';
import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import type { Item } from '../dynamo/conditional-write.ts';
import { parseApproval, toKey, type ApprovalKey } from './approval-items.ts';

/** A request and the table it is in. */
export interface ApprovalAddress {
  readonly table: string;
  readonly key: ApprovalKey;
}

/** The request as it is now, read with strong consistency. @throws AbcaError STORE_CORRUPT */
export async function findApproval(
  client: DynamoDBDocumentClient,
  address: ApprovalAddress,
  options: CallOptions,
): Promise<Approval | undefined> {
  const item = await findApprovalItem(client, address, options);
  return item && parseApproval(item);
}

/** {@link findApproval} without a look at what the item holds. */
export async function findApprovalItem(
  client: DynamoDBDocumentClient,
  { table, key }: ApprovalAddress,
  options: CallOptions,
): Promise<Item | undefined> {
  const get = new GetCommand({ TableName: table, Key: toKey(key), ConsistentRead: true });
  const what = `reading approval request ${key.requestId}`;
  return (await callDynamo(what, options, (http) => client.send(get, http))).Item;
}
