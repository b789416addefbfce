import type { CallOptions } from '@abca/core';
import { DescribeTasksCommand, type DescribeTasksCommandOutput, type Task } from '@aws-sdk/client-ecs';
import { callEcs } from '../ecs/call-ecs.ts';
import { ecsFailure, type EcsVerb } from '../ecs/ecs-errors.ts';
import type { EcsDeps } from '../ecs-deps.ts';
import type { EcsSessionHandle } from '../ecs-session-handle.ts';

/**
 * Looks before a task counts as not there, and milliseconds before the second one, which double. A task that was just started
 * may not be shown yet, and taking it for lost would end a session that lives.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html on eventual consistency
 */
const looks = { tries: 3, firstDelayMs: 1_000 };

/** The task of a session; `undefined` when the service does not show it however often it is asked. */
export async function findTask(
  deps: EcsDeps,
  handle: EcsSessionHandle,
  options: CallOptions & { readonly verb: EcsVerb },
): Promise<Task | undefined> {
  const { verb: _verb, ...rest } = options;
  for (let look = 1; ; look += 1) {
    const task = await lookOnce(deps, handle, options);
    if (task !== undefined || look === looks.tries) return task;
    await deps.clock.sleep(looks.firstDelayMs * 2 ** (look - 1), rest);
  }
}

/** The task as one look shows it. */
export async function lookOnce(
  { client }: EcsDeps,
  { sessionId, clusterArn, taskArn }: EcsSessionHandle,
  options: CallOptions & { readonly verb: EcsVerb },
): Promise<Task | undefined> {
  return callEcs({ ...options, sessionId }, async (http) => {
    const command = new DescribeTasksCommand({ cluster: clusterArn, tasks: [taskArn] });
    return shownTask(await client().send(command, http), { sessionId, verb: options.verb });
  });
}

/** @throws AbcaError with the code of `verb`, retryable, for a failure other than MISSING: it tells nothing of the task */
export function shownTask(
  { tasks = [], failures = [] }: Pick<DescribeTasksCommandOutput, 'tasks' | 'failures'>,
  { sessionId, verb }: { readonly sessionId: string; readonly verb: EcsVerb },
): Task | undefined {
  const odd = failures.find(({ reason }) => reason !== 'MISSING');
  if (tasks.length > 0 || odd === undefined) return tasks[0];
  const { reason = 'no reason given' } = odd;
  throw ecsFailure(verb, sessionId, { why: `DescribeTasks answered ${reason}`, reason, retryable: true });
}
