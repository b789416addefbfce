import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

/** A program that runs as a process group of its own. */
export interface TinyRunProcess {
  /** Resolves with the exit code when the program has ended and what it left in its group was killed. */
  readonly exited: Promise<number>;
  /** A line for its standard input. */
  tell(line: string): void;
  /** SIGTERM to the group; SIGKILL after `graceMs` milliseconds. */
  end(graceMs: number): void;
}

/** Ends the group when the other end of pipe 3 closes: nothing outlives the process that started it, however that ends. */
const guard = `(trap '' TERM; read -r _ <&3; kill -KILL 0) & exec "$@" 3<&-`;

/**
 * Start a program in a folder that is its HOME. Its output goes to a file `log` there.
 *
 * A program that is not found ends with code 127, as a shell says it.
 */
export function startProcess(
  command: readonly string[],
  { homeDir, env }: { readonly homeDir: string; readonly env: Readonly<Record<string, string>> },
): TinyRunProcess {
  mkdirSync(homeDir, { recursive: true });
  const log = openSync(join(homeDir, 'log'), 'a');
  const child = spawn('/bin/sh', ['-c', guard, 'tinyrun', ...command], {
    cwd: homeDir,
    env: { PATH: process.env['PATH'], ...env, HOME: homeDir },
    detached: true,
    stdio: ['pipe', log, log, 'pipe'],
  });
  closeSync(log);
  const { pid = 0 } = child;
  const stdin = child.stdio[0] as Writable;
  for (const pipe of [stdin, child.stdio[3] as Writable]) pipe.on('error', () => undefined);
  const exited = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
    signalGroup(pid, 'SIGKILL');
    return typeof code === 'number' ? code : 128 + constants.signals[signal as NodeJS.Signals];
  });
  return {
    exited,
    tell: (line) => stdin.write(`${line}\n`),
    end: (graceMs) => {
      signalGroup(pid, 'SIGTERM');
      const timer = setTimeout(() => {
        signalGroup(pid, 'SIGKILL');
      }, graceMs);
      void exited.then(() => {
        clearTimeout(timer);
      });
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid > 1) process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}
