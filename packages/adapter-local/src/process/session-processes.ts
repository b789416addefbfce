import type { Proc, ProcessInfo } from './proc.ts';
import { sessionMarker } from '../session/session-environment.ts';

/** Which processes to look for. */
export interface ProcessQuery {
  readonly sessionId: string;
  /** Leader of the session's process group. */
  readonly pid: number;
  readonly startedAtTicks: number;
  /** Processes that an earlier look found: they stay the session's when they lose what they were known by. */
  readonly known?: readonly ProcessInfo[];
}

/** The living processes of a session. */
export interface SessionProcesses {
  /** Whether the leader runs: the very process that was started, not one that has its pid now. */
  readonly leader: boolean;
  readonly members: readonly ProcessInfo[];
}

/**
 * Everything a session started that still runs: its process group, every process that carries its mark in the environment
 * (a tool may have made a group or a session of its own), and the descendants of both.
 *
 * Not found: a process that left the group, dropped its environment and lost its parent, all three, before the
 * first look.
 */
export async function findSessionProcesses(proc: Proc, query: ProcessQuery): Promise<SessionProcesses> {
  // Nothing of a session is older than its leader.
  const all = (await proc.list()).filter(
    (info) => info.startedAtTicks >= query.startedAtTicks && info.pid !== process.pid,
  );
  const leader = all.find((info) => isSame(info, query));
  const marks = await Promise.all(all.map((info) => proc.hasVariable(info.pid, sessionMarker, query.sessionId)));
  const marked = all.filter((_, index) => marks[index]);
  // The kernel gives no pid away while it names a group, so one sure member makes the whole group sure.
  const groupIsOurs = leader !== undefined || marked.some((info) => info.groupId === query.pid);
  const members = new Set([
    ...marked.map((info) => info.pid),
    ...all.filter((info) => query.known?.some((known) => isSame(known, info))).map((info) => info.pid),
    ...all.filter((info) => groupIsOurs && info.groupId === query.pid).map((info) => info.pid),
  ]);
  addDescendants(members, all);
  return { leader: leader?.alive ?? false, members: all.filter((info) => info.alive && members.has(info.pid)) };
}

/** Whether the session's leader runs. */
export async function isLeaderAlive(proc: Proc, query: ProcessQuery): Promise<boolean> {
  const info = await proc.find(query.pid);
  return info !== undefined && info.alive && isSame(info, query);
}

/** A pid alone is used again. */
function isSame(
  a: Pick<ProcessInfo, 'pid' | 'startedAtTicks'>,
  b: Pick<ProcessInfo, 'pid' | 'startedAtTicks'>,
): boolean {
  return a.pid === b.pid && a.startedAtTicks === b.startedAtTicks;
}

function addDescendants(members: Set<number>, all: readonly ProcessInfo[]): void {
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const info of all) if (members.has(info.parentPid)) members.add(info.pid);
  }
}
