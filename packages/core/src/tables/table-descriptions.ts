import { pendingApprovalSchema } from '../approval/approval.ts';
import { toSnakeCase } from '../wire/case.ts';

/** An attribute that is part of a key. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

/** A secondary index. */
export interface IndexDescription {
  readonly name: string;
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
  /** `ALL`, or the attributes that are copied besides the keys. */
  readonly projection: 'ALL' | readonly string[];
}

/** A DynamoDB table, described once: the local platform and the AWS stack both create it from here. */
export interface TableDescription {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
  readonly indexes: readonly IndexDescription[];
  /** Attribute with the epoch second after which an item may go. */
  readonly ttl?: string;
  readonly stream?: 'NEW_IMAGE';
}

const text = (name: string): KeyAttribute => ({ name, type: 'S' });

/** The tables of the platform by what they hold. */
export const tableDescriptions = {
  tasks: {
    partition: text('task_id'),
    indexes: [
      { name: 'by-user', partition: text('user_id'), sort: text('created_at'), projection: 'ALL' },
      { name: 'by-status', partition: text('status'), sort: text('status_created_at'), projection: 'ALL' },
      // Sparse: the attribute goes when the end of the session is proven.
      { name: 'by-open-session', partition: text('session_open'), sort: text('session_since'), projection: 'ALL' },
    ],
    ttl: 'ttl',
  },
  events: {
    partition: text('task_id'),
    sort: { name: 'seq', type: 'N' },
    indexes: [],
    ttl: 'ttl',
    stream: 'NEW_IMAGE',
  },
  approvals: {
    partition: text('task_id'),
    sort: text('request_id'),
    indexes: [
      {
        name: 'by-user-status',
        partition: text('user_id'),
        // Status, then request: `PENDING#<request id>`, so that the open ones of a user come in order.
        sort: text('status_request'),
        projection: Object.keys(pendingApprovalSchema.omit({ taskId: true, requestId: true, userId: true }).shape).map(
          toSnakeCase,
        ),
      },
    ],
    ttl: 'ttl',
  },
  repos: {
    partition: text('repo'),
    indexes: [{ name: 'by-status', partition: text('status'), sort: text('repo'), projection: 'ALL' }],
  },
  slots: { partition: text('user_id'), indexes: [] },
  rateLimits: { partition: text('key'), indexes: [], ttl: 'ttl' },
  outbox: {
    partition: text('key'),
    // Sparse: both attributes go when a delivery is settled. Its key is all that a sweep needs.
    indexes: [
      { name: 'by-due', partition: text('open'), sort: text('due_at'), projection: ['task_id', 'seq', 'channel'] },
    ],
    ttl: 'ttl',
  },
  notificationSettings: { partition: text('user_id'), indexes: [] },
  slackUsers: { partition: text('slack_user_id'), indexes: [] },
} as const satisfies Record<string, TableDescription>;

/** What a table holds. */
export type TableKind = keyof typeof tableDescriptions;

/** All kinds of tables. */
export const tableKinds = Object.keys(tableDescriptions) as readonly TableKind[];

/** The name of each table of one installation. */
export type TableNames = Readonly<Record<TableKind, string>>;

const suffixes: Record<TableKind, string> = {
  tasks: 'tasks',
  events: 'task-events',
  approvals: 'task-approvals',
  repos: 'repos',
  slots: 'slots',
  rateLimits: 'rate-limits',
  outbox: 'outbox',
  notificationSettings: 'notification-settings',
  slackUsers: 'slack-user-mapping',
};

/** Table names that start with `prefix`, at least one character: DynamoDB wants three or more in all. */
export function tableNames(prefix: string): TableNames {
  const entries = tableKinds.map((kind) => [kind, `${prefix}-${suffixes[kind]}`]);
  return Object.fromEntries(entries) as unknown as TableNames;
}
