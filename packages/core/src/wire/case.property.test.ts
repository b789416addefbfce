import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromWire, toCamelCase, toSnakeCase, toWire } from './case.ts';

const camelName = fc.stringMatching(/^[a-z]{1,5}([A-Z][a-z]{0,4}){0,3}$/);

describe('toSnakeCase() and toCamelCase()', () => {
  test.each([
    ['taskId', 'task_id'],
    ['awaitingApprovalRequestId', 'awaiting_approval_request_id'],
    ['ttl', 'ttl'],
    ['aB', 'a_b'],
  ])('%s ↔ %s', (camel, snake) => {
    expect(toSnakeCase(camel)).toBe(snake);
    expect(toCamelCase(snake)).toBe(camel);
  });

  test('a digit after an underscore joins', () => {
    expect(toCamelCase('sha_256')).toBe('sha256');
  });

  test('are inverse on field names', () => {
    fc.assert(
      fc.property(camelName, (name) => {
        expect(toCamelCase(toSnakeCase(name))).toBe(name);
        expect(toSnakeCase(name)).toMatch(/^[a-z_]+$/);
      }),
    );
  });
});

describe('toWire() and fromWire()', () => {
  test('rename fields at any depth, in lists too, and nothing else', () => {
    const value = {
      taskId: 'T',
      costUsd: 0,
      list: [{ isError: false, none: null }, 'aB', 1],
      nested: { deepName: [] },
    };

    expect(toWire(value)).toStrictEqual({
      task_id: 'T',
      cost_usd: 0,
      list: [{ is_error: false, none: null }, 'aB', 1],
      nested: { deep_name: [] },
    });
    expect(fromWire(toWire(value))).toStrictEqual(value);
  });

  test('leave out fields that are undefined', () => {
    expect(Object.keys(toWire({ aB: undefined, c: 1 }) as object)).toStrictEqual(['c']);
    expect(Object.keys(fromWire({ a_b: undefined, c: 1 }) as object)).toStrictEqual(['c']);
  });

  test('are inverse on any JSON whose fields have such names', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
        fc.array(tie('tree')),
        fc.dictionary(camelName, tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(fromWire(toWire(value))).toEqual(value);
      }),
    );
  });
});
