import {
  AbcaError,
  type CallOptions,
  type Clock,
  type ComputeStrategy,
  type ErrorCode,
  type SessionStatus,
  type StartSessionInput,
  type StopOutcome,
  type StoredHandle,
} from '@abca/core';
import { mapTinyRunError } from './map-tinyrun-error.ts';
import { TinyRunClient } from './tinyrun-client.ts';
import { isOver, statusOf } from './tinyrun-job.ts';
import { parseHandle, type TinyRunSessionHandle } from './tinyrun-session-handle.ts';
import { parseSettings } from './tinyrun-settings.ts';

// #region options
export interface TinyRunComputeOptions {
  /** Address of TinyRun, without a slash at its end. */
  readonly endpoint: string;
  /** A key that may manage jobs. It is sent to `endpoint` and put into nothing else. */
  readonly apiKey: string;
  /** Name under which the agent program was deployed to TinyRun, with the secrets that it needs. */
  readonly program: string;
  /** How long one request may take, in milliseconds. @default 10000 */
  readonly requestTimeoutMs?: number;
  /** How long a stop looks for the end of the job, in milliseconds. @default 30000 */
  readonly stopBoundMs?: number;
  readonly clock: Clock;
}
// #endregion

const defaultRequestTimeoutMs = 10_000;
const defaultStopBoundMs = 30_000;
/** Between two looks at a job that is to end, in milliseconds. */
const lookMs = 250;

// #region class
/**
 * {@link ComputeStrategy} on TinyRun: a session is a job whose id is made from the session's. TinyRun keeps the record of a
 * job after its end, so any instance can show and stop the sessions of another.
 */
export class TinyRunComputeStrategy implements ComputeStrategy {
  readonly type = 'tinyrun';
  readonly #options: TinyRunComputeOptions;
  readonly #client: TinyRunClient;

  constructor(options: TinyRunComputeOptions) {
    this.#options = options;
    const { endpoint, apiKey, requestTimeoutMs: timeoutMs = defaultRequestTimeoutMs } = options;
    this.#client = new TinyRunClient({ endpoint, apiKey, timeoutMs });
  }
  // #endregion

  // #region start
  /** An abort once TinyRun has the request comes too late: the job may run, and a repeated start returns its handle. */
  async startSession(input: StartSessionInput, { signal }: CallOptions = {}): Promise<StoredHandle> {
    signal?.throwIfAborted();
    const { endpoint, program } = this.#options;
    const { sessionId, compute, environment: env } = input;
    const { size } = parseSettings(compute);
    const jobId = jobIdOf(sessionId);
    await attempt('SESSION_START_FAILED', `session ${sessionId} did not start`, signal, () =>
      this.#client.ensureJob(jobId, { program, size, env }, signal),
    );
    const handle: TinyRunSessionHandle = { strategyType: 'tinyrun', sessionId, endpoint, jobId };
    return handle;
  }
  // #endregion

  // #region poll
  async pollSession(handle: StoredHandle, { signal }: CallOptions = {}): Promise<SessionStatus> {
    const { sessionId, jobId } = parseHandle(handle, this.#options.endpoint);
    signal?.throwIfAborted();
    const job = await attempt('SESSION_POLL_FAILED', `session ${sessionId} could not be looked at`, signal, () =>
      this.#client.findJob(jobId, signal),
    );
    return statusOf(job);
  }
  // #endregion

  // #region stop
  async stopSession(handle: StoredHandle, { signal }: CallOptions = {}): Promise<StopOutcome> {
    const { sessionId, jobId } = parseHandle(handle, this.#options.endpoint);
    signal?.throwIfAborted();
    return attempt('SESSION_STOP_FAILED', `session ${sessionId} could not be stopped`, signal, async () => {
      const job = await this.#client.endJob(jobId, signal);
      return isOver(job) ? { kind: 'already_gone' } : this.#watchEnd(jobId, signal);
    });
  }

  /** TinyRun has accepted the stop. Only a job that it shows as over is proven to be. */
  async #watchEnd(jobId: string, signal: AbortSignal | undefined): Promise<StopOutcome> {
    const { clock, stopBoundMs = defaultStopBoundMs } = this.#options;
    const untilMs = clock.nowMs() + stopBoundMs;
    for (;;) {
      const job = await this.#client.findJob(jobId, signal);
      if (isOver(job)) return { kind: 'stopped', provenBy: `TinyRun shows job ${jobId} as ${job?.state ?? 'gone'}` };
      if (clock.nowMs() >= untilMs) return { kind: 'requested' };
      await clock.sleep(lookMs, signal && { signal });
    }
  }
  // #endregion
}

// #region job-id
/**
 * The id of a session's job. Made from the session id and nothing else: that is what makes a repeated start find the first.
 * TinyRun wants lower case. No two session ids differ by case alone, so nothing is lost.
 */
function jobIdOf(sessionId: string): string {
  const jobId = sessionId.toLowerCase();
  if (/^[a-z0-9-]{1,63}$/.test(jobId)) return jobId;
  throw new AbcaError('SESSION_START_FAILED', `session id is not fit for a job of TinyRun: ${sessionId}`);
}
// #endregion

// #region attempt
/** `act`, whose errors are mapped, in one place for all verbs. An abort is not an error of TinyRun: its reason goes through. */
async function attempt<T>(
  code: ErrorCode,
  what: string,
  signal: AbortSignal | undefined,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    signal?.throwIfAborted();
    throw mapTinyRunError(error, code, what);
  }
}
// #endregion
