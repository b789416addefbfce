import { AbcaError, retryTransient, type CallOptions, type StartSessionInput } from '@abca/core';
import { RunTaskCommand, type RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { callEcs } from '../ecs/call-ecs.ts';
import { startedBefore } from '../ecs/ecs-errors.ts';
import type { EcsDeps } from '../ecs-deps.ts';
import { runTaskInput } from './run-task-input.ts';
import { startedTask } from './started-task.ts';

/**
 * Run the task of a session, or find the one that was run before. A try whose answer was lost is repeated like one that was
 * throttled: both ask with the session's client token.
 *
 * @returns its ARN
 * @throws AbcaError SESSION_START_FAILED
 */
export async function startTask(deps: EcsDeps, input: StartSessionInput, options: CallOptions): Promise<string> {
  const request = runTaskInput(deps.settings, input);
  const call = { ...options, verb: 'start', sessionId: input.sessionId } as const;
  return retryTransient(deps.clock, { ...deps.startRetry, ...options }, async (attempt) => {
    try {
      return await callEcs(call, async (http) => startedTask(await runTask(deps, request, http), input.sessionId));
    } catch (error) {
      tellTry(deps, error, { sessionId: input.sessionId, attempt });
      throw error;
    }
  });
}

/** The failure itself is logged by who handles it; that it took several tries would not be known there. */
function tellTry(
  { logger, startRetry }: EcsDeps,
  error: unknown,
  fields: { sessionId: string; attempt: number },
): void {
  if (!AbcaError.is(error) || !error.retryable || fields.attempt >= startRetry.tries) return;
  logger?.warn('ecs task start is tried again', { ...fields, message: error.message });
}

async function runTask(
  { client }: EcsDeps,
  request: RunTaskCommandInput,
  http: { readonly abortSignal?: AbortSignal },
): Promise<{ tasks?: { taskArn?: string | undefined }[] | undefined }> {
  try {
    return await client().send(new RunTaskCommand(request), http);
  } catch (error) {
    const taskArn = startedBefore(error);
    if (taskArn === undefined) throw error;
    return { tasks: [{ taskArn }] };
  }
}
