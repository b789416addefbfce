import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mintSessionId, type TaskId } from '../ids/ids.ts';
import { branchNameOf } from './branch-name.ts';

const taskId = '01KATESTTASK00000000ABCDEF' as TaskId;
const nameOf = (taskDescription: string) => branchNameOf({ taskId, taskDescription });

describe('branchNameOf()', () => {
  test.each([
    ['Fix the failing test', 'abca/00abcdef/fix-the-failing-test'],
    ['  Ünïcode & "quotes"\nand more', 'abca/00abcdef/u-ni-code-quotes-and-more'],
    ['🎉🎉', 'abca/00abcdef/task'],
    ['Please fix all of the failing tests in the shop now', 'abca/00abcdef/please-fix-all-of-the-failing-tests-in'],
    ['a '.repeat(30), 'abca/00abcdef/a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a'],
    ['a'.repeat(100), `abca/00abcdef/${'a'.repeat(40)}`],
    ['Please fix the failing test in the shop and update', 'abca/00abcdef/please-fix-the-failing-test-in-the-shop'],
  ])('%j becomes %s', (description, name) => {
    expect(nameOf(description)).toBe(name);
  });

  test('is a short valid ref whatever people write', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (description) => {
        expect(nameOf(description)).toMatch(/^abca\/00abcdef\/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
      }),
    );
  });
});

describe('mintSessionId()', () => {
  test('gives the same id for the same session, another for the next, and is long enough for AgentCore', () => {
    expect(mintSessionId(taskId, 1)).toBe(mintSessionId(taskId, 1));
    expect(mintSessionId(taskId, 2)).not.toBe(mintSessionId(taskId, 1));
    expect(mintSessionId(taskId, 1).length).toBeGreaterThanOrEqual(33);
  });
});
