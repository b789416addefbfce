/** Why a session is over. */
export type SessionEnd = 'idle' | 'lifetime' | 'stopped' | 'container_failed' | 'container_exited' | 'unhealthy';

/** One session as the service keeps it. An ended one that is invoked again is the next environment of the same id. */
export interface RuntimeSession {
  readonly runtimeArn: string;
  readonly sessionId: string;
  /** From 1: how many environments this session id has had. */
  readonly environment: number;
  readonly startedAtMs: number;
  /** Last invocation, or last time the container said that it is busy. */
  readonly activeAtMs: number;
  /** Pings in a row that were not answered as they should be. */
  readonly failedPings: number;
  readonly endedBy?: SessionEnd;
}

/** What the container says of itself. `undefined` when it does not answer, or not by the contract. */
export type PingStatus = 'Healthy' | 'HealthyBusy' | undefined;

/** Limits of a runtime, in milliseconds. */
export interface RuntimeLimits {
  readonly idleMs: number;
  readonly lifetimeMs: number;
}

/** Pings that fail in a row until a session counts as unhealthy. AWS does not say how many; this is the fake's own number. */
export const unhealthyPings = 3;

/** The first, or next, environment of a session id. */
export function openSession(
  key: Pick<RuntimeSession, 'runtimeArn' | 'sessionId'>,
  before: RuntimeSession | undefined,
  nowMs: number,
): RuntimeSession {
  const environment = (before?.environment ?? 0) + 1;
  return { ...key, environment, startedAtMs: nowMs, activeAtMs: nowMs, failedPings: 0 };
}

/** What a ping changes: only one that says busy keeps the session from being idle. */
export function notePing(session: RuntimeSession, status: PingStatus, nowMs: number): RuntimeSession {
  if (status === undefined) return { ...session, failedPings: session.failedPings + 1 };
  return { ...session, failedPings: 0, activeAtMs: status === 'HealthyBusy' ? nowMs : session.activeAtMs };
}

/** Why the session must end now, if it must. A busy one does not get older than its lifetime either. */
export function dueEnd(session: RuntimeSession, nowMs: number, limits: RuntimeLimits): SessionEnd | undefined {
  if (nowMs - session.startedAtMs >= limits.lifetimeMs) return 'lifetime';
  if (session.failedPings >= unhealthyPings) return 'unhealthy';
  return nowMs - session.activeAtMs >= limits.idleMs ? 'idle' : undefined;
}
