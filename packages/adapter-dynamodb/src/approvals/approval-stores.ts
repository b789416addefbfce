import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { EventAppender } from '../events/event-appender.ts';

/** What the transactions of a request reach: the request, its task and the events. */
export interface ApprovalStores {
  readonly client: DynamoDBDocumentClient;
  /** Name of the approvals table. */
  readonly table: string;
  /** Name of the tasks table. */
  readonly tasksTable: string;
  readonly appender: EventAppender;
}
