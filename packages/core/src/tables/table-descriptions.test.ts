import { describe, expect, test } from '@jest/globals';
import { tableDescriptions, tableKinds, tableNames, type TableDescription } from './table-descriptions.ts';

describe('tableDescriptions', () => {
  test('are the keys, indexes and streams that stored data depends on', () => {
    expect(tableDescriptions).toStrictEqual({
      tasks: {
        partition: { name: 'task_id', type: 'S' },
        indexes: [
          {
            name: 'by-user',
            partition: { name: 'user_id', type: 'S' },
            sort: { name: 'created_at', type: 'S' },
            projection: 'ALL',
          },
          {
            name: 'by-status',
            partition: { name: 'status', type: 'S' },
            sort: { name: 'status_created_at', type: 'S' },
            projection: 'ALL',
          },
          {
            name: 'by-open-session',
            partition: { name: 'session_open', type: 'S' },
            sort: { name: 'session_since', type: 'S' },
            projection: 'ALL',
          },
        ],
        ttl: 'ttl',
      },
      events: {
        partition: { name: 'task_id', type: 'S' },
        sort: { name: 'seq', type: 'N' },
        indexes: [],
        ttl: 'ttl',
        stream: 'NEW_IMAGE',
      },
      approvals: {
        partition: { name: 'task_id', type: 'S' },
        sort: { name: 'request_id', type: 'S' },
        indexes: [
          {
            name: 'by-user-status',
            partition: { name: 'user_id', type: 'S' },
            sort: { name: 'status_request', type: 'S' },
            projection: [
              'repo',
              'status',
              'tool_name',
              'input',
              'input_preview',
              'reason',
              'severity',
              'matching_rule_ids',
              'timeout_s',
              'suggested_scopes',
              'created_at',
              'expires_at',
              'ttl',
            ],
          },
        ],
        ttl: 'ttl',
      },
      repos: {
        partition: { name: 'repo', type: 'S' },
        indexes: [
          {
            name: 'by-status',
            partition: { name: 'status', type: 'S' },
            sort: { name: 'repo', type: 'S' },
            projection: 'ALL',
          },
        ],
      },
      slots: { partition: { name: 'user_id', type: 'S' }, indexes: [] },
      rateLimits: { partition: { name: 'key', type: 'S' }, indexes: [], ttl: 'ttl' },
      outbox: {
        partition: { name: 'key', type: 'S' },
        indexes: [
          {
            name: 'by-due',
            partition: { name: 'open', type: 'S' },
            sort: { name: 'due_at', type: 'S' },
            projection: ['task_id', 'seq', 'channel'],
          },
        ],
        ttl: 'ttl',
      },
      notificationSettings: { partition: { name: 'user_id', type: 'S' }, indexes: [] },
      slackUsers: { partition: { name: 'slack_user_id', type: 'S' }, indexes: [] },
    });
  });

  test('no table has two indexes of one name', () => {
    for (const { indexes } of Object.values<TableDescription>(tableDescriptions)) {
      expect(new Set(indexes.map(({ name }) => name)).size).toBe(indexes.length);
    }
  });

  test('no index copies more than DynamoDB allows, nor what it has as a key', () => {
    for (const { indexes, ...table } of Object.values<TableDescription>(tableDescriptions)) {
      for (const { projection, ...index } of indexes) {
        const keys = [table.partition, table.sort, index.partition, index.sort].map((key) => key?.name);
        const copied = projection === 'ALL' ? [] : projection;

        expect(copied.length).toBeLessThanOrEqual(20);
        expect(new Set(copied).size).toBe(copied.length);
        expect(copied.filter((name) => keys.includes(name))).toStrictEqual([]);
      }
    }
  });

  test('the list of open requests does not copy what only a decision has, nor what a call is checked by', () => {
    const [{ projection }] = tableDescriptions.approvals.indexes;

    for (const name of ['deny_reason', 'scope', 'input_sha256', 'judged', 'decided_at']) {
      expect(projection).not.toContain(name);
    }
  });
});

describe('tableNames()', () => {
  test('names each table of an installation', () => {
    expect(tableNames('abca')).toStrictEqual({
      tasks: 'abca-tasks',
      events: 'abca-task-events',
      approvals: 'abca-task-approvals',
      repos: 'abca-repos',
      slots: 'abca-slots',
      rateLimits: 'abca-rate-limits',
      outbox: 'abca-outbox',
      notificationSettings: 'abca-notification-settings',
      slackUsers: 'abca-slack-user-mapping',
    });
    expect(Object.keys(tableNames('x'))).toStrictEqual([...tableKinds]);
  });
});
