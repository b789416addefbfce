import { isTerminal, type Task } from '@abca/core';
import { createRoute, z } from '@hono/zod-openapi';
import type { ApiDeps } from '../api-deps.ts';
import { validationProblem } from '../errors/validation-problem.ts';
import type { Api } from '../http/api-app.ts';
import type { EventHub } from '../stream/event-hub.ts';
import { restOfLog, type EventSource } from '../stream/event-source.ts';
import { sseResponse } from '../stream/sse-response.ts';
import { pageOf } from '../wire/envelope.ts';
import { eventWire, toEventView } from '../wire/event-wire.ts';
import { exampleEvent } from './examples.ts';
import { countParam, errorAnswers, jsonAnswer, secured } from './route-parts.ts';
import { taskParams } from './task-routes.ts';
import { findOwnTask } from './tasks.ts';

const seqParam = countParam({ min: 0, max: Number.MAX_SAFE_INTEGER, initial: 0 });
/** Events of one page; the log reads at most 1,000 at once, and one more than asked for tells whether there is more. */
const limitParam = countParam({ min: 1, max: 500, initial: 100 });
const streamPageSize = 200;
const defaultKeepAliveMs = 15_000;

const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/tasks/{task_id}/events',
  operationId: 'listEvents',
  summary: 'Events of a task after a number, as a page or as a stream',
  description:
    'With `Accept: text/event-stream` the events come as they happen: `id` is `seq`, `event` is `event_type`, `data` the ' +
    'event as JSON. `Last-Event-ID` resumes after that event and goes before `after`. The stream ends after a terminal ' +
    'event. On a page, `pagination.next_token` is the `after` of the next one.',
  security: secured,
  request: {
    params: taskParams,
    query: z.strictObject({ after: seqParam, limit: limitParam }),
    headers: z.object({ 'Last-Event-ID': seqParam, Accept: z.string().optional() }).partial(),
  },
  responses: {
    ...errorAnswers('TASK_NOT_FOUND'),
    200: {
      description: 'A page of events, or the stream.',
      content: {
        ...jsonAnswer(pageOf(eventWire), '', { data: [exampleEvent], pagination: { has_more: false } }).content,
        'text/event-stream': {
          schema: z.string(),
          example: `id: 1\nevent: task_created\ndata: ${JSON.stringify(exampleEvent)}\n\n`,
        },
      },
    },
  },
});

/** The events of a task: a page, or a stream that can be cut and resumed anywhere. */
export function addEventRoutes(app: Api, deps: ApiDeps, hub: EventHub): void {
  app.openapi(eventsRoute, async (c) => {
    const task = await findOwnTask(deps, c.get('userId'), c.req.valid('param').task_id);
    const { after, limit } = c.req.valid('query');
    if (!wantsStream(c.req.method, c.req.header('Accept'))) {
      return c.json(await readPage(deps, task, after, limit), 200);
    }
    const lastEventId = c.req.header('Last-Event-ID');
    const position = lastEventId === undefined ? after : (c.req.valid('header')['Last-Event-ID'] ?? 0);
    await assertReached(deps, task, position);
    const { clock, logger, keepAliveMs = defaultKeepAliveMs } = deps;
    return sseResponse(openSource(deps, hub, task, position), { clock, logger, keepAliveMs }) as never;
  });
}

/** HEAD gets the headers of a page: nobody would ever read, or end, its stream. */
function wantsStream(method: string, accept = ''): boolean {
  return method === 'GET' && accept.includes('text/event-stream');
}

async function readPage(
  { events }: ApiDeps,
  { taskId }: Task,
  after: number,
  limit: number,
): Promise<z.infer<ReturnType<typeof pageOf<typeof eventWire>>>> {
  const found = await events.read({ taskId, after, limit: limit + 1 });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const pagination =
    found.length > limit && last ? { next_token: String(last.seq), has_more: true } : { has_more: false };
  return { data: page.map(toEventView), pagination };
}

/** A position beyond the log would never be reached; it comes from another task or another store. */
async function assertReached({ events }: ApiDeps, { taskId }: Task, position: number): Promise<void> {
  if (position === 0) return;
  const [event] = await events.read({ taskId, after: position - 1, limit: 1 });
  if (event !== undefined) return;
  throw validationProblem([
    { in: 'header', path: 'Last-Event-ID', message: `the task has no event ${String(position)} yet` },
  ]);
}

/** A log that has ended is read to its end, whatever its last event: an orphaned session is told after the terminal one. */
function openSource({ events }: ApiDeps, hub: EventHub, { taskId, status }: Task, after: number): EventSource {
  return isTerminal(status) ? restOfLog(events, taskId, after, streamPageSize) : hub.watch(taskId, after);
}
