import { readFileSync } from 'node:fs';

/** A process that a later one cannot be taken for: process ids are used again, start times with them are not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the start of the machine to the start of the process. */
  readonly startTicks: number;
}

interface ProcStat {
  readonly command: string;
  readonly state: string;
  readonly startTicks: number;
}

/** What `pid` is at this moment; `undefined` when it does not exist or is a zombie, which holds nothing any more. */
export function findProcess(pid: number): (ProcessIdentity & { readonly command: string }) | undefined {
  const stat = readStat(pid);
  if (stat === undefined || stat.state === 'Z') return undefined;
  return { pid, startTicks: stat.startTicks, command: stat.command };
}

/** Whether the very process that `identity` names is alive. */
export function isAlive(identity: ProcessIdentity): boolean {
  return findProcess(identity.pid)?.startTicks === identity.startTicks;
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the start time is field 22, the name may hold spaces. */
function readStat(pid: number): ProcStat | undefined {
  const text = readOrUndefined(`/proc/${String(pid)}/stat`);
  if (text === undefined) return undefined;
  const nameEnd = text.lastIndexOf(')');
  const fields = text.slice(nameEnd + 2).split(' ');
  return {
    command: text.slice(text.indexOf('(') + 1, nameEnd),
    state: fields[0] ?? '',
    startTicks: Number(fields[19]),
  };
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
