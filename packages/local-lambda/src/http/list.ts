import type { Context } from 'hono';

import { epochSeconds } from '../decide/wire-operation.ts';
import { executionArn, functionArn } from '../model/arn.ts';
import { LIMITS } from '../model/limits.ts';
import type { Engine } from '../runtime/engine.ts';
import type { ExecutionSummary, SummaryPage } from '../store/execution-store.ts';
import { parse } from './read.ts';
import { listQuerySchema, statusesSchema } from './schemas.ts';

/** Lines read from the store at once while filtering. */
const READ_ITEMS = 200;
/** Later than any start. */
const END_OF_TIME_MS = 253_402_300_799_999;

/** GET /2025-12-01/functions/{FunctionName}/durable-executions */
export async function listExecutions(engine: Engine, context: Context): Promise<Response> {
  const query = parse(listQuerySchema, context.req.query(), 'request');
  const statuses = parse(statusesSchema, context.req.queries('Statuses') ?? [], 'Statuses');
  const fn = engine.parts.functions.get(context.req.param('name') ?? '', query.Qualifier);
  const isWanted = (summary: ExecutionSummary): boolean =>
    (statuses.length === 0 || statuses.includes(summary.status)) &&
    (query.DurableExecutionName === undefined || query.DurableExecutionName === summary.name) &&
    (query.Qualifier === undefined || query.Qualifier === summary.qualifier);
  const request = {
    functionName: fn.name,
    fromMs: query.StartedAfter ?? 0,
    toMs: query.StartedBefore ?? END_OF_TIME_MS,
    newestFirst: query.ReverseOrder ?? false,
    limit: READ_ITEMS,
    after: query.Marker === undefined ? undefined : Buffer.from(query.Marker, 'base64').toString('utf8'),
  };
  const page = await collect(engine, request, isWanted, query.MaxItems ?? LIMITS.defaultPageItems);
  return context.json({
    DurableExecutions: page.items.map((summary) => toWire(summary, engine.parts.region)),
    NextMarker: page.next === undefined ? undefined : Buffer.from(page.next, 'utf8').toString('base64'),
  });
}

type Request = Parameters<Engine['parts']['store']['list']>[0];

/** Read on until the page is full or the list ends: a filter must not make a page look like the last one. */
async function collect(
  engine: Engine,
  request: Request,
  isWanted: (summary: ExecutionSummary) => boolean,
  size: number,
): Promise<{ items: readonly ExecutionSummary[]; next: string | undefined }> {
  const items: ExecutionSummary[] = [];
  let after = request.after;
  for (;;) {
    const page: SummaryPage = await engine.parts.store.list({ ...request, after });
    for (const { summary, position } of page.items) {
      if (!isWanted(summary)) continue;
      if (items.length === size) return { items, next: after };
      items.push(summary);
      after = position;
    }
    if (page.isLast) return { items, next: undefined };
    after = page.items.at(-1)?.position ?? after;
  }
}

function toWire(summary: ExecutionSummary, region: string): object {
  const start = { ...summary, input: '', executionTimeoutSeconds: 0, invocationTimeoutMs: 0 };
  return {
    DurableExecutionArn: executionArn(start, region),
    DurableExecutionName: summary.name,
    FunctionArn: functionArn(summary.functionName, summary.qualifier, region),
    Status: summary.status,
    StartTimestamp: epochSeconds(summary.startMs),
    EndTimestamp: summary.endMs === undefined ? undefined : epochSeconds(summary.endMs),
  };
}
