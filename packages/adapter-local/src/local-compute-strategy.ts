import {
  AbcaError,
  type CallOptions,
  type Clock,
  type ComputeStrategy,
  type Logger,
  type SessionStatus,
  type StartSessionInput,
  type StopOutcome,
  type StoredHandle,
} from '@abca/core';
import * as z from 'zod';
import { Proc } from './process/proc.ts';
import { type LocalSessionHandle, parseHandle, sessionIdPattern } from './session/local-session-handle.ts';
import { readStatus } from './session/poll-session.ts';
import { sessionEnvironment } from './session/session-environment.ts';
import { recordStopped, sessionFolder } from './session/session-folder.ts';
import { startLeader } from './session/start-session.ts';
import { endSession } from './session/stop-session.ts';

export interface LocalComputeOptions {
  /** Folder that gets one folder per session. Absolute, on a file system with hard links. */
  readonly sessionsDir: string;
  /** Program of the agent and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** PATH of the sessions. It must lead to `ln`, `mv`, `rm`, and for owned sessions `grep`. */
  readonly pathEnv: string;
  /** How long an agent may take to save its work when it is stopped, in milliseconds. @default 10000 */
  readonly stopGraceMs?: number;
  /** Variables for every session. No secret of the platform. */
  readonly extraEnv?: Readonly<Record<string, string>>;
  /**
   * Whether sessions end when this process ends, however it does. Off, they survive a restart of the platform, until the
   * agent sees that it cannot renew its lease. @default false
   */
  readonly ownerPipe?: boolean;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Where the kernel shows processes. @default /proc */
  readonly procDir?: string;
}

/** How long an agent may take to save its work when it is stopped, in milliseconds. */
const defaultStopGraceMs = 10_000;

/** This backend has no settings: an unknown one is a mistake to tell about. */
const computeSettingsSchema = z.strictObject({});

/**
 * {@link ComputeStrategy} on this machine: a session is a process group with a folder of its own. Who it is and how it ended
 * are on disk, so that any instance, also of another process, can show and stop it.
 */
export class LocalComputeStrategy implements ComputeStrategy {
  readonly type = 'local';
  readonly #options: LocalComputeOptions;
  readonly #proc: Proc;

  constructor(options: LocalComputeOptions) {
    this.#options = options;
    this.#proc = new Proc(options.procDir);
  }

  /** @throws AbcaError SESSION_START_FAILED or UNSUPPORTED_PLATFORM. An abort once the process exists comes too late and is not looked at. */
  async startSession(input: StartSessionInput, options: CallOptions = {}): Promise<StoredHandle> {
    options.signal?.throwIfAborted();
    assertStartable(input);
    await this.#assertSupported();
    options.signal?.throwIfAborted();
    const { sessionsDir, command, pathEnv, extraEnv = {}, ownerPipe = false } = this.#options;
    const { sessionId } = input;
    const folder = sessionFolder(sessionsDir, sessionId);
    const environment = sessionEnvironment({ sessionId, folder, pathEnv, extra: extraEnv, given: input.environment });
    const claim = await startLeader({ folder, command, environment, owned: ownerPipe });
    this.#options.logger?.debug('local session claimed', { taskId: input.taskId, sessionId, pid: claim.pid });
    const handle: LocalSessionHandle = { strategyType: 'local', sessionId, ...claim, workspaceDir: folder.workspace };
    return handle;
  }

  async pollSession(handle: StoredHandle, options: CallOptions = {}): Promise<SessionStatus> {
    const own = parseHandle(handle);
    options.signal?.throwIfAborted();
    try {
      await this.#assertSupported();
      return await readStatus(this.#proc, sessionFolder(this.#options.sessionsDir, own.sessionId), own);
    } catch (error) {
      throw AbcaError.wrap(error, 'SESSION_POLL_FAILED', `session ${own.sessionId} could not be looked at`);
    }
  }

  async stopSession(handle: StoredHandle, options: CallOptions = {}): Promise<StopOutcome> {
    const own = parseHandle(handle);
    options.signal?.throwIfAborted();
    try {
      await this.#assertSupported();
      return await this.#stop(own, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw AbcaError.wrap(error, 'SESSION_STOP_FAILED', `session ${own.sessionId} could not be stopped`);
    }
  }

  async #stop(handle: LocalSessionHandle, options: CallOptions): Promise<StopOutcome> {
    const { clock, stopGraceMs: graceMs = defaultStopGraceMs } = this.#options;
    const outcome = await endSession({ proc: this.#proc, clock, graceMs }, handle, options);
    if (outcome.kind === 'stopped') await recordStopped(sessionFolder(this.#options.sessionsDir, handle.sessionId));
    return outcome;
  }

  async #assertSupported(): Promise<void> {
    if (await this.#proc.isAvailable()) return;
    const message = `local sessions need a Linux /proc, which ${process.platform} does not have here; use Linux or a container`;
    throw new AbcaError('UNSUPPORTED_PLATFORM', message);
  }
}

function assertStartable(input: StartSessionInput): void {
  if (!sessionIdPattern.test(input.sessionId)) {
    throw new AbcaError('SESSION_START_FAILED', `session id is not fit for a folder's name: ${input.sessionId}`);
  }
  const settings = computeSettingsSchema.safeParse(input.compute);
  if (settings.success) return;
  const names = Object.keys(input.compute).join(', ');
  throw new AbcaError('SESSION_START_FAILED', `compute settings are unknown to local: ${names}; remove them`);
}
