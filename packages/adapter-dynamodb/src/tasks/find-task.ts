import type { CallOptions, TaskId } from '@abca/core';
import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import { parseVersionedTask, type VersionedTask } from './task-items.ts';

/** The task as it is now, read with strong consistency. */
export async function findVersionedTask(
  client: DynamoDBDocumentClient,
  { table, taskId }: { readonly table: string; readonly taskId: TaskId },
  options: CallOptions,
): Promise<VersionedTask | undefined> {
  const get = new GetCommand({ TableName: table, Key: { task_id: taskId }, ConsistentRead: true });
  const { Item: item } = await callDynamo(`reading task ${taskId}`, options, (http) => client.send(get, http));
  return item && parseVersionedTask(item);
}
