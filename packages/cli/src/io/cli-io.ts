import type { LocalPlatformModule } from '../platform/local-platform.ts';

/** Where text goes. A Node stream fits. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
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
  /** The platform of this machine, loaded when asked for: it is large. */
  loadLocal(): Promise<LocalPlatformModule>;
}
