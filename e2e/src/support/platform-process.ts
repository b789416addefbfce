import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CloudSpec } from '../cloud/cloud-spec.ts';
import type { CrashPoint } from './crash-point.ts';
import type { HeldCall } from './held-ports.ts';
import { programCommand } from './programs.ts';

/** What the platform program is told. */
export interface PlatformSpec {
  /** Flags of `bgagent up`, by their names in the configuration. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly cwd: string;
  readonly agentCommand?: readonly [string, ...string[]];
  /** Gets a JSON line for every place passed. */
  readonly traceFile?: string;
  readonly crashAt?: CrashPoint;
  /** A call of a port that waits for the test. */
  readonly hold?: HeldCall;
  /** JSON file with what the forge says of every issue. */
  readonly contextFile?: string;
  /** One more backend. */
  readonly cloud?: CloudSpec;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A platform in a process of its own. */
export interface PlatformProcess {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  /** Everything it wrote to its log so far. */
  log(): string;
  /** SIGKILL, by its id. */
  kill(): Promise<void>;
  /** SIGTERM: the graceful way. */
  stop(): Promise<ProcessEnd>;
}

/** A platform starts from its sources, and a suite starts a hundred: Node keeps there what it made of them. */
const compileCache = join(tmpdir(), 'abca-e2e-compile-cache');

/** Timings that make silence visible within a test: the same settings a person can make. */
export const quickFlags = { heartbeatMs: 300, leaseMs: 3_000, stopGraceMs: 3_000 };

/**
 * Start a platform. Resolves when it is up; `undefined` when it died before, as a test may have asked it to.
 *
 * @param env added to an environment that holds nothing but PATH and an own HOME
 */
export async function startPlatformProcess(
  spec: PlatformSpec,
  env: Readonly<Record<string, string>> = {},
): Promise<PlatformProcess | undefined> {
  const home = mkdtempSync(join(tmpdir(), 'abca-e2e-home-'));
  const [file, ...args] = programCommand('platform', JSON.stringify(spec));
  const child = spawn(file, args, {
    cwd: spec.cwd,
    env: { PATH: process.env['PATH'], HOME: home, NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.on('close', (code, signal) => {
      rmSync(home, { recursive: true, force: true });
      resolve({ code, signal });
    });
  });
  const up = await Promise.race([firstLine(child), ended]);
  if (typeof up !== 'string') {
    if (up.signal === 'SIGKILL') return undefined;
    throw new Error(`the platform did not start, it ended with ${String(up.code)}:\n${log}`);
  }
  const { url, token } = JSON.parse(up) as { url: string; token: string };
  return {
    url,
    token,
    pid: child.pid ?? 0,
    ended,
    log: () => log,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (child.stdout !== null) createInterface(child.stdout).once('line', resolve);
  });
}
