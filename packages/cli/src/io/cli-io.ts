import type { LocalPlatformModule } from '../platform/local-platform.ts';
import type { BottomText } from './bottom-line.ts';

/** Where text goes. A Node stream fits. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What a person is asked for one line. */
export interface LineQuestion {
  /** What stands before the cursor, drawn anew every second: it may count down. `undefined`: the question is over. */
  readonly label: () => string | undefined;
  /** Takes the question away. */
  readonly signal: AbortSignal;
}

/** A line at the bottom of the terminal that a person types on. */
export interface PromptLine extends BottomText {
  /** What was typed before Enter; `undefined` when the question went away first. One at a time. */
  ask(question: LineQuestion): Promise<string | undefined>;
  /** Give the keyboard back. */
  close(): void;
}

/** Everything of the process that commands use, so that tests run them in theirs. */
export interface CliIo {
  /** Data. */
  readonly stdout: OutputStream;
  /** Talk: progress, advice, errors. */
  readonly stderr: OutputStream;
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Wait; resolves early when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Call `handler` at every Ctrl-C or request to end, in place of ending at once, until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
  /**
   * Take the keyboard to ask a person; only where stdin and stderr are terminals. Ctrl-C still reaches the handlers of
   * {@link CliIo.onInterrupt}. What was typed before it could be read what is asked answers nothing.
   */
  openPrompt(): PromptLine;
  /** The platform of this machine, loaded when asked for: it is large. */
  loadLocal(): Promise<LocalPlatformModule>;
}
