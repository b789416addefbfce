import { Readable } from 'node:stream';
import type { ExitCode } from './errors/cli-error.ts';
import type { CliIo, LineQuestion, OutputStream, PromptLine } from './io/cli-io.ts';
import type { LocalPlatformModule } from './platform/local-platform.ts';
import { runCli } from './program/run-cli.ts';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  readonly terminal?: boolean;
  /** A person at the keyboard of a terminal that is not CI's. */
  readonly keyboard?: boolean;
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
  /** What a person is asked now: what stands before the cursor. `undefined`: nothing. */
  question(): string | undefined;
  /** Type `line` and Enter, once a question is asked that holds `at`. */
  type(line: string, at?: string): Promise<void>;
  /** Let the clock go on, a second of it drawn on the question. */
  passTime(ms: number): void;
  /** Texts that were written while a question stood at the bottom of the terminal. */
  overwritten(): readonly string[];
  /** Resolves when stdout or stderr holds `text`. */
  shows(text: string): Promise<void>;
}

/** A keyboard whose person types what the test says, and a line at the bottom that nobody may write over. */
class FakePrompt implements PromptLine {
  isShown = false;
  isClosed = false;
  readonly #onChange: () => void;
  #question: (LineQuestion & { readonly end: (line: string | undefined) => void }) | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get label(): string | undefined {
    return this.#question?.label();
  }

  ask(question: LineQuestion): Promise<string | undefined> {
    if (question.signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#question = { ...question, end: resolve };
      question.signal.addEventListener('abort', () => {
        this.end(undefined);
      });
      this.show();
      this.#onChange();
    });
  }

  end(line: string | undefined): void {
    const question = this.#question;
    this.#question = undefined;
    this.isShown = false;
    question?.end(line);
  }

  tick(): void {
    if (this.#question !== undefined && this.label === undefined) this.end(undefined);
  }

  hide(): void {
    this.isShown = false;
  }

  show(): void {
    this.isShown = this.#question !== undefined;
  }

  close(): void {
    this.end(undefined);
    this.isClosed = true;
  }
}

class Capture implements OutputStream {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;
  readonly #onWrite: (text: string) => void;

  constructor(isTTY: boolean, columns: number, onWrite: (text: string) => void) {
    this.isTTY = isTTY;
    this.columns = columns;
    this.#onWrite = onWrite;
  }

  write(text: string): void {
    this.text += text;
    this.#onWrite(text);
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
  const { keyboard = false, terminal = keyboard, columns = 100 } = options;
  const prompts: FakePrompt[] = [];
  const overwritten: string[] = [];
  let passedMs = 0;
  const watchers = new Set<() => void>();
  const onWrite = (text = ''): void => {
    if (prompts.at(-1)?.isShown === true && text !== '') overwritten.push(text);
    for (const look of watchers) look();
  };
  const stdout = new Capture(terminal, columns, onWrite);
  const stderr = new Capture(terminal, columns, onWrite);
  const handlers = new Set<() => void>();
  const waits: number[] = [];
  const io: CliIo = {
    stdout,
    stderr,
    stdin: Object.assign(Readable.from([Buffer.from(options.stdin ?? '')]), { isTTY: keyboard }),
    env: { CI: keyboard ? '' : '1', ...options.env },
    cwd: options.cwd ?? '/',
    nowMs: () => (options.nowMs ?? Date.parse('2026-01-31T12:05:00.000Z')) + passedMs,
    sleep: (ms) => {
      waits.push(ms);
      return new Promise((resolve) => setImmediate(resolve));
    },
    onInterrupt: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    openPrompt: () => {
      const prompt = new FakePrompt(() => {
        onWrite();
      });
      prompts.push(prompt);
      return prompt;
    },
    loadLocal: () => {
      if (options.local === undefined) throw new Error('this test has no local platform');
      return Promise.resolve(options.local);
    },
  };
  const holds = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  const run: CliRun = {
    result: runCli(args, io).finally(() => running.delete(run)),
    waits,
    stdout: () => stdout.text,
    stderr: () => stderr.text,
    interrupt: () => {
      for (const handler of handlers) handler();
    },
    question: () => prompts.at(-1)?.label,
    type: async (line, at = '') => {
      await holds(() => prompts.at(-1)?.label?.includes(at) ?? false);
      prompts.at(-1)?.end(line);
    },
    passTime: (ms) => {
      passedMs += ms;
      prompts.at(-1)?.tick();
    },
    overwritten: () => overwritten,
    shows: (text) => holds(() => stdout.text.includes(text) || stderr.text.includes(text)),
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
