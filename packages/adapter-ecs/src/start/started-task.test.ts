import { describe, expect, test } from '@jest/globals';
import { startedTask } from './started-task.ts';

const shortage = 'Capacity is unavailable at this time. Please try again later or in a different availability zone';

describe('startedTask()', () => {
  test('finds the task', () => {
    expect(startedTask({ tasks: [{ taskArn: 'arn:1' }], failures: [] }, 's')).toBe('arn:1');
  });

  test.each([
    [[{ reason: shortage }], true, shortage],
    [[{ reason: 'RESOURCE:ENI' }], true, 'RESOURCE:ENI'],
    [[{ reason: 'RESOURCE:CPU', detail: '4096' }], true, 'RESOURCE:CPU: 4096'],
    [[{ reason: 'AGENT' }], true, 'AGENT'],
    [[{ reason: "You've reached the limit on the number of vCPUs you can run concurrently" }], true, 'the limit'],
    [[{ reason: 'ATTRIBUTE' }], false, 'ATTRIBUTE'],
    [[{ reason: 'MISSING' }], false, 'MISSING'],
    [[{}], false, 'no reason given'],
    [[{ detail: 'RESOURCE:CPU' }], false, 'no reason given: RESOURCE:CPU'],
    [[{ reason: shortage }, { reason: 'INACTIVE' }], false, `${shortage}, INACTIVE`],
    [[], true, 'the answer holds no task and no reason'],
    [undefined, true, 'the answer holds no task and no reason'],
  ])('without one it fails with the reasons: %j, retryable %s', (failures, retryable, reason) => {
    expect(() => startedTask({ tasks: [], failures }, 's')).toThrow(
      expect.objectContaining({
        code: 'SESSION_START_FAILED',
        retryable,
        message: expect.stringContaining(reason),
        details: { reason: expect.stringContaining(reason) },
      }),
    );
    expect(() => startedTask({ tasks: [], failures }, 's')).toThrow(/^session s did not start: /);
  });

  test('an answer without a list is one without a task', () => {
    expect(() => startedTask({}, 's')).toThrow('the answer holds no task');
    expect(() => startedTask({ tasks: [{}] }, 's')).toThrow('the answer holds no task');
  });
});
