import type { Logger, TaskExecutions, TaskRepository } from '@abca/core';

/** Tasks read at a time. */
const pageSize = 100;

/**
 * Start the workflow of every task that was stored and not started: the platform was killed between the two. A task whose
 * workflow is there already is not touched, as its execution bears the task's id.
 *
 * @returns how many were looked at
 */
export async function resumeSubmitted(deps: {
  readonly tasks: TaskRepository;
  readonly executions: TaskExecutions;
  readonly logger: Logger;
}): Promise<number> {
  let seen = 0;
  let nextToken: string | undefined;
  do {
    const page = await deps.tasks.listByStatus({
      status: 'SUBMITTED',
      limit: pageSize,
      ...(nextToken !== undefined && { nextToken }),
    });
    for (const { taskId } of page.tasks) await deps.executions.start(taskId);
    seen += page.tasks.length;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  if (seen > 0) deps.logger.info('submitted tasks taken up', { count: seen });
  return seen;
}
