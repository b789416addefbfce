import { describe, expect, test } from '@jest/globals';
import { expectHonestStatuses } from '../ecs-expectations.test-kit.ts';
import { isOver, taskStatus, type TaskView } from './task-status.ts';

const stopped = (more: Partial<TaskView> = {}): TaskView => ({ lastStatus: 'STOPPED', ...more });
const failed = (error: string): unknown => ({ kind: 'failed', error });

describe('taskStatus()', () => {
  test('keeps every row of the contract', () => {
    expect(() => {
      expectHonestStatuses(taskStatus);
    }).not.toThrow();
  });

  test.each([
    ['its own reason', { reason: 'OutOfMemoryError' }, 'exit code 137: OutOfMemoryError'],
    ['that of the task', {}, 'exit code 137: Essential container in task exited'],
  ])('tells an exit code with %s', (_what, more, error) => {
    const task = stopped({
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'agent', exitCode: 137, ...more }],
    });

    expect(taskStatus(task, 'agent')).toStrictEqual(failed(error));
  });

  test('tells an exit code alone when nobody gives a reason', () => {
    expect(taskStatus(stopped({ containers: [{ name: 'agent', exitCode: 2 }] }), 'agent')).toStrictEqual(
      failed('exit code 2'),
    );
  });

  test('an empty reason is none', () => {
    const containers = [{ name: 'agent', exitCode: 2, reason: '' }];

    expect(taskStatus(stopped({ containers }), 'agent')).toStrictEqual(failed('exit code 2'));
  });

  test.each([
    [
      { stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: x' },
      undefined,
      'TaskFailedToStart: CannotPullContainerError: x',
    ],
    [{ stopCode: 'TaskFailedToStart', stoppedReason: 'a' }, 'b', 'TaskFailedToStart: a: b'],
    [{ stopCode: 'TaskFailedToStart', stoppedReason: 'a' }, 'a', 'TaskFailedToStart: a'],
    [{ stopCode: 'SpotInterruption' }, 'b', 'SpotInterruption: b'],
    [{ stoppedReason: 'a' }, undefined, 'stopped: a'],
    [{}, undefined, 'stopped: no reason given'],
  ] as [Partial<TaskView>, string | undefined, string][])(
    'a container without an exit code never started (R15): %j, %j',
    (task, reason, error) => {
      const containers = [{ name: 'agent', reason }];

      expect(taskStatus(stopped({ ...task, containers }), 'agent')).toStrictEqual(failed(error));
    },
  );

  test('a task without the container, or without any, is one that never started it', () => {
    const containers = [{ name: 'log-router', exitCode: 0 }];

    expect(taskStatus(stopped({ containers }), 'agent')).toStrictEqual(failed('stopped: no reason given'));
    expect(taskStatus(stopped(), 'agent')).toStrictEqual(failed('stopped: no reason given'));
  });
});

describe('isOver()', () => {
  test.each([
    ['STOPPED', true],
    ['DELETED', true],
    ['DEPROVISIONING', false],
    ['RUNNING', false],
    [undefined, false],
  ])('%s: %s', (lastStatus, over) => {
    expect(isOver({ lastStatus })).toBe(over);
  });
});
