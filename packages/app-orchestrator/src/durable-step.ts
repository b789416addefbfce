import { AbcaError, limits, type Failure, type Logger } from '@abca/core';
import type { DurableContext } from '@aws/durable-execution-sdk-js';

/** How a step failed for good. */
export interface StepFailed {
  readonly kind: 'failed';
  readonly failure: Failure;
}

const attempts = 5;
const firstDelaySeconds = 1;
const longestDelaySeconds = 30;

/**
 * Run `work` as a durable step. An error that may pass is retried with growing delays, durably; the last one, and every
 * other, becomes the step's result: errors as values keep their code through the checkpoint, thrown ones do not.
 *
 * Steps are at-least-once: after a crash in the middle the work runs again, so all of it is conditional or idempotent.
 *
 * @throws AbcaError INTERNAL_ERROR when the result is larger than a checkpoint may be
 */
export async function durableStep<T>(
  ctx: DurableContext,
  logger: Logger,
  name: string,
  work: () => Promise<T>,
): Promise<T | StepFailed> {
  return ctx.step<T | StepFailed>(
    name,
    async ({ attempt }) => assertSize(name, await outcomeOf(logger, name, attempt, work)),
    {
      retryStrategy: (_error, attempt) => ({ shouldRetry: true, delay: { seconds: delaySeconds(attempt) } }),
    },
  );
}

async function outcomeOf<T>(
  logger: Logger,
  name: string,
  attempt: number,
  work: () => Promise<T>,
): Promise<T | StepFailed> {
  try {
    return await work();
  } catch (error) {
    const failed = AbcaError.wrap(error, 'INTERNAL_ERROR', `step ${name} failed`);
    const again = failed.retryable && attempt < attempts;
    logger.error('step failed', { step: name, attempt, again, error: failed });
    if (again) throw failed;
    return { kind: 'failed', failure: { code: failed.code, message: failed.message } };
  }
}

function delaySeconds(attempt: number): number {
  return Math.min(firstDelaySeconds * 2 ** (attempt - 1), longestDelaySeconds);
}

function assertSize<T>(name: string, result: T): T {
  const bytes = new TextEncoder().encode(JSON.stringify(result ?? null)).length;
  if (bytes <= limits.stepResultBytes) return result;
  throw new AbcaError(
    'INTERNAL_ERROR',
    `step ${name} returned ${String(bytes)} bytes; store it and return a reference`,
  );
}
