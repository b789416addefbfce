import { describe, expect, test } from '@jest/globals';
import { mintSessionId, type SessionId } from '../ids/ids.ts';
import { taskStatuses } from '../task/task-status.ts';
import type { SessionStop, Task } from '../task/task.ts';
import { aTask, aTaskId } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import {
  entryOf,
  isSessionOpen,
  lastStopOf,
  noteEnd,
  openSession,
  provenEndOf,
  type SessionEnd,
} from './session-ledger.ts';

const startMs = 1_000_000;
const nowMs = startMs + 5_000;
const sessionId = mintSessionId(aTaskId(), 1);
const handle = { strategyType: 'ecs', sessionId };
const open = aTask({ status: 'RUNNING', ...openSession(handle, startMs) });
const legacy = aTask({ status: 'RUNNING', sessionHandle: handle, startedAt: formatIso(startMs) });
const stopAt = (atMs: number, fields: Partial<SessionStop> = {}): SessionStop => ({
  outcome: 'requested',
  at: formatIso(atMs),
  attempts: 1,
  ...fields,
});
const closed = (fields: Partial<SessionStop> = {}): Task => {
  const { sessionOpen: _proven, ...task } = open;
  return { ...task, sessionStop: stopAt(nowMs, { outcome: 'stopped', provenBy: 'group 7 is empty', ...fields }) };
};

describe('isSessionOpen()', () => {
  test('from the handle to the proof', () => {
    expect([aTask(), open, closed()].map(isSessionOpen)).toStrictEqual([false, true, false]);
    expect(isSessionOpen({ ...open, status: 'CANCELLED' })).toBe(true);
  });

  test('a row from before the ledger is open while its task has not ended', () => {
    expect(isSessionOpen(legacy)).toBe(true);
    expect(isSessionOpen({ ...legacy, status: 'FAILED' })).toBe(false);
  });
});

describe('lastStopOf()', () => {
  test('is that of this session, not of one before it', () => {
    expect(lastStopOf(open)).toBeUndefined();
    expect(lastStopOf({ ...open, sessionStop: stopAt(startMs - 1) })).toBeUndefined();
    expect(lastStopOf({ ...open, sessionStop: stopAt(startMs) })).toStrictEqual(stopAt(startMs));
    expect(lastStopOf({ ...legacy, sessionStop: stopAt(0) })).toStrictEqual(stopAt(0));
  });
});

describe('provenEndOf()', () => {
  test('tells a proof again, and nothing that may still run', () => {
    expect(provenEndOf(closed())).toStrictEqual({ kind: 'stopped', provenBy: 'group 7 is empty' });
    expect(provenEndOf(closed({ outcome: 'already_gone' }))).toStrictEqual({ kind: 'already_gone' });
    expect(provenEndOf(closed({ outcome: 'ended' }))).toStrictEqual({ kind: 'already_gone' });
    expect(provenEndOf({ ...open, sessionStop: stopAt(nowMs) })).toBeUndefined();
    expect(provenEndOf({ ...legacy, status: 'FAILED' })).toBeUndefined();
    expect(provenEndOf(closed({ outcome: 'requested' }))).toBeUndefined();
  });
});

describe('noteEnd()', () => {
  const entry = { generation: 1, sessionId, sessionSince: formatIso(startMs) };
  const proofs: readonly SessionEnd[] = [
    { kind: 'stopped', provenBy: 'it' },
    { kind: 'already_gone' },
    { kind: 'ended', provenBy: 'the substrate' },
  ];

  test.each(proofs)('a proof closes the entry of this very session, in any status: %j', (end) => {
    const { kind, ...proof } = end;

    expect(noteEnd(open, end, nowMs)).toStrictEqual({
      taskId: open.taskId,
      atMs: nowMs,
      whileIn: taskStatuses,
      patch: { sessionStop: { outcome: kind, ...proof, at: formatIso(nowMs), attempts: 1 } },
      remove: ['sessionOpen'],
      expectSession: entry,
    });
  });

  test('what is not proven is noted only while the entry is open, and counted', () => {
    const failure = { code: 'SESSION_STOP_FAILED', message: 'no' } as const;
    const before = { ...open, sessionStop: stopAt(nowMs, { attempts: 4 }) };

    expect(noteEnd(before, { kind: 'failed', failure }, nowMs)).toStrictEqual({
      taskId: open.taskId,
      atMs: nowMs,
      whileIn: taskStatuses,
      patch: { sessionStop: { outcome: 'failed', failure, at: formatIso(nowMs), attempts: 5 } },
      expectSession: { ...entry, sessionOpen: 'open' },
    });
    expect(noteEnd(open, { kind: 'requested' }, nowMs).expectSession).toMatchObject({ sessionOpen: 'open' });
  });

  test('a row from before the ledger is entered when its stop proves nothing, so that it is found again', () => {
    const { startedAt: _none, ...unstarted } = legacy;

    expect(noteEnd(legacy, { kind: 'requested' }, nowMs)).toMatchObject({
      patch: { sessionSince: legacy.startedAt, sessionOpen: 'open' },
      expectSession: { generation: 1, sessionId },
    });
    expect(noteEnd(unstarted, { kind: 'requested' }, nowMs).patch.sessionSince).toBe(legacy.statusCreatedAt);
    expect(noteEnd(legacy, { kind: 'already_gone' }, nowMs).patch).not.toHaveProperty('sessionOpen');
  });

  test('a clock that is behind does not make it the stop of a session before', () => {
    const { patch } = noteEnd(open, { kind: 'requested' }, startMs - 5_000);

    expect(patch.sessionStop?.at).toBe(open.sessionSince);
  });

  test('a row without a session id is known by its generation', () => {
    const { sessionId: _none, ...nameless } = open;

    expect(noteEnd(nameless, { kind: 'already_gone' }, nowMs).expectSession).toStrictEqual({
      generation: 1,
      sessionSince: formatIso(startMs),
    });
  });
});

describe('entryOf()', () => {
  test('says who runs where, as the handle has it', () => {
    const replaced = { ...open, generation: 2, sessionId: mintSessionId(aTaskId(), 2) };

    expect(entryOf(aTask())).toBeUndefined();
    expect(entryOf(replaced)).toStrictEqual({
      task: replaced,
      sessionId,
      computeType: 'ecs',
      generation: 1,
      since: formatIso(startMs),
      isOpen: true,
      lastStop: undefined,
    });
  });

  test('makes do with what a row from before the ledger has', () => {
    const { startedAt: _none, ...unstarted } = legacy;
    const foreign = { strategyType: 'x', sessionId: 'odd' as SessionId };

    expect(entryOf(legacy)?.since).toBe(legacy.startedAt);
    expect(entryOf(unstarted)?.since).toBe(legacy.statusCreatedAt);
    expect(entryOf({ ...legacy, sessionHandle: foreign, generation: 3 })).toMatchObject({ generation: 3 });
  });
});
