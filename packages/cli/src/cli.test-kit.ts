import { Readable } from 'node:stream';
import type { ExitCode } from './errors/cli-error.ts';
import type { CliIo, OutputStream } from './io/cli-io.ts';
import type { LocalPlatformModule } from './platform/local-platform.ts';
import { runCli } from './program/run-cli.ts';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly local?: LocalPlatformModule;
  /** Milliseconds since the epoch. */
  readonly nowMs?: number;
}

/** A run of the command line inside the test's process. */
export interface CliRun {
  readonly result: Promise<ExitCode>;
  readonly waits: readonly number[];
  stdout(): string;
  stderr(): string;
  /** Ctrl-C. */
  interrupt(): void;
  /** Resolves when stdout or stderr holds `text`. */
  shows(text: string): Promise<void>;
}

class Capture implements OutputStream {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;
  readonly #onWrite: () => void;

  constructor(isTTY: boolean, columns: number, onWrite: () => void) {
    this.isTTY = isTTY;
    this.columns = columns;
    this.#onWrite = onWrite;
  }

  write(text: string): void {
    this.text += text;
    this.#onWrite();
  }
}

const running = new Set<CliRun>();

/** End what a test that failed has left running. */
export async function endRuns(): Promise<void> {
  for (const run of running) run.interrupt();
  await Promise.all([...running].map(({ result }) => result));
}

/** Start `bgagent` with `args`. Waiting takes no time; how long it would have been is in `waits`. */
export function startCli(args: readonly string[], options: RunOptions = {}): CliRun {
  const { terminal = false, columns = 100 } = options;
  const watchers = new Set<() => void>();
  const onWrite = (): void => {
    for (const look of watchers) look();
  };
  const stdout = new Capture(terminal, columns, onWrite);
  const stderr = new Capture(terminal, columns, onWrite);
  const handlers = new Set<() => void>();
  const waits: number[] = [];
  const io: CliIo = {
    stdout,
    stderr,
    stdin: Readable.from([Buffer.from(options.stdin ?? '')]),
    env: { CI: '1', ...options.env },
    cwd: options.cwd ?? '/',
    nowMs: () => options.nowMs ?? Date.parse('2026-01-31T12:05:00.000Z'),
    sleep: (ms) => {
      waits.push(ms);
      return new Promise((resolve) => setImmediate(resolve));
    },
    onInterrupt: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    loadLocal: () => {
      if (options.local === undefined) throw new Error('this test has no local platform');
      return Promise.resolve(options.local);
    },
  };
  const run: CliRun = {
    result: runCli(args, io).finally(() => running.delete(run)),
    waits,
    stdout: () => stdout.text,
    stderr: () => stderr.text,
    interrupt: () => {
      for (const handler of handlers) handler();
    },
    shows: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!stdout.text.includes(text) && !stderr.text.includes(text)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
  running.add(run);
  return run;
}

/** Run `bgagent` to its end. */
export async function cli(
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ code: ExitCode; stdout: string; stderr: string; waits: readonly number[] }> {
  const run = startCli(args, options);
  const code = await run.result;
  return { code, stdout: run.stdout(), stderr: run.stderr(), waits: run.waits };
}
