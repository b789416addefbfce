import { describe, expect, test } from '@jest/globals';
import { aTaskId } from '../testing/builders.ts';
import { isTaskId, mintSessionId, shortTaskId, type TaskId } from './ids.ts';

const taskId = '01KAXYZ0123456789ABCDEFGHJ' as TaskId;

describe('isTaskId()', () => {
  test.each([taskId, aTaskId(), '0'.repeat(26)])('takes %s', (text) => {
    expect(isTaskId(text)).toBe(true);
  });

  test.each(['', taskId.slice(1), `${taskId}0`, taskId.toLowerCase(), ` ${taskId.slice(1)}`])('refuses %j', (text) => {
    expect(isTaskId(text)).toBe(false);
  });

  test.each(['I', 'L', 'O', 'U', '-'])('refuses the letter %s, which Crockford left out', (letter) => {
    expect(isTaskId(letter + taskId.slice(1))).toBe(false);
    expect(isTaskId(taskId.slice(1) + letter)).toBe(false);
  });
});

describe('mintSessionId()', () => {
  test('is made of task id and generation alone', () => {
    expect(mintSessionId(taskId, 1)).toBe(`abca-session-${taskId}-g1`);
    expect(mintSessionId(taskId, 2)).not.toBe(mintSessionId(taskId, 1));
  });

  test('has the 33 characters that AgentCore asks for', () => {
    expect(mintSessionId(taskId, 1).length).toBeGreaterThanOrEqual(33);
  });
});

describe('shortTaskId()', () => {
  test('is the random end of the id, in lower case', () => {
    expect(shortTaskId(taskId)).toBe('abcdefghj'.slice(-8));
  });
});
