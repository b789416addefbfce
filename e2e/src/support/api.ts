import type { EventView, TaskView } from '@abca/app-api';
import { isTerminal, type TaskStatus } from '@abca/core';
import { until } from './until.ts';

/** Where an API is, and how to be let in. */
export interface ApiAddress {
  readonly url: string;
  readonly token: string;
}

/** An answer of the API. */
export interface ApiAnswer<T = unknown> {
  readonly status: number;
  readonly body: { readonly data: T; readonly error?: { readonly code: string; readonly message: string } };
}

/** One request. */
export async function call<T>(
  api: ApiAddress,
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<ApiAnswer<T>> {
  const response = await fetch(api.url + path, {
    method,
    headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/json', ...options.headers },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  });
  return { status: response.status, body: (await response.json()) as ApiAnswer<T>['body'] };
}

/** Onboard a repository. */
export async function addRepo(api: ApiAddress, repo: string, cloneUrl: string, blueprint: unknown = {}): Promise<void> {
  const { status, body } = await call(api, 'POST', '/v1/repos', { body: { repo, clone_url: cloneUrl, blueprint } });
  if (status !== 201 && status !== 200) throw new Error(`repository not added: ${JSON.stringify(body)}`);
}

/** Submit a task and return it. */
export async function submit(
  api: ApiAddress,
  body: Record<string, unknown>,
  idempotencyKey?: string,
): Promise<TaskView> {
  const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  const answer = await call<TaskView>(api, 'POST', '/v1/tasks', {
    body: { task_description: 'Do it', ...body },
    headers,
  });
  if (answer.status !== 201 && answer.status !== 200) throw new Error(`not submitted: ${JSON.stringify(answer.body)}`);
  return answer.body.data;
}

/** The task as it is now. */
export async function getTask(api: ApiAddress, taskId: string): Promise<TaskView> {
  return (await call<TaskView>(api, 'GET', `/v1/tasks/${taskId}`)).body.data;
}

/** All events of a task so far. */
export async function getEvents(api: ApiAddress, taskId: string): Promise<readonly EventView[]> {
  return (await call<readonly EventView[]>(api, 'GET', `/v1/tasks/${taskId}/events?limit=500`)).body.data;
}

/** The task once it has ended. */
export function whenEnded(api: ApiAddress, taskId: string, boundMs = 60_000): Promise<TaskView> {
  return whenTask(api, taskId, (task) => isTerminal(task.status as TaskStatus), boundMs);
}

/** The task once it is as wanted. */
export function whenTask(
  api: ApiAddress,
  taskId: string,
  wanted: (task: TaskView) => boolean,
  boundMs = 60_000,
): Promise<TaskView> {
  return until(
    async () => {
      const task = await getTask(api, taskId);
      return wanted(task) ? task : undefined;
    },
    { boundMs, what: async () => `task ${taskId}: ${JSON.stringify(await getTask(api, taskId))}` },
  );
}
