import { cancelTask, isTaskId, notFound, submitTask, type Task, type TaskId, type UserId } from '@abca/core';
import type { ApiDeps } from '../api-deps.ts';
import type { Api } from '../http/api-app.ts';
import { paginationOf } from '../wire/envelope.ts';
import { toStopView } from '../wire/stop-wire.ts';
import { toSubmitCommand } from '../wire/submit-wire.ts';
import { toTaskView } from '../wire/task-wire.ts';
import { cancelRoute, getRoute, listRoute, submitRoute } from './task-routes.ts';

/** Submit, list, get and cancel. */
export function addTaskRoutes(app: Api, deps: ApiDeps): void {
  app.openapi(submitRoute, async (c) => {
    const idempotencyKey = c.req.valid('header')['Idempotency-Key'];
    const { kind, task } = await submitTask(deps, {
      userId: c.get('userId'),
      command: toSubmitCommand(c.req.valid('json')),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
    if (kind === 'created') return c.json({ data: toTaskView(task) }, 201, { Location: `/v1/tasks/${task.taskId}` });
    return c.json({ data: toTaskView(task) }, 200, { 'Idempotent-Replayed': 'true' });
  });

  app.openapi(listRoute, async (c) => {
    const { limit, next_token, status } = c.req.valid('query');
    const page = await deps.tasks.list({
      userId: c.get('userId'),
      limit,
      ...(status && { statuses: status }),
      ...(next_token !== undefined && { nextToken: next_token }),
    });
    return c.json({ data: page.tasks.map(toTaskView), pagination: paginationOf(page.nextToken) }, 200);
  });

  app.openapi(getRoute, async (c) => {
    const task = await findOwnTask(deps, c.get('userId'), c.req.valid('param').task_id);
    return c.json({ data: toTaskView(task) }, 200);
  });

  app.openapi(cancelRoute, async (c) => {
    const taskId = parseTaskId(c.req.valid('param').task_id);
    const { task, stop } = await cancelTask(deps, c.get('userId'), taskId);
    return c.json({ data: { task: toTaskView(task), stop: toStopView(stop) } }, 200);
  });
}

/**
 * A task of the caller.
 *
 * @throws AbcaError TASK_NOT_FOUND, the same for a task that is not there and for somebody else's
 */
export async function findOwnTask(deps: Pick<ApiDeps, 'tasks'>, userId: UserId, text: string): Promise<Task> {
  const taskId = parseTaskId(text);
  const task = await deps.tasks.find(taskId);
  if (task?.userId !== userId) throw notFound(taskId);
  return task;
}

/** The id in a path. One that has not the form of an id is nobody's. @throws AbcaError TASK_NOT_FOUND */
export function parseTaskId(text: string): TaskId {
  if (!isTaskId(text)) throw notFound(text);
  return text;
}
