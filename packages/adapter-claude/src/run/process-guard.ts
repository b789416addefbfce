import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Clock } from '@abca/core';
import { runMarkName } from './environment.ts';

/**
 * Waits until its standard input ends, then kills every process of the run until none is left.
 *
 * The input ends when we close it and also when this process dies in any way, SIGKILL included. That is needed: the SDK's
 * program goes on when its own input ends while a tool runs, and it starts each shell in a session of its own, out of
 * reach of a signal to our process group. Of the run is what carries the mark in its environment, and what descends from
 * such a process or is in its session: a child with a cleared environment too. The bracket keeps the search from finding
 * itself where there is no /proc.
 */
const guardScript = String.raw`
family='
  { pid = $1; sub(/^.*\) /, ""); state[pid] = $1; parent[pid] = $2; session[pid] = $4 }
  END {
    count = split(marked, list)
    for (i = 1; i <= count; i++) hit[list[i]] = 1
    do {
      grew = 0
      for (p in parent) if (!(p in hit) && ((parent[p] in hit) || (session[p] in hit))) { hit[p] = 1; grew = 1 }
    } while (grew)
    for (p in hit) if ((p in state) && state[p] != "Z" && state[p] != "X") print p
  }'
scan() {
  if [ -d /proc/self ]; then
    marked=$(grep -lF "${runMarkName}=$1" /proc/[0-9]*/environ 2>/dev/null | sed 's,^/proc/,,;s,/environ$,,' | tr '\n' ' ')
    [ -z "$marked" ] || cat /proc/[0-9]*/stat 2>/dev/null | awk -v marked="$marked" "$family"
  else
    ps -axEww -o pid= -o command= | grep "[${runMarkName.charAt(0)}]${runMarkName.slice(1)}=$1" | awk '{ print $1 }'
  fi
}
cat >/dev/null
tries=0
while [ "$tries" -lt 250 ]; do
  pids=$(scan "$1")
  [ -z "$pids" ] && exit 0
  kill -9 $pids 2>/dev/null
  tries=$((tries + 1))
  sleep 0.02
done
exit 1
`;

/** Longest wait for the guard, in milliseconds: 250 tries, 20 ms apart, and slack for a busy machine. */
const guardBoundMs = 15_000;

/** Owns the processes of one run. */
export interface ProcessGuard {
  /** Goes into the environment of everything the run starts, under {@link runMarkName}. */
  readonly mark: string;
  /** Kills every process of the run. Repeated calls share one result: whether none is left. */
  endAll(): Promise<boolean>;
}

/** Starts the guard of a run. It is a process group of its own, so that a kill of ours does not stop it. */
export async function startProcessGuard(path: string, clock: Clock): Promise<ProcessGuard> {
  const mark = randomUUID();
  const guard = spawnGuard(mark, path);
  await once(guard, 'spawn');
  let ended: Promise<boolean> | undefined;
  return { mark, endAll: () => (ended ??= endWith(guard, mark, path, clock)) };
}

async function endWith(guard: ChildProcess, mark: string, path: string, clock: Clock): Promise<boolean> {
  // A guard that was itself killed has done nothing: another takes its place.
  const live = isRunning(guard) ? guard : spawnGuard(mark, path);
  const exited = once(live, 'exit').then(([code]) => code === 0);
  live.ref();
  live.stdin?.end();
  const waiting = new AbortController();
  const tooLate = clock.sleep(guardBoundMs, { signal: waiting.signal }).then(
    () => false,
    () => false,
  );
  const done = await Promise.race([exited, tooLate]);
  waiting.abort();
  return done;
}

function spawnGuard(mark: string, path: string): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', guardScript, 'sh', mark], {
    detached: true,
    env: { PATH: path },
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.stdin?.on('error', () => undefined);
  return guard;
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
