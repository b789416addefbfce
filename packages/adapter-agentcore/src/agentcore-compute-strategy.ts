import type {
  AbcaError,
  CallOptions,
  Clock,
  ComputeStrategy,
  Logger,
  SessionStatus,
  StartSessionInput,
  StopOutcome,
  StoredHandle,
} from '@abca/core';
import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { assertAccepted } from './agent-answer.ts';
import { invoke, stop } from './agentcore-calls.ts';
import { failureKindOf, isRetryable, mapAgentCoreError, mayHaveStarted, type FailureKind } from './agentcore-errors.ts';
import { defaultRetry, retry, type RetryPolicy } from './retry.ts';
import { parseHandle, type AgentCoreSessionHandle } from './session-handle.ts';
import { handleOf, payloadOf } from './session-request.ts';

export interface AgentCoreComputeOptions {
  /** Makes the client. Called once, when it is first needed. It should try each call once, as `createAgentCoreClient` does. */
  readonly client: () => BedrockAgentCoreClient;
  /** Runtime of the repositories whose blueprint names none. Without it each blueprint has to. */
  readonly defaultRuntimeArn?: string;
  /**
   * User that sessions are started for, who owns what AgentCore Identity keeps. For the platform, not for a blueprint: whoever
   * writes one would choose whose tokens a session may fetch. @default none
   */
  readonly runtimeUserId?: string;
  /** How often and how long a call is tried. @default 4 tries of 60 s, after 1, 2 and 4 s */
  readonly retry?: RetryPolicy;
  readonly clock: Clock;
  readonly logger?: Logger;
}

interface Call extends CallOptions {
  readonly handle: AgentCoreSessionHandle;
  readonly failures: FailureKind[];
}

/**
 * {@link ComputeStrategy} on Amazon Bedrock AgentCore Runtime: a session is the runtime session of the same id.
 *
 * The service has no call that describes a session, and an invocation is none: it gives an ended session a new environment,
 * and a live one more idle time (L21). So a poll never asks, and says `unobservable`; the lease on the row tells who lives.
 */
export class AgentCoreComputeStrategy implements ComputeStrategy {
  readonly type = 'agentcore';
  readonly #options: AgentCoreComputeOptions;
  #client: BedrockAgentCoreClient | undefined;

  constructor(options: AgentCoreComputeOptions) {
    this.#options = options;
  }

  /**
   * The handle of the session that `input` asks for, before it is started and without a request. A start that was aborted, or
   * got no answer, may have started it: this is what to stop then.
   *
   * @throws AbcaError SESSION_START_FAILED when the settings are not valid
   */
  handleOf(input: Pick<StartSessionInput, 'sessionId' | 'compute'>): AgentCoreSessionHandle {
    return handleOf(input, this.#options.defaultRuntimeArn);
  }

  /**
   * Invoke the session, whose agent answers at once and works on. Repeating it reaches the same session, and its agent begins
   * nothing twice. Transient errors are tried again in here.
   *
   * @throws AbcaError SESSION_START_FAILED; `details.handle` is there when the session may run all the same
   */
  async startSession(input: StartSessionInput, { signal }: CallOptions = {}): Promise<StoredHandle> {
    signal?.throwIfAborted();
    const handle = this.handleOf(input);
    const payload = payloadOf(input);
    const failures: FailureKind[] = [];
    try {
      await this.#call('start', { handle, failures, ...(signal && { signal }) }, async (client, attempt) => {
        assertAccepted(await invoke(client, { handle, payload, ...this.#user(), signal: attempt }), handle.sessionId);
      });
      this.#options.logger?.debug('agentcore session invoked', { taskId: input.taskId, sessionId: handle.sessionId });
      return handle;
    } catch (error) {
      signal?.throwIfAborted();
      // One try that may have started it is enough, however the later ones ended.
      throw mapAgentCoreError(error, 'start', handle.sessionId, failures.some(mayHaveStarted) ? { handle } : {});
    }
  }

  /** Never asks the service: see the class. */
  async pollSession(handle: StoredHandle, { signal }: CallOptions = {}): Promise<SessionStatus> {
    parseHandle(handle);
    signal?.throwIfAborted();
    return { kind: 'unobservable' };
  }

  /** End the session at once, and what its container runs. That it is not there is an end as well, and told apart. */
  async stopSession(handle: StoredHandle, { signal }: CallOptions = {}): Promise<StopOutcome> {
    const own = parseHandle(handle);
    signal?.throwIfAborted();
    try {
      await this.#call('stop', { handle: own, failures: [], ...(signal && { signal }) }, (client, attempt) =>
        stop(client, own, attempt),
      );
      return { kind: 'stopped', provenBy: `AgentCore confirmed StopRuntimeSession of ${own.sessionId}` };
    } catch (error) {
      signal?.throwIfAborted();
      if (failureKindOf(error) === 'not_found') return this.#alreadyGone(own);
      const failed = mapAgentCoreError(error, 'stop', own.sessionId);
      this.#tellLeak(own, failed);
      throw failed;
    }
  }

  #alreadyGone({ sessionId }: AgentCoreSessionHandle): StopOutcome {
    this.#options.logger?.info('agentcore session was already gone', { sessionId });
    return { kind: 'already_gone' };
  }

  /** A session that goes on costs money. One whose stop may be repeated is not lost yet. */
  #tellLeak({ sessionId, runtimeArn }: AgentCoreSessionHandle, failed: AbcaError): void {
    const level = failed.retryable ? 'warn' : 'error';
    const { code, details } = failed;
    this.#options.logger?.[level]('agentcore session may still run', { sessionId, runtimeArn, code, ...details });
  }

  /** One call, tried as often as the policy says. `failures` gets the kind of each try that failed. */
  #call(
    operation: 'start' | 'stop',
    { handle: { sessionId }, failures, signal }: Call,
    attempt: (client: BedrockAgentCoreClient, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { clock, retry: policy = defaultRetry, logger } = this.#options;
    const again = (error: unknown): boolean => {
      const kind = failureKindOf(error);
      failures.push(kind);
      if (isRetryable(kind)) logger?.warn('agentcore call failed', { operation, sessionId, kind, error });
      return isRetryable(kind);
    };
    const client = this.#lazyClient();
    return retry({ clock, policy, again, attempt: (ends) => attempt(client, ends), ...(signal && { signal }) });
  }

  #user(): { readonly userId?: string } {
    const { runtimeUserId } = this.#options;
    return runtimeUserId === undefined ? {} : { userId: runtimeUserId };
  }

  /** One for the life of the process: each client costs a TLS handshake, again on every replay (R2). */
  #lazyClient(): BedrockAgentCoreClient {
    this.#client ??= this.#options.client();
    return this.#client;
  }
}
