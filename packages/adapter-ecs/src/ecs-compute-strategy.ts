import type {
  CallOptions,
  Clock,
  ComputeStrategy,
  Logger,
  SessionStatus,
  StartSessionInput,
  StopOutcome,
  StoredHandle,
} from '@abca/core';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { EcsDeps } from './ecs-deps.ts';
import { parseHandle, type EcsSessionHandle } from './ecs-session-handle.ts';
import { findTask } from './poll/find-task.ts';
import { taskStatus } from './poll/task-status.ts';
import { parseEcsSettings, type EcsSettingsInput } from './settings/ecs-settings.ts';
import { startTask } from './start/start-task.ts';
import { stopTask } from './stop/stop-task.ts';

export interface EcsComputeOptions {
  readonly settings: EcsSettingsInput;
  /** Makes the client. Called once, when it is first needed. */
  readonly client: () => ECSClient;
  /** How often a start is tried, and milliseconds before the second try, which double. @default 5 tries after 1, 2, 4 and 8 s */
  readonly startRetry?: { readonly tries: number; readonly firstDelayMs: number };
  /** How long a stop waits for its proof, and how often it looks, in milliseconds. @default 20 s, every second */
  readonly stopWait?: { readonly withinMs: number; readonly everyMs: number };
  readonly clock: Clock;
  readonly logger?: Logger;
}

/** A capacity shortage of Fargate often passes within seconds; who calls has a retry of its own for longer ones. */
const defaultStartRetry = { tries: 5, firstDelayMs: 1_000 };

/** Below the 29 s that API Gateway gives a cancel; a task that takes its 30 s of stop time-out is `requested`. */
const defaultStopWait = { withinMs: 20_000, everyMs: 1_000 };

/**
 * {@link ComputeStrategy} on Amazon ECS with Fargate: a session is one task, which the service itself makes once per session
 * id, by the client token.
 *
 * The service knows a token for 24 hours, or until one hour after the end of the task, whichever comes first, and a stopped
 * task for at least one hour. So a start that is repeated later than an hour after its session ended runs a task again, and a
 * poll then says `failed`: not found. Neither harms a task of ABCA: its row holds the result by then, and refuses the second
 * agent its lease, which ends it at once.
 */
export class EcsComputeStrategy implements ComputeStrategy {
  readonly type = 'ecs';
  readonly #deps: EcsDeps;

  /** @throws AbcaError CONFIG_INVALID with every problem of the settings */
  constructor(options: EcsComputeOptions) {
    const { startRetry = defaultStartRetry, stopWait = defaultStopWait, clock, logger } = options;
    let client: ECSClient | undefined;
    this.#deps = {
      settings: parseEcsSettings(options.settings),
      client: () => (client ??= options.client()),
      clock,
      logger,
      startRetry,
      stopWait,
    };
  }

  /**
   * @throws AbcaError SESSION_START_FAILED. A start that was aborted or failed without an answer may
   *   have run the task all the same: a repetition finds it
   */
  async startSession(input: StartSessionInput, options: CallOptions = {}): Promise<StoredHandle> {
    options.signal?.throwIfAborted();
    const taskArn = await startTask(this.#deps, input, plain(options));
    const { taskId, sessionId } = input;
    this.#deps.logger?.debug('ecs task started', { taskId, sessionId, taskArn });
    const { clusterArn } = this.#deps.settings;
    return { strategyType: 'ecs', sessionId, clusterArn, taskArn } satisfies EcsSessionHandle;
  }

  async pollSession(handle: StoredHandle, options: CallOptions = {}): Promise<SessionStatus> {
    const own = parseHandle(handle);
    const task = await findTask(this.#deps, own, { ...plain(options), verb: 'poll' });
    return taskStatus(task, this.#deps.settings.containerName);
  }

  /** SIGTERM to the containers, SIGKILL after their stop time-out: both are the service's. */
  async stopSession(handle: StoredHandle, options: CallOptions = {}): Promise<StopOutcome> {
    return stopTask(this.#deps, parseHandle(handle), plain(options));
  }
}

/** Whoever passes an AbortController as options, which the type allows, would lose the signal by the first spread. */
function plain({ signal }: CallOptions): CallOptions {
  return signal === undefined ? {} : { signal };
}
