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
    });
  });

  test('no table has two indexes of one name', () => {
    for (const { indexes } of Object.values<TableDescription>(tableDescriptions)) {
      expect(new Set(indexes.map(({ name }) => name)).size).toBe(indexes.length);
    }
  });
});

describe('tableNames()', () => {
  test('names each table of an installation', () => {
    expect(tableNames('abca')).toStrictEqual({
      tasks: 'abca-tasks',
      events: 'abca-task-events',
      repos: 'abca-repos',
      slots: 'abca-slots',
      rateLimits: 'abca-rate-limits',
    });
    expect(Object.keys(tableNames('x'))).toStrictEqual([...tableKinds]);
  });
});
