import { describe, expect, test } from '@jest/globals';
import { isOver, statusOf } from './tinyrun-job.ts';

const failed = (error: string): object => ({ kind: 'failed', error });

describe('statusOf()', () => {
  test.each([
    [{ state: 'queued' }, { kind: 'running' }, false],
    [{ state: 'running' }, { kind: 'running' }, false],
    [{ state: 'stopping' }, { kind: 'running' }, false],
    [{ state: 'exited', exit_code: 0 }, { kind: 'completed' }, true],
    [{ state: 'exited', exit_code: 9 }, failed('exit code 9'), true],
    [{ state: 'exited' }, failed('the job ended without an exit code'), true],
    [{ state: 'stopped' }, failed('the job was stopped'), true],
    [{ state: 'lost', reason: 'disk' }, failed('TinyRun lost the job: disk'), true],
    [{ state: 'lost' }, failed('TinyRun lost the job: no reason given'), true],
    [{ state: 'frozen' }, { kind: 'unobservable' }, false],
  ])('shows %j as %j', (job, status, over) => {
    expect(statusOf({ id: 'x', ...job })).toStrictEqual(status);
    expect(isOver({ id: 'x', ...job })).toBe(over);
  });

  test('shows a job that is not there as failed', () => {
    expect(statusOf(undefined)).toStrictEqual(failed('TinyRun has no such job'));
    expect(isOver(undefined)).toBe(true);
  });
});
