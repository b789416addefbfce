import { describe, expect, test } from '@jest/globals';
import { shownTask } from './find-task.ts';

const asked = { sessionId: 's', verb: 'poll' } as const;

describe('shownTask()', () => {
  test('is the task, or nothing when it is missing', () => {
    expect(shownTask({ tasks: [{ taskArn: 'arn:1' }], failures: [] }, asked)).toStrictEqual({ taskArn: 'arn:1' });
    expect(shownTask({ tasks: [{ taskArn: 'arn:1' }], failures: [{ reason: 'X' }] }, asked)).toBeDefined();
    expect(shownTask({ tasks: [], failures: [{ reason: 'MISSING' }] }, asked)).toBeUndefined();
    expect(shownTask({}, asked)).toBeUndefined();
  });

  test.each([
    ['poll', [{ reason: 'MISSING' }, { reason: 'ODD' }], 'SESSION_POLL_FAILED', 'ODD'],
    ['stop', [{}], 'SESSION_STOP_FAILED', 'no reason given'],
  ] as const)('another failure tells nothing of the task: %s %j', (verb, failures, code, reason) => {
    expect(() => shownTask({ failures: [...failures] }, { sessionId: 's', verb })).toThrow(
      expect.objectContaining({
        code,
        retryable: true,
        message: expect.stringMatching(`session s .*: DescribeTasks answered ${reason}`),
        details: { reason },
      }),
    );
  });
});
