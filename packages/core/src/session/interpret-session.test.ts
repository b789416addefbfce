import { describe, expect, test } from '@jest/globals';
import { formatIso } from '../time/iso-time.ts';
import { aTask } from '../testing/builders.ts';
import { deadlineFailure, interpretSession } from './interpret-session.ts';
import { describeStop, type SessionStatus } from './session-status.ts';

const now = 1_000_000;
const usage = { turns: 0, costUsd: 0, inputTokens: 0, outputTokens: 0 };
const alive = aTask({ status: 'RUNNING', leaseExpiresAt: formatIso(now + 1), deadlineAt: formatIso(now + 1) });
const silent = { ...alive, leaseExpiresAt: formatIso(now) };
const anyStatus: readonly SessionStatus[] = [
  { kind: 'running' },
  { kind: 'suspended' },
  { kind: 'unobservable' },
  { kind: 'completed' },
  { kind: 'failed', error: 'exit code 9' },
];

describe('interpretSession()', () => {
  test.each(anyStatus)('a task that ended, or whose result is there, is finalized: $kind', (status) => {
    expect(interpretSession({ ...silent, status: 'CANCELLED' }, status, now)).toStrictEqual({ kind: 'finalize' });
    expect(interpretSession({ ...silent, result: { outcome: 'finished', ...usage } }, status, now)).toStrictEqual({
      kind: 'finalize',
    });
  });

  test.each(anyStatus)('past its deadline every session is given up: $kind', (status) => {
    const late = { ...alive, deadlineAt: formatIso(now) };

    expect(interpretSession(late, status, now)).toMatchObject({
      kind: 'give_up',
      failure: { code: 'DEADLINE_EXCEEDED' },
    });
    expect(interpretSession({ ...late, status: 'AWAITING_APPROVAL' }, status, now)).toMatchObject({
      kind: 'give_up',
      failure: { code: 'DEADLINE_WHILE_AWAITING_APPROVAL' },
    });
  });

  test.each(['running', 'suspended', 'unobservable'] as const)(
    '%s: waits while the lease holds, and gives up once it has run out',
    (kind) => {
      expect(interpretSession(alive, { kind }, now)).toStrictEqual({ kind: 'wait' });
      expect(interpretSession(silent, { kind }, now)).toMatchObject({
        kind: 'give_up',
        failure: { code: 'SESSION_LOST' },
      });
    },
  );

  test('a session without any lease is lost', () => {
    const { leaseExpiresAt: _none, ...unleased } = alive;

    expect(interpretSession(unleased, { kind: 'running' }, now)).toMatchObject({ kind: 'give_up' });
  });

  test.each([
    [{ kind: 'completed' }, 'it exited by itself'],
    [{ kind: 'failed', error: 'exit code 9' }, 'exit code 9'],
  ] as const)('an ended session without a result is looked at once more: %j', (status, how) => {
    expect(interpretSession(alive, status, now)).toStrictEqual({
      kind: 'recheck',
      failure: { code: 'SESSION_ENDED_WITHOUT_RESULT', message: `the agent session ended without a result: ${how}` },
    });
  });
});

describe('the failures of a session', () => {
  test('say when the deadline was, and whether somebody was waited for', () => {
    const late = { ...alive, deadlineAt: formatIso(now) };
    const said = `the deadline of the task, ${formatIso(now)}, has passed`;

    expect(deadlineFailure(late).message).toBe(`${said}; submit it again in smaller parts`);
    expect(deadlineFailure({ ...late, status: 'AWAITING_APPROVAL' }).message).toBe(
      `${said} while it waited for an approval; submit it again in smaller parts`,
    );
  });

  test('say since when a lost session is silent, and what the substrate shows', () => {
    const { leaseExpiresAt: _none, ...unleased } = alive;
    const tell = (since: string): unknown => ({
      kind: 'give_up',
      failure: {
        code: 'SESSION_LOST',
        message: `the agent session has not renewed its lease since ${since} and the substrate shows it as suspended; it was stopped`,
      },
    });

    expect(interpretSession(silent, { kind: 'suspended' }, now)).toStrictEqual(tell(formatIso(now)));
    expect(interpretSession(unleased, { kind: 'suspended' }, now)).toStrictEqual(tell('it was started'));
  });
});

describe('describeStop()', () => {
  test('says how each stop was proven', () => {
    expect(describeStop({ kind: 'stopped', provenBy: 'group 7 is empty' })).toBe('stopped: group 7 is empty');
    expect(describeStop({ kind: 'already_gone' })).toBe('the session had already ended');
    expect(describeStop({ kind: 'requested' })).toBe('the stop was accepted; its end has not been seen yet');
  });
});
