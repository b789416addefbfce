import { describe, expect, test } from '@jest/globals';
import { mintSessionId } from '../ids/ids.ts';
import type { SessionStop } from '../task/task.ts';
import { aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import { judgeSession, retryDelayMs } from './orphan-rules.ts';
import { openSession } from './session-ledger.ts';

const rules = { graceMs: 30_000, firstRetryMs: 10_000, longestRetryMs: 60_000 };
const endMs = testEpochMs;
const handle = { strategyType: 'x', sessionId: mintSessionId(aTaskId(), 1) };
const open = { ...openSession(handle, endMs - 1_000), sessionId: handle.sessionId, generation: 1 };
const ended = aTask({ status: 'CANCELLED', ...open });
const stop = (outcome: SessionStop['outcome'], attempts = 1): { readonly sessionStop: SessionStop } => ({
  sessionStop: { outcome, at: formatIso(endMs), attempts },
});

describe('judgeSession()', () => {
  test('a session of a task that ended has to go, after the time that whoever ended it may take', () => {
    expect(judgeSession(ended, endMs + rules.graceMs - 1, rules)).toBe('leave');
    expect(judgeSession(ended, endMs + rules.graceMs, rules)).toBe('stop');
  });

  test('one that was replaced has to go at once', () => {
    const replaced = aTask({ ...open, status: 'RUNNING', sessionId: mintSessionId(aTaskId(), 2), generation: 2 });
    const { sessionId: _none, ...nameless } = replaced;

    expect(judgeSession(replaced, endMs, rules)).toBe('stop');
    expect(judgeSession(nameless, endMs, rules)).toBe('leave');
  });

  test('one that works, or whose end is proven, is left alone', () => {
    const { sessionOpen: _proven, ...closed } = ended;

    expect(judgeSession(aTask({ ...open, status: 'RUNNING' }), endMs + 1e9, rules)).toBe('leave');
    expect(judgeSession({ ...closed, ...stop('stopped') }, endMs + 1e9, rules)).toBe('leave');
    expect(judgeSession(aTask({ status: 'FAILED' }), endMs + 1e9, rules)).toBe('leave');
  });

  test('a stop that proved nothing is followed up, whatever the task does: an accepted one by a look', () => {
    for (const task of [ended, aTask({ ...open, status: 'RUNNING' })]) {
      expect(judgeSession({ ...task, ...stop('requested') }, endMs + 10_000, rules)).toBe('look');
      expect(judgeSession({ ...task, ...stop('failed') }, endMs + 10_000, rules)).toBe('stop');
      expect(judgeSession({ ...task, ...stop('failed') }, endMs + 9_999, rules)).toBe('leave');
    }
  });

  test('tries come at growing distances', () => {
    expect([1, 2, 3, 4, 40, 4_000].map((attempts) => retryDelayMs(attempts, rules))).toStrictEqual([
      10_000, 20_000, 40_000, 60_000, 60_000, 60_000,
    ]);
    expect(judgeSession({ ...ended, ...stop('failed', 3) }, endMs + 39_999, rules)).toBe('leave');
    expect(judgeSession({ ...ended, ...stop('failed', 3) }, endMs + 40_000, rules)).toBe('stop');
  });
});
