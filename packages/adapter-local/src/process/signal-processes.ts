import { errnoOf } from './errno.ts';

/** Signals that could not be sent because the system forbids it. */
export interface SignalReport {
  readonly denied: readonly number[];
}

/** Signal a process group, when it is known to be ours, and single processes. Those that are gone are passed over. */
export function signalProcesses(
  target: { readonly groupId: number | undefined; readonly pids: readonly number[] },
  signal: 'SIGTERM' | 'SIGKILL',
): SignalReport {
  // The group at once first: no member can start another between two signals.
  if (target.groupId !== undefined) send(-target.groupId, signal);
  return { denied: target.pids.filter((pid) => !send(pid, signal)) };
}

/** @returns false when the system forbids it */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'EPERM';
  }
}
