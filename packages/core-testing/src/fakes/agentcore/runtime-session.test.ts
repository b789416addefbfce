import { describe, expect, test } from '@jest/globals';
import { dueEnd, notePing, openSession, unhealthyPings, type RuntimeSession } from './runtime-session.ts';

const key = { runtimeArn: 'arn', sessionId: 'id' };
const limits = { idleMs: 100, lifetimeMs: 1_000 };
const fresh = openSession(key, undefined, 10);

test('openSession() counts the environments of an id', () => {
  expect(fresh).toStrictEqual({ ...key, environment: 1, startedAtMs: 10, activeAtMs: 10, failedPings: 0 });
  expect(openSession(key, { ...fresh, endedBy: 'idle' }, 20)).toStrictEqual({
    ...fresh,
    environment: 2,
    startedAtMs: 20,
    activeAtMs: 20,
  });
});

describe('notePing()', () => {
  test('keeps a busy session, and only that', () => {
    expect(notePing(fresh, 'HealthyBusy', 50).activeAtMs).toBe(50);
    expect(notePing(fresh, 'Healthy', 50).activeAtMs).toBe(10);
    expect(notePing(fresh, undefined, 50).activeAtMs).toBe(10);
  });

  test('counts the pings that fail in a row', () => {
    const failed = notePing(notePing(fresh, undefined, 50), undefined, 60);

    expect(failed.failedPings).toBe(2);
    expect(notePing(failed, 'Healthy', 70).failedPings).toBe(0);
  });
});

test.each<[string, Partial<RuntimeSession>, number, string | undefined]>([
  ['an idle session, in time', {}, 109, undefined],
  ['an idle session', {}, 110, 'idle'],
  ['a busy session', { activeAtMs: 1_000 }, 1_009, undefined],
  ['a busy session that is too old', { activeAtMs: 1_000 }, 1_010, 'lifetime'],
  ['a session that fails its pings', { failedPings: unhealthyPings }, 20, 'unhealthy'],
  ['a session that failed one ping less', { failedPings: unhealthyPings - 1 }, 20, undefined],
])('dueEnd() of %s', (_what, changes, nowMs, why) => {
  expect(dueEnd({ ...fresh, ...changes }, nowMs, limits)).toBe(why);
});
