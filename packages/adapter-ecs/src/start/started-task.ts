import type { RunTaskCommandOutput } from '@aws-sdk/client-ecs';
import { ecsFailure, isShortage } from '../ecs/ecs-errors.ts';

/**
 * ARN of the task that an answer of RunTask tells of.
 *
 * @throws AbcaError SESSION_START_FAILED with the reasons of `failures[]`; retryable for a shortage, and for an answer that
 *   tells nothing at all: the client token makes a repetition safe
 */
export function startedTask(
  { tasks = [], failures = [] }: Pick<RunTaskCommandOutput, 'tasks' | 'failures'>,
  sessionId: string,
): string {
  const taskArn = tasks[0]?.taskArn;
  if (taskArn !== undefined) return taskArn;
  const reasons = failures.map(({ reason = 'no reason given', detail }) => [reason, detail].filter(Boolean).join(': '));
  const reason = reasons.join(', ') || 'the answer holds no task and no reason';
  const retryable = failures.every((failure) => isShortage(failure.reason ?? ''));
  throw ecsFailure('start', sessionId, { why: reason, reason, retryable });
}
