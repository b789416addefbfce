import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { AbcaError } from '@abca/core';
import { type CallOptions } from '@abca/core';
import { gitEnvironment, hardening } from './git-environment.ts';
import { defaultTimeoutMs, secretDescriptor, type GitCredentials, type GitOptions } from './git-options.ts';
import { isLoopbackHttp } from './clone-url.ts';
import { classifyProblem, type GitProblem } from './git-problem.ts';

/** How one git process ended. */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitCall extends CallOptions {
  readonly cwd?: string;
  /** On top of the allow-list. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Written to standard input, which is empty otherwise. */
  readonly input?: string;
  /** Set for an operation that reaches a remote: credentials are asked for it. */
  readonly remote?: { readonly cloneUrl: string; readonly operation: 'read' | 'write' };
}

/** Longest output that is kept, in characters, per stream. git's own answers here are far shorter. */
const outputCap = 32 * 1024 * 1024;

/**
 * Runs the git program: arguments as a list and never through a shell, an allow-listed environment, no configuration but
 * the one given here, no hooks, no prompt. An abort or a timeout ends the process with everything it started.
 */
export class Git {
  readonly #options: GitOptions;
  readonly #toError: (problem: GitProblem) => AbcaError;

  /** @param toError makes the error that a failed process is reported with */
  constructor(options: GitOptions, toError: (problem: GitProblem) => AbcaError) {
    this.#options = options;
    this.#toError = toError;
  }

  get homeDir(): string {
    return this.#options.homeDir;
  }

  get protocols(): readonly string[] | undefined {
    return this.#options.protocols;
  }

  /** Standard output of a process that ended well. @throws the mapped error otherwise */
  async output(args: readonly string[], call: GitCall = {}): Promise<string> {
    const result = await this.run(args, call);
    if (result.exitCode !== 0) throw this.failure(args, result);
    return result.stdout;
  }

  /** The error for a process that ended badly. */
  failure(args: readonly string[], result: GitResult): AbcaError {
    return this.#toError({ command: args[0] ?? '', kind: 'failed', stderr: result.stderr });
  }

  /**
   * Run to the end, whatever the exit code; again with another credential when the remote refused the first.
   *
   * @throws the mapped error when it did not start or end in time; the signal's reason
   */
  async run(args: readonly string[], call: GitCall = {}): Promise<GitResult> {
    const result = await this.#runOnce(args, call, false);
    const isRefused =
      call.remote !== undefined &&
      this.#options.credentials !== undefined &&
      result.exitCode !== 0 &&
      classifyProblem({ command: '', kind: 'failed', stderr: result.stderr }) === 'denied';
    return isRefused ? this.#runOnce(args, call, true) : result;
  }

  async #runOnce(args: readonly string[], call: GitCall, refused: boolean): Promise<GitResult> {
    call.signal?.throwIfAborted();
    const credentials = call.remote && (await this.#options.credentials?.({ ...call.remote, refused }, call));
    await mkdir(this.#options.homeDir, { recursive: true, mode: 0o700 });
    const child = this.#spawn(args, call, credentials ?? {});
    const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? defaultTimeoutMs);
    try {
      return await collect(child, call.input, call.signal ? AbortSignal.any([call.signal, timeout]) : timeout);
    } catch (error) {
      call.signal?.throwIfAborted();
      const command = args[0] ?? '';
      if (timeout.aborted) throw this.#toError({ command, kind: 'timed_out', stderr: '' });
      throw this.#toError({ command, kind: 'not_started', stderr: `${String(error)}; is git 2.30 or newer on PATH?` });
    }
  }

  #spawn(args: readonly string[], call: GitCall, credentials: GitCredentials): ChildProcess {
    const config = [...hardening, ...(credentials.config ?? [])].flatMap((setting) => ['-c', setting]);
    const { secret } = credentials;
    const child = spawn('git', [...config, ...args], {
      cwd: call.cwd ?? this.#options.homeDir,
      env: { ...gitEnvironment(this.#options), ...call.environment, ...transportOf(call), ...credentials.environment },
      // A group of its own: git starts helpers (pack-objects, ssh) that must end with it.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', ...(secret === undefined ? [] : ['pipe' as const])],
    });
    if (secret !== undefined) hand(child.stdio[secretDescriptor], secret);
    return child;
  }
}

/** The rule for addresses lets plain HTTP pass to this machine alone; git is told so for that one address. */
function transportOf({ remote }: GitCall): Readonly<Record<string, string>> {
  return remote !== undefined && isLoopbackHttp(remote.cloneUrl) ? { GIT_ALLOW_PROTOCOL: 'http' } : {};
}

function collect(child: ChildProcess, input: string | undefined, signal: AbortSignal): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const stdout = keep(child.stdout);
    const stderr = keep(child.stderr);
    const onAbort = (): void => {
      killGroup(child.pid);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    child.once('error', reject);
    child.once('close', (exitCode) => {
      signal.removeEventListener('abort', onAbort);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ exitCode: exitCode ?? -1, stdout: stdout(), stderr: stderr() });
    });
    // A process that ends without reading its input is not an error of ours.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

/** An operation that ends without asking for it is not an error of ours. */
function hand(socket: ChildProcess['stdio'][number] | undefined, secret: string): void {
  const writable = socket as Writable | null | undefined;
  writable?.on('error', () => undefined);
  writable?.end(secret);
}

function keep(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    if (text.length < outputCap) text += chunk;
  });
  return () => text;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group ended by itself in between.
  }
}
