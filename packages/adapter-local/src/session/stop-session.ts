import { AbcaError, type CallOptions, type Clock, type StopOutcome } from '@abca/core';
import type { Proc } from '../process/proc.ts';
import { findSessionProcesses, type ProcessQuery, type SessionProcesses } from '../process/session-processes.ts';
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
  if (found.members.length === 0) return { kind: 'already_gone' };
  // While the agent runs only its group is asked: what it runs outside may be the push that saves its work.
  const asked = found.leader ? { groupId: handle.pid, pids: [] } : { groupId: undefined, pids: pidsOf(found) };
  signalProcesses(asked, 'SIGTERM');
  // When the leader has ended the agent has: what it left behind needs no grace.
  const grace = { boundMs: parts.graceMs, until: (left: SessionProcesses) => !left.leader };
  const known = await look(parts, { ...handle, known: found.members }, { ...grace, ...options });
  const { left, denied } = await kill(parts, { ...handle, known: [...found.members, ...known.members] }, options);
  if (left.members.length === 0) return { kind: 'stopped', provenBy: proof(handle) };
  const stubborn = pidsOf(left).filter((pid) => denied.has(pid));
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

async function look(parts: StopParts, query: ProcessQuery, options: LookOptions): Promise<SessionProcesses> {
  const endMs = parts.clock.nowMs() + options.boundMs;
  let known = query.known ?? [];
  for (;;) {
    const left = await findSessionProcesses(parts.proc, { ...query, known });
    known = [...(query.known ?? []), ...left.members];
    if (options.until(left) || parts.clock.nowMs() >= endMs) return left;
    await parts.clock.sleep(lookEveryMs, options);
  }
}

/** Kill until nothing is left: each look may show what was started before its parent died. */
async function kill(
  parts: StopParts,
  query: ProcessQuery,
  options: CallOptions,
): Promise<{ readonly left: SessionProcesses; readonly denied: ReadonlySet<number> }> {
  const denied = new Set<number>();
  const killAll = (left: SessionProcesses): boolean => {
    if (left.members.length === 0) return true;
    for (const pid of signalProcesses({ groupId: left.leader ? query.pid : undefined, pids: pidsOf(left) }, 'SIGKILL')
      .denied)
      denied.add(pid);
    return false;
  };
  return { left: await look(parts, query, { boundMs: killBoundMs, until: killAll, ...options }), denied };
}

function pidsOf(processes: SessionProcesses): number[] {
  return processes.members.map((info) => info.pid);
}
