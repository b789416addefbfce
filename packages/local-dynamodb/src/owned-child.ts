import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';

/** How a process ended. */
export interface ChildExit {
  /** Exit code; 128 and the signal's number when a signal ended it. */
  readonly code: number;
  /** The last few thousand characters of what it wrote to standard error. */
  readonly stderr: string;
}

/** A child that cannot outlive its owner. */
export interface OwnedChild {
  /** Pid of the program itself, not of its watchdog. `undefined` when it did not start. */
  readonly pid: Promise<number | undefined>;
  /** Resolves once its standard error holds `text`; rejects when the signal is aborted first. */
  wrote(text: string, signal: AbortSignal): Promise<void>;
  readonly exited: Promise<ChildExit>;
}

/**
 * Holds a pipe whose other end only the owner has. At its end of file, however the owner died, the program is killed;
 * when the program ends first, the watchdog ends with its code. A folder made for HOME is removed when it is empty; a dead
 * owner reads no standard error any more, which must not end the shell before it has done so.
 */
const watchdog = `
"$@" 3>&- &
child=$!
trap '' PIPE
echo "$child" >&3
{ read -r _ <&3; kill -9 "$child"; } >/dev/null 2>&1 &
guard=$!
exec 3>&-
wait "$child"
code=$?
kill -9 "$guard" 2>/dev/null
[ -z "$REMOVE_HOME" ] || rmdir "$HOME" 2>/dev/null
exit "$code"
`;

const stderrChars = 4_000;

/** What to run and where. */
export interface OwnedChildInput {
  readonly file: string;
  readonly args: readonly string[];
  /** HOME and working folder of the program. */
  readonly homeDir: string;
  /** Whether the folder goes with the program, should it be empty. */
  readonly removesHome: boolean;
}

/**
 * Start a program that ends when this process ends, also by SIGKILL. It is its own process group, so that an interrupt
 * typed at the terminal reaches only the owner, who then stops its parts in its own order.
 */
export function spawnOwned(input: OwnedChildInput): OwnedChild {
  const child = spawn('/bin/sh', ['-c', watchdog, 'abca-watchdog', input.file, ...input.args], {
    cwd: input.homeDir,
    env: { PATH: '/usr/bin:/bin', HOME: input.homeDir, ...(input.removesHome && { REMOVE_HOME: '1' }) },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lifeline = child.stdio[3] as Duplex;
  const said = collect(child.stderr as Readable);
  return {
    pid: readPid(lifeline),
    exited: whenExited(child, lifeline, said),
    wrote: async (text, signal) => {
      while (!said().includes(text)) await once(child.stderr as Readable, 'data', { signal });
    },
  };
}

async function readPid(lifeline: Duplex): Promise<number | undefined> {
  const [line] = (await Promise.race([once(lifeline, 'data'), once(lifeline, 'close')])) as [Buffer | undefined];
  const pid = Number.parseInt(String(line), 10);
  return Number.isNaN(pid) ? undefined : pid;
}

function collect(stream: Readable): () => string {
  let said = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-stderrChars);
  });
  return () => said;
}

function whenExited(child: ChildProcess, lifeline: Duplex, said: () => string): Promise<ChildExit> {
  // The watchdog may end before the owner notices; a reset of the pipe is then no news.
  lifeline.on('error', () => undefined);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      lifeline.destroy();
      resolve({ code: 127, stderr: error.message });
    });
    // 'close' would wait for this end of the lifeline.
    child.once('exit', () => {
      lifeline.destroy();
    });
    child.once('close', (code) => {
      resolve({ code: code ?? 137, stderr: said().trim() });
    });
  });
}
