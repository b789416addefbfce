import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import { formatIso } from '../time/iso-time.ts';
import { aRequestId, aTask } from '../testing/builders.ts';
import { applyStatusWrite, buildStatusWrite, meetsCondition, type StatusMove } from './status-write.ts';
import {
  assertEdge,
  isCancellable,
  isEdge,
  isTerminal,
  taskEdges,
  taskStatuses,
  type TaskStatus,
} from './task-status.ts';

const anyStatus = fc.constantFrom(...taskStatuses);

function moveTo(from: TaskStatus, to: TaskStatus, atMs: number): StatusMove {
  return { from, to, atMs, ...(to === 'AWAITING_APPROVAL' && { patch: { awaitingApprovalRequestId: aRequestId() } }) };
}

describe('state table', () => {
  test('has these terminal statuses and no others', () => {
    expect(taskStatuses.filter(isTerminal)).toStrictEqual(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT']);
  });

  test('a task that waits for approval never ends as if it had finished (L3)', () => {
    expect(taskEdges.AWAITING_APPROVAL).toStrictEqual(['RUNNING', 'FAILED', 'CANCELLED']);
  });

  test('says where a task may go instead', () => {
    const told = (from: TaskStatus, to: TaskStatus): unknown => {
      const error = caught(() => assertEdge(from, to));
      return AbcaError.is(error, 'ILLEGAL_TRANSITION') && error.message;
    };

    expect(told('QUEUED', 'RUNNING')).toBe(
      'a task cannot go from QUEUED to RUNNING; from QUEUED it may go to: SUBMITTED, FAILED, CANCELLED',
    );
    expect(told('FAILED', 'RUNNING')).toBe(
      'a task cannot go from FAILED to RUNNING; from FAILED it may go to: none, it is terminal',
    );
  });

  test('cancel reaches every active status but FINALIZING', () => {
    expect(taskStatuses.filter(isCancellable)).toStrictEqual([
      'SUBMITTED',
      'QUEUED',
      'HYDRATING',
      'RUNNING',
      'AWAITING_APPROVAL',
    ]);
  });
});

describe('buildStatusWrite()', () => {
  test('refuses exactly the moves that are no edge, and says which are', () => {
    fc.assert(
      fc.property(anyStatus, anyStatus, (from, to) => {
        const build = () => buildStatusWrite(moveTo(from, to, 0));
        if (isEdge(from, to)) expect(build).not.toThrow();
        else expect(build).toThrow(`a task cannot go from ${from} to ${to}; from ${from} it may go to: `);
      }),
    );
  });

  test('any two writers on the same task, in any order: one wins, and the task has ended at most once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyStatus, anyStatus), { maxLength: 30 }), (wishes) => {
        let task = aTask({ status: 'SUBMITTED' });
        let ends = 0;
        for (const [index, [first, second]] of wishes.entries()) {
          const seen = task.status;
          const wins = [first, second]
            .filter((to) => isEdge(seen, to))
            .filter((to) => {
              const write = buildStatusWrite(moveTo(seen, to, index));
              if (!meetsCondition(task, write.condition)) return false;
              task = applyStatusWrite(task, write);
              ends += isTerminal(to) ? 1 : 0;
              return true;
            });
          expect(wins.length).toBeLessThanOrEqual(1);
        }
        expect(ends).toBe(isTerminal(task.status) ? 1 : 0);
        expect(task.awaitingApprovalRequestId !== undefined).toBe(task.status === 'AWAITING_APPROVAL');
      }),
    );
  });

  test('every move sets the status and its time, also into AWAITING_APPROVAL (L2)', () => {
    const write = buildStatusWrite(moveTo('RUNNING', 'AWAITING_APPROVAL', 5_000));

    expect(write).toStrictEqual({
      set: {
        awaitingApprovalRequestId: aRequestId(),
        status: 'AWAITING_APPROVAL',
        statusCreatedAt: formatIso(5_000),
        updatedAt: formatIso(5_000),
      },
      remove: [],
      condition: { status: 'RUNNING' },
    });
  });

  test('entering RUNNING renews the lease, so that a task approved late is not lost at once (L1)', () => {
    const write = buildStatusWrite(moveTo('AWAITING_APPROVAL', 'RUNNING', 7_000));

    expect(write.set.leaseExpiresAt).toBe(formatIso(7_000 + limits.heartbeatLostMs));
    expect(write.remove).toStrictEqual(['awaitingApprovalRequestId']);
  });

  test('an end sets when, and when the store may forget: 90 days later, in whole seconds', () => {
    const write = buildStatusWrite({ from: 'FINALIZING', to: 'COMPLETED', atMs: 1_500, patch: { branch: 'b' } });

    expect(write.set).toStrictEqual({
      branch: 'b',
      endedAt: formatIso(1_500),
      ttl: 90 * 24 * 3600 + 2,
      status: 'COMPLETED',
      statusCreatedAt: formatIso(1_500),
      updatedAt: formatIso(1_500),
    });
  });

  test('a session is part of the condition when it is named', () => {
    const task = aTask({ status: 'RUNNING' });
    const expectSession = { sessionId: task.sessionId!, generation: task.generation };
    const write = buildStatusWrite({ ...moveTo('RUNNING', 'FINALIZING', 1), expectSession });

    expect(meetsCondition(task, write.condition)).toBe(true);
    expect(meetsCondition({ ...task, generation: 9 }, write.condition)).toBe(false);
    expect(meetsCondition({ ...task, status: 'HYDRATING' }, write.condition)).toBe(false);
  });

  test('a move to AWAITING_APPROVAL names its request, no other does', () => {
    const without: StatusMove = { from: 'RUNNING', to: 'AWAITING_APPROVAL', atMs: 0 };
    const astray: StatusMove = {
      from: 'RUNNING',
      to: 'FINALIZING',
      atMs: 0,
      patch: { awaitingApprovalRequestId: aRequestId() },
    };

    for (const [move, message] of [
      [without, 'a move to AWAITING_APPROVAL names the approval request it waits for'],
      [astray, 'only a move to AWAITING_APPROVAL names an approval request; this one goes to FINALIZING'],
    ] as const) {
      const error = caught(() => buildStatusWrite(move));
      expect(AbcaError.is(error, 'ILLEGAL_TRANSITION')).toBe(true);
      expect(error).toHaveProperty('message', message);
    }
  });
});

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
