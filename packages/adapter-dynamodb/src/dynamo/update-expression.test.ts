import { describe, expect, test } from '@jest/globals';
import { conditionExpression, updateExpression } from './update-expression.ts';

describe('updateExpression()', () => {
  test('puts every name and value behind a placeholder', () => {
    const parts = updateExpression({
      set: { status: 'A' },
      remove: ['ttl'],
      add: { version: 1 },
      expect: { status: 'B' },
      expectOneOf: { kind: ['x', 'y'] },
      expectAbove: { expires_at: 't' },
      exists: 'id',
    });

    expect(parts).toStrictEqual({
      UpdateExpression: 'SET #status = :v0 REMOVE #ttl ADD #version :v1',
      ConditionExpression: 'attribute_exists(#id) AND #status = :v2 AND #kind IN (:v3, :v4) AND #expires_at > :v5',
      ExpressionAttributeNames: {
        '#status': 'status',
        '#ttl': 'ttl',
        '#version': 'version',
        '#id': 'id',
        '#kind': 'kind',
        '#expires_at': 'expires_at',
      },
      ExpressionAttributeValues: { ':v0': 'A', ':v1': 1, ':v2': 'B', ':v3': 'x', ':v4': 'y', ':v5': 't' },
    });
  });
});

describe('conditionExpression()', () => {
  test('names nothing that the condition does not use: the store refuses what is left over', () => {
    expect(conditionExpression({ expect: { status: 'B' }, exists: 'id' })).toStrictEqual({
      ConditionExpression: 'attribute_exists(#id) AND #status = :v0',
      ExpressionAttributeNames: { '#id': 'id', '#status': 'status' },
      ExpressionAttributeValues: { ':v0': 'B' },
    });
  });
});
