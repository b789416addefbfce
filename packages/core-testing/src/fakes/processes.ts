import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** What to run. */
export interface OwnedProcessInput {
  readonly command: readonly [string, ...string[]];
  /** The whole environment of the program, apart from {@link ownedProcessMark}: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Working folder. */
  readonly cwd: string;
}

/** How a program ended: by itself with a code, or by a signal. */
export interface ProcessExit {
  /** Exit code; 128 and the number of the signal when a signal ended it, as a container runtime reports it. */
  readonly exitCode: number;
}

/** A program that runs, and everything it starts, as if in a container of its own. */
export interface OwnedProcess {
  readonly pid: number;
  /** Resolves when the program has ended and whatever it left behind was killed. */
  readonly exited: Promise<ProcessExit>;
  /** What it has printed so far, both streams, the last 64,000 characters. */
  output(): string;
  /**
   * SIGTERM to its group; after `graceMs` milliseconds SIGKILL to all that is left. The same as `exited`. May be repeated.
   */
  stop(graceMs: number): Promise<ProcessExit>;
}

/** Variable that marks everything a program starts, so that what left its process group is found as well. */
export const ownedProcessMark = 'ABCA_TEST_CONTAINER';

/** Waits until somebody watches, then becomes the program: a test run that is killed in between leaves nothing behind. */
const starter = 'read -r _ <&3 || exit 125; exec 3<&-; exec /usr/bin/env -i "$@"';

/**
 * Lives as long as its input is open, which only the test process holds. Then it kills the group and all that bears the
 * mark, three times over: what is killed may just have started something.
 */
const guard = `
echo ready
while read -r _; do :; done
for _ in 1 2 3; do
  kill -KILL -- "-$1" 2> /dev/null
  for file in $(grep -slF -e "$2" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}" 2> /dev/null
  done
done
`;

const outputChars = 64_000;

/**
 * Start a program as the leader of a process group that ends with this process, however that ends.
 *
 * Needs `/bin/sh`, `/usr/bin/env` and Linux's `/proc`. A program that is not found ends with code 127.
 */
export async function spawnOwnedProcess({ command, env, cwd }: OwnedProcessInput): Promise<OwnedProcess> {
  const mark = `${ownedProcessMark}=${randomUUID()}`;
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const child = spawn('/bin/sh', ['-c', starter, 'starter', ...assignments, mark, ...command], {
    cwd,
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start in ${cwd}: ${String(await once(child, 'error'))}`);
  const output = collect(child);
  const watching = await watch(pid, mark);
  const exited = conclude({ child, pid, mark, watching });
  const gate = child.stdio[3] as Writable;
  gate.on('error', () => undefined);
  gate.end('go\n');
  let stopping: Promise<ProcessExit> | undefined;
  return { pid, exited, output, stop: (graceMs) => (stopping ??= stop(pid, exited, graceMs)) };
}

async function watch(pid: number, mark: string): Promise<ChildProcess> {
  const watching = spawn('/bin/sh', ['-c', guard, 'guard', String(pid), mark], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  await once(watching.stdout as Readable, 'data');
  return watching;
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly mark: string;
  readonly watching: ChildProcess;
}

/** The first process of a container takes the others with it. */
async function conclude({ child, pid, mark, watching }: Running): Promise<ProcessExit> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  await killAll(pid, mark);
  watching.kill('SIGKILL');
  return { exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) };
}

async function stop(pid: number, exited: Promise<ProcessExit>, graceMs: number): Promise<ProcessExit> {
  signalOrMiss(-pid, 'SIGTERM');
  const timer = setTimeout(() => {
    signalOrMiss(-pid, 'SIGKILL');
  }, graceMs);
  const exit = await exited;
  clearTimeout(timer);
  return exit;
}

/** @throws when something survives SIGKILL for five seconds */
async function killAll(pid: number, mark: string): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    signalOrMiss(-pid, 'SIGKILL');
    const left = markedProcesses(mark);
    if (left.length === 0) return;
    for (const survivor of left) signalOrMiss(survivor, 'SIGKILL');
    await sleep(10);
  }
  throw new Error(`processes of ${mark} cannot be killed`);
}

/** Zombies show no environment and are not counted. */
function markedProcesses(mark: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => readOrNothing(`/proc/${pid}/environ`).split('\0').includes(mark)).map(Number);
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function signalOrMiss(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended by itself.
  }
}

function collect(child: ChildProcess): () => string {
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-outputChars);
    });
  }
  return () => printed;
}
