import { AbcaError, type CallOptions, type StopOutcome } from '@abca/core';
import { StopTaskCommand, type Task } from '@aws-sdk/client-ecs';
import { callEcs } from '../ecs/call-ecs.ts';
import { ecsFailure, isTaskNotFound } from '../ecs/ecs-errors.ts';
import type { EcsDeps } from '../ecs-deps.ts';
import type { EcsSessionHandle } from '../ecs-session-handle.ts';
import { findTask, lookOnce } from '../poll/find-task.ts';
import { isOver } from '../poll/task-status.ts';

/** What DescribeTasks shows of a stopped task as its reason. */
const stopReason = 'stopped by ABCA';

/** Ask the task to stop, and look until it has or the bound is reached. */
export async function stopTask(deps: EcsDeps, handle: EcsSessionHandle, options: CallOptions): Promise<StopOutcome> {
  const asked = await askToStop(deps, handle, options);
  switch (asked.kind) {
    case 'not_found':
      return confirmGone(deps, handle, options);
    case 'asked':
      return asked.task !== undefined && isOver(asked.task)
        ? { kind: 'already_gone' }
        : awaitStopped(deps, handle, options);
    default:
      return asked satisfies never;
  }
}

type Asked = { readonly kind: 'asked'; readonly task: Task | undefined } | { readonly kind: 'not_found' };

async function askToStop(deps: EcsDeps, handle: EcsSessionHandle, options: CallOptions): Promise<Asked> {
  const { sessionId, clusterArn, taskArn } = handle;
  return callEcs({ ...options, verb: 'stop', sessionId }, async (http): Promise<Asked> => {
    try {
      const command = new StopTaskCommand({ cluster: clusterArn, task: taskArn, reason: stopReason });
      const { task } = await deps.client().send(command, http);
      return { kind: 'asked', task };
    } catch (error) {
      if (isTaskNotFound(error)) return { kind: 'not_found' };
      throw error;
    }
  });
}

/** A second witness: one call that does not find a task which was just started must not leave it running. */
async function confirmGone(deps: EcsDeps, handle: EcsSessionHandle, options: CallOptions): Promise<StopOutcome> {
  const task = await findTask(deps, handle, { ...options, verb: 'stop' });
  if (task === undefined || isOver(task)) return { kind: 'already_gone' };
  const why = `StopTask did not find task ${handle.taskArn}, and DescribeTasks shows it; try again`;
  throw ecsFailure('stop', handle.sessionId, { why, reason: 'InvalidParameterException', retryable: true });
}

/** @returns `stopped` when the service shows it, `requested` when the bound came first */
async function awaitStopped(deps: EcsDeps, handle: EcsSessionHandle, options: CallOptions): Promise<StopOutcome> {
  const { withinMs, everyMs } = deps.stopWait;
  const endMs = deps.clock.nowMs() + withinMs;
  for (;;) {
    const seen = await tryLook(deps, handle, options);
    if (seen.kind === 'stopped') return { kind: 'stopped', provenBy: seen.proof };
    const leftMs = endMs - deps.clock.nowMs();
    if (seen.kind === 'blind' || leftMs <= 0) return { kind: 'requested' };
    await deps.clock.sleep(Math.min(everyMs, leftMs), options);
  }
}

type Seen = { readonly kind: 'stopped'; readonly proof: string } | { readonly kind: 'not_yet' | 'blind' };

/** The stop was accepted: a look that fails takes nothing of that back. One that always will is told, and not repeated. */
async function tryLook(deps: EcsDeps, handle: EcsSessionHandle, options: CallOptions): Promise<Seen> {
  try {
    const task = await lookOnce(deps, handle, { ...options, verb: 'poll' });
    if (task === undefined || !isOver(task)) return { kind: 'not_yet' };
    return { kind: 'stopped', proof: `ECS shows task ${handle.taskArn} as ${String(task.lastStatus)}` };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!AbcaError.is(error)) throw error;
    if (error.retryable) return { kind: 'not_yet' };
    const { code, message } = error;
    deps.logger?.error('end of ecs task cannot be seen', { sessionId: handle.sessionId, code, message });
    return { kind: 'blind' };
  }
}
