import { AbcaError, type CallOptions, type Clock, type StopOutcome } from '@abca/core';
import type { Proc } from '../process/proc.ts';
import { findSessionProcesses, type SessionProcesses } from '../process/session-processes.ts';
import { signalProcesses } from '../process/signal-processes.ts';
import type { LocalSessionHandle } from './local-session-handle.ts';

/** How often to look whether processes are gone, in milliseconds. */
const lookEveryMs = 20;
/** How long killed processes may take to vanish, in milliseconds. Longer only in an uninterruptible wait of the kernel. */
const killBoundMs = 5_000;

export interface StopParts {
  readonly proc: Proc;
  readonly clock: Clock;
  /** How long the agent may take to save its work after SIGTERM, in milliseconds. */
  readonly graceMs: number;
}

/** Ask the session to end, make it end after the grace, and look that nothing of it is left. */
export async function endSession(
  parts: StopParts,
  handle: LocalSessionHandle,
  options: CallOptions,
): Promise<StopOutcome> {
  const found = await findSessionProcesses(parts.proc, handle);
  if (found.pids.length === 0) return { kind: 'already_gone' };
  signalProcesses(targetOf(handle, found), 'SIGTERM');
  // When the leader has ended the agent has: what it left behind needs no grace.
  await look(parts, handle, { boundMs: parts.graceMs, until: (left) => !left.leader, ...options });
  const { left, denied } = await kill(parts, handle, options);
  if (left.pids.length === 0) return { kind: 'stopped', provenBy: proof(handle) };
  const stubborn = left.pids.filter((pid) => denied.has(pid));
  if (stubborn.length > 0) {
    throw new AbcaError(
      'SESSION_ACCESS_DENIED',
      `session has processes of another user: ${stubborn.join(', ')}; end them`,
    );
  }
  return { kind: 'requested' };
}

function proof(handle: LocalSessionHandle): string {
  return `process group ${String(handle.pid)} is empty and no process carries the mark of ${handle.sessionId}`;
}

interface LookOptions extends CallOptions {
  readonly boundMs: number;
  readonly until: (left: SessionProcesses) => boolean;
}

async function look(parts: StopParts, handle: LocalSessionHandle, options: LookOptions): Promise<SessionProcesses> {
  const endMs = parts.clock.nowMs() + options.boundMs;
  for (;;) {
    const left = await findSessionProcesses(parts.proc, handle);
    if (options.until(left) || parts.clock.nowMs() >= endMs) return left;
    await parts.clock.sleep(lookEveryMs, options);
  }
}

/** Kill until nothing is left: each look may show what was started before its parent died. */
async function kill(
  parts: StopParts,
  handle: LocalSessionHandle,
  options: CallOptions,
): Promise<{ readonly left: SessionProcesses; readonly denied: ReadonlySet<number> }> {
  const denied = new Set<number>();
  const killAll = (left: SessionProcesses): boolean => {
    if (left.pids.length === 0) return true;
    for (const pid of signalProcesses(targetOf(handle, left), 'SIGKILL').denied) denied.add(pid);
    return false;
  };
  return { left: await look(parts, handle, { boundMs: killBoundMs, until: killAll, ...options }), denied };
}

function targetOf(
  handle: LocalSessionHandle,
  found: SessionProcesses,
): { groupId: number | undefined; pids: readonly number[] } {
  return { groupId: found.leader ? handle.pid : undefined, pids: found.pids };
}
