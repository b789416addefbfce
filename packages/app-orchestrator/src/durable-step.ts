import { AbcaError, limits, type Failure, type Logger } from '@abca/core';
import type { DurableContext } from '@aws/durable-execution-sdk-js';

/** How a step failed for good. */
export interface StepFailed {
  readonly kind: 'failed';
  readonly failure: Failure;
}

/**
 * How long a step is tried. `patient`: about ten minutes of errors that may pass; a store or a forge that is away for so long
 * is a reason to end a task. `endless`: until it works, whatever the error: for the step that ends a task, which must not be
 * left without an end.
 */
export type Patience = 'patient' | 'endless';

/** 1 + 2 + 4 + 8 + 16 seconds, then every 30. */
const patientAttempts = 24;
const firstDelaySeconds = 1;
const longestDelaySeconds = { patient: 30, endless: 300 } as const;

/** One durable step. */
export interface DurableStep<T> {
  readonly name: string;
  /** @param attempt from 1 */
  readonly work: (attempt: number) => Promise<T>;
  /** @default patient */
  readonly patience?: Patience;
}

/**
 * Run `work` as a durable step. An error that may pass is retried with growing delays, durably; the last one, and every
 * other, becomes the step's result: errors as values keep their code through the checkpoint, thrown ones do not.
 *
 * Steps are at-least-once: after a crash in the middle the work runs again, so all of it is conditional or idempotent.
 */
export async function durableStep<T>(
  ctx: DurableContext,
  logger: Logger,
  step: DurableStep<T>,
): Promise<T | StepFailed> {
  const { name, patience = 'patient' } = step;
  return ctx.step<T | StepFailed>(name, ({ attempt }) => outcomeOf(logger, step, attempt), {
    retryStrategy: (_error, attempt) => ({ shouldRetry: true, delay: { seconds: delaySeconds(attempt, patience) } }),
  });
}

async function outcomeOf<T>(
  logger: Logger,
  { name, work, patience }: DurableStep<T>,
  attempt: number,
): Promise<T | StepFailed> {
  try {
    return assertSize(name, await work(attempt));
  } catch (error) {
    const failed = AbcaError.wrap(error, 'INTERNAL_ERROR', `step ${name} failed`);
    const again = patience === 'endless' || (failed.retryable && attempt < patientAttempts);
    logger.error('step failed', { step: name, attempt, again, error: failed });
    if (again) throw failed;
    return { kind: 'failed', failure: { code: failed.code, message: failed.message } };
  }
}

function delaySeconds(attempt: number, patience: Patience): number {
  return Math.min(firstDelaySeconds * 2 ** Math.min(attempt - 1, 10), longestDelaySeconds[patience]);
}

/** @throws AbcaError INTERNAL_ERROR when the result is larger than a checkpoint may be */
function assertSize<T>(name: string, result: T): T {
  const bytes = new TextEncoder().encode(JSON.stringify(result ?? null)).length;
  if (bytes <= limits.stepResultBytes) return result;
  throw new AbcaError(
    'INTERNAL_ERROR',
    `step ${name} returned ${String(bytes)} bytes; store it and return a reference`,
  );
}
