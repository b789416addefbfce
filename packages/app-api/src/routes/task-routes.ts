import { taskStatuses, type TaskStatus } from '@abca/core';
import { createRoute, z } from '@hono/zod-openapi';
import { dataOf, pageOf } from '../wire/envelope.ts';
import { stopWire } from '../wire/stop-wire.ts';
import { submitWire } from '../wire/submit-wire.ts';
import { taskWire } from '../wire/task-wire.ts';
import { exampleTask } from './examples.ts';
import { errorAnswers, jsonAnswer, jsonBodyOf, pageQuery, secured } from './route-parts.ts';

const taskParams = z.object({
  task_id: z.string().openapi({ param: { name: 'task_id', in: 'path' }, example: exampleTask.task_id }),
});

const statusFilter = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((text) => text.split(',')))
  .pipe(z.array(z.enum(taskStatuses as [TaskStatus, ...TaskStatus[]])).max(taskStatuses.length))
  .optional()
  .openapi({
    type: 'string',
    description: 'One status, or several: repeated, or with commas between.',
    example: 'RUNNING,QUEUED',
  });

export const submitRoute = createRoute({
  method: 'post',
  path: '/v1/tasks',
  operationId: 'submitTask',
  summary: 'Submit a task',
  security: secured,
  request: {
    headers: z.object({
      'Idempotency-Key': z
        .string()
        .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
        .optional()
        .openapi({ description: 'The same key with the same body is the same task.', example: '7f3a9c' }),
    }),
    body: jsonBodyOf(submitWire, { repo: exampleTask.repo, task_description: exampleTask.task_description }),
  },
  responses: {
    ...errorAnswers('DUPLICATE_TASK', 'REPO_NOT_ONBOARDED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
    201: jsonAnswer(dataOf(taskWire), 'Created.', { data: exampleTask }),
    200: jsonAnswer(dataOf(taskWire), 'The key was used before for the same request: the task it made.', {
      data: exampleTask,
    }),
  },
});

export const listRoute = createRoute({
  method: 'get',
  path: '/v1/tasks',
  operationId: 'listTasks',
  summary: 'Your tasks, newest first',
  security: secured,
  request: { query: z.strictObject({ ...pageQuery, status: statusFilter }) },
  responses: {
    ...errorAnswers(),
    200: jsonAnswer(pageOf(taskWire), 'A page of tasks.', { data: [exampleTask], pagination: { has_more: false } }),
  },
});

export const getRoute = createRoute({
  method: 'get',
  path: '/v1/tasks/{task_id}',
  operationId: 'getTask',
  summary: 'One of your tasks',
  security: secured,
  request: { params: taskParams },
  responses: {
    ...errorAnswers('TASK_NOT_FOUND'),
    200: jsonAnswer(dataOf(taskWire), 'The task.', { data: exampleTask }),
  },
});

export const cancelRoute = createRoute({
  method: 'delete',
  path: '/v1/tasks/{task_id}',
  operationId: 'cancelTask',
  summary: 'Cancel a task and stop its compute',
  security: secured,
  request: { params: taskParams },
  responses: {
    ...errorAnswers('TASK_NOT_FOUND', 'TASK_ALREADY_TERMINAL', 'TASK_FINALIZING'),
    200: jsonAnswer(
      dataOf(z.object({ task: taskWire, stop: stopWire }).openapi('CancelledTask')),
      'Cancelled; `stop` says how the end of its compute was proven.',
      {
        data: {
          task: { ...exampleTask, status: 'CANCELLED', ended_at: exampleTask.updated_at },
          stop: {
            outcome: 'stopped',
            description: 'stopped: the process group is gone',
            proven_by: 'the process group is gone',
          },
        },
      },
    ),
  },
});
export { taskParams };
