import type { OwnedChild } from './owned-child.ts';

/** How long it may take to fold its log into the database file. Killing it loses nothing: it is SQLite. */
const graceMs = 1_000;

/** End `child` and wait until it is gone. Connections that clients keep open would hold up its own end: bounded. */
export async function stopChild(child: OwnedChild, pid: number | undefined): Promise<void> {
  if (pid === undefined) {
    await child.exited;
    return;
  }
  let ended = false;
  const exited = child.exited.then(() => {
    ended = true;
  });
  signalIfRunning(pid, 'SIGTERM', ended);
  const timer = setTimeout(() => {
    signalIfRunning(pid, 'SIGKILL', ended);
  }, graceMs);
  await exited;
  clearTimeout(timer);
}

function signalIfRunning(pid: number, signal: NodeJS.Signals, ended: boolean): void {
  if (ended) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended by itself; its exit is awaited.
  }
}
