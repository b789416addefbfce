import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { isTerminal, taskStatuses, type TaskStatus } from '../task/task-status.ts';
import type { Task } from '../task/task.ts';
import { aTask, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import { judgeTask, type StrandedCase, type StrandedRules } from './stranded-rules.ts';

const minute = 60_000;
const hour = 60 * minute;
const rules: StrandedRules = {
  startAfterMs: 2 * minute,
  stayMs: hour,
  leaseMarginMs: 15 * minute,
  approvalMarginMs: 5 * minute,
  deadlineMarginMs: hour,
  rescues: 3,
  firstRetryMs: 2 * minute,
  longestRetryMs: hour,
};
const since = testEpochMs;
const result = { outcome: 'finished', turns: 1, costUsd: 0, inputTokens: 1, outputTokens: 1 } as const;
const lease = (ms: number): Partial<Task> => ({ leaseExpiresAt: formatIso(since + ms) });
const rescued = (attempts: number, atMs: number): Partial<Task> => ({
  rescue: { attempts, at: formatIso(since + atMs) },
});

function judge(task: Partial<Task>, ageMs: number, more: Partial<StrandedCase> = {}): string {
  return judgeTask({ task: aTask(task), nowMs: since + ageMs, aliveSinceMs: 0, rules, ...more }).kind;
}

/** What is said a millisecond before `ageMs`, and then. */
function around(task: Partial<Task>, ageMs: number, more: Partial<StrandedCase> = {}): readonly string[] {
  return [judge(task, ageMs - 1, more), judge(task, ageMs, more)];
}

describe('judgeTask()', () => {
  test.each(taskStatuses.filter(isTerminal))('%s: it has ended, and that is all', (status) => {
    expect(judge({ status }, 100 * 24 * hour)).toBe('leave');
  });

  test('SUBMITTED: started, again at growing distances, and then given up', () => {
    expect(around({}, 2 * minute)).toStrictEqual(['leave', 'start']);
    expect(judge({}, 1000 * hour)).toBe('start');
    expect(around(rescued(1, hour), hour + 2 * minute)).toStrictEqual(['leave', 'start']);
    expect(around(rescued(2, hour), hour + 4 * minute)).toStrictEqual(['leave', 'start']);
    expect(around(rescued(3, hour), hour + 8 * minute)).toStrictEqual(['leave', 'fail']);
  });

  test('SUBMITTED again after the queue: what was tried before does not count', () => {
    expect(judge(rescued(3, -1), 2 * minute)).toBe('start');
  });

  test.each<[TaskStatus, number]>([
    ['QUEUED', limits.queueMs + hour],
    ['HYDRATING', hour],
  ])('%s: given up after its time', (status, ageMs) => {
    expect(around({ status }, ageMs)).toStrictEqual(['leave', 'fail']);
  });

  test('HYDRATING: a session that holds the lease already keeps it alive', () => {
    expect(around({ status: 'HYDRATING', ...lease(2 * hour) }, 2 * hour + 15 * minute)).toStrictEqual([
      'leave',
      'fail',
    ]);
  });

  test.each<TaskStatus>(['RUNNING', 'AWAITING_APPROVAL'])(
    '%s: given up past its lease and a margin, or past its deadline and a margin (L1)',
    (status) => {
      const more = { approvalExpiresMs: since + 1000 * hour };
      const kept = lease(1000 * hour);

      expect(around({ status, ...lease(hour) }, hour + 15 * minute, more)).toStrictEqual(['leave', 'fail']);
      expect(around({ status }, 15 * minute, more)).toStrictEqual(['leave', 'fail']);
      expect(around({ status, ...kept }, limits.sessionMs + hour, more)).toStrictEqual(['leave', 'fail']);
    },
  );

  test('AWAITING_APPROVAL: given up past the expiry of the request and a margin, counted from this wait (L2)', () => {
    const waiting = { status: 'AWAITING_APPROVAL' as const, ...lease(1000 * hour) };
    const more = { approvalExpiresMs: since + 10 * minute };

    expect(around(waiting, 15 * minute, more)).toStrictEqual(['leave', 'fail']);
    expect(around(waiting, 5 * minute)).toStrictEqual(['leave', 'fail']);
  });

  test('FINALIZING: its workflow is set going again, and then it is given up', () => {
    const status = 'FINALIZING' as const;

    expect(around({ status }, hour)).toStrictEqual(['leave', 'wake']);
    expect(around({ status, ...rescued(3, hour) }, hour + 8 * minute)).toStrictEqual(['leave', 'fail']);
  });

  test('a result on the row is for the workflow to finalize, until far past the deadline', () => {
    const done = { status: 'RUNNING' as const, result, ...lease(0) };
    const late = limits.sessionMs + hour;

    expect(around(done, 15 * minute)).toStrictEqual(['leave', 'wake']);
    expect(judge({ ...done, ...rescued(9, 0) }, late - 1)).toBe('wake');
    expect(judge({ ...done, ...rescued(9, 0) }, late)).toBe('fail');
    expect(judge({ ...done, ...rescued(2, 0) }, late)).toBe('wake');
  });

  test('no age counts from before the platform was up, and nothing is done at once', () => {
    for (const status of taskStatuses) {
      const aliveSinceMs = since + 1000 * hour;
      const task = { status, ...lease(0), ...rescued(3, 1) };

      expect(judge(task, 1000 * hour + 2 * minute - 1, { aliveSinceMs })).toBe('leave');
      if (status !== 'SUBMITTED') expect(judge(task, 1000 * hour + 4 * minute, { aliveSinceMs })).toBe('leave');
    }
  });

  test('says what was seen, where saved work is, and what to do', () => {
    const sessionHandle = { strategyType: 'x', sessionId: 's' };
    const task = aTask({ status: 'RUNNING', sessionHandle, ...lease(0) });
    const message = `nobody looked after the task any more: RUNNING since ${task.statusCreatedAt}, its lease ended ${formatIso(since)}; what it saved is at refs/abca/${task.taskId.toLowerCase()}/wip of the remote; submit it again`;
    const { leaseExpiresAt: _lease, sessionHandle: _handle, ...bare } = task;
    const nowMs = since + hour;

    expect(judgeTask({ task, nowMs, aliveSinceMs: 0, rules })).toStrictEqual({
      kind: 'fail',
      failure: { code: 'TASK_STRANDED', message },
    });
    expect(judgeTask({ task: bare, nowMs, aliveSinceMs: 0, rules })).toMatchObject({
      failure: {
        message: `nobody looked after the task any more: RUNNING since ${task.statusCreatedAt}; submit it again`,
      },
    });
  });

  test('every task that is never touched is ended at some time, however often its workflow is set going', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...taskStatuses.filter((status) => !isTerminal(status))),
        fc.boolean(),
        fc.nat(100 * hour),
        (status, hasResult, leaseMs) => {
          let task = aTask({ status, ...lease(leaseMs), ...(hasResult && { result }) });
          let ageMs = 0;
          for (let run = 0; run < 5_000; run += 1) {
            const { kind } = judgeTask({ task, nowMs: since + ageMs, aliveSinceMs: 0, rules });
            if (kind === 'fail') return true;
            if (kind !== 'leave') {
              const at = formatIso(since + ageMs);
              task = { ...task, rescue: { attempts: (task.rescue?.attempts ?? 0) + 1, at } };
            }
            ageMs += 5 * minute;
          }
          return false;
        },
      ),
    );
  });
});
