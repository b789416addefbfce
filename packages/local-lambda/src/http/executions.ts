import type { Context } from 'hono';
import type { z } from 'zod';

import { decideCheckpoint, requireCurrentToken } from '../decide/checkpoint.ts';
import { decideStop } from '../decide/outside.ts';
import { nextOperationDueMs } from '../decide/timers.ts';
import { pageOfOperations, visibleOperations } from '../decide/visible-operations.ts';
import { toWireEvent } from '../decide/wire-event.ts';
import { epochSeconds, toWireOperation } from '../decide/wire-operation.ts';
import { executionArn, functionArn, parseExecutionArn } from '../model/arn.ts';
import { statusOf, type ExecutionState } from '../model/execution.ts';
import { LIMITS } from '../model/limits.ts';
import { encodeCallbackId, encodeToken } from '../model/opaque-ids.ts';
import type { OperationUpdate } from '../model/wire.ts';
import type { LocalClock } from '../runtime/clock.ts';
import type { Engine } from '../runtime/engine.ts';
import { observed, type ExecutionActor } from '../runtime/execution-actor.ts';
import { invalidParameter } from '../errors.ts';
import { parse, readJson } from './read.ts';
import {
  checkpointSchema,
  errorObjectSchema,
  executionQuerySchema,
  historyQuerySchema,
  stateQuerySchema,
} from './schemas.ts';

function findExecution(engine: Engine, context: Context): Promise<ExecutionActor> {
  const arn = context.req.param('arn') ?? '';
  if (parseExecutionArn(arn) === undefined) throw invalidParameter(`Invalid durable execution ARN: ${arn}`);
  return engine.executions.get(arn);
}

/** POST /2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint */
export async function checkpoint(engine: Engine, context: Context): Promise<Response> {
  const body = parse(checkpointSchema, await readJson(context), 'request');
  const actor = await findExecution(engine, context);
  const updates: readonly OperationUpdate[] = body.Updates ?? [];
  const event = { ...observed(actor.key), updates };
  const { observer, clock, newId } = engine.parts;
  await observer.beforeCheckpoint?.(event);
  if (updates.length === 0) await holdUntilDue(actor, clock);
  const mintCallbackId = (operationId: string): string =>
    encodeCallbackId({ ...actor.key, operationId, secret: newId() });
  const answer = await engine.apply<object>(actor, (state) => {
    const repeated = repeatedAnswer(state, body);
    if (repeated !== undefined) return { change: undefined, cause: 'checkpoint', reply: () => repeated };
    const request = { token: body.CheckpointToken, updates };
    const { change, reported } = decideCheckpoint(state, request, { nowMs: clock.nowMs(), mintCallbackId });
    const reply = (after: ExecutionState): object => rememberAnswer(after, body, checkpointAnswer(after, reported));
    return { change, cause: 'checkpoint', reply };
  });
  await observer.afterCheckpoint?.(event);
  return context.json(answer);
}

type CheckpointBody = z.infer<typeof checkpointSchema>;

/** The last checkpoint of each execution in this process, with its answer. */
const lastCheckpoints = new WeakMap<Readonly<ExecutionState>, { clientToken: string; token: string; answer: object }>();

function rememberAnswer(state: Readonly<ExecutionState>, body: CheckpointBody, answer: object): object {
  const { ClientToken: clientToken, CheckpointToken: token } = body;
  if (clientToken !== undefined) lastCheckpoints.set(state, { clientToken, token, answer });
  return answer;
}

/**
 * The answer to a repetition of the last checkpoint, which the client token tells: a client that lost the answer sends
 * the same request again. Its checkpoint token is used up, so without this a lost packet would fail the execution.
 */
function repeatedAnswer(state: Readonly<ExecutionState>, body: CheckpointBody): object | undefined {
  const last = lastCheckpoints.get(state);
  const isRepeated = last?.clientToken === body.ClientToken && last?.token === body.CheckpointToken;
  return isRepeated ? last?.answer : undefined;
}

/** Longest time that a poll is held, in milliseconds. */
const HOLD_MS = 30;

/**
 * The SDK polls, with an empty checkpoint, at the moment at which it expects a timer to end. Its clock may be a moment
 * ahead; told "not yet", it would ask again a whole second later.
 */
async function holdUntilDue(actor: ExecutionActor, clock: LocalClock): Promise<void> {
  const dueMs = nextOperationDueMs(actor.state);
  const leftMs = dueMs === undefined ? 0 : dueMs - clock.nowMs();
  if (leftMs <= 0 || leftMs > HOLD_MS) return;
  await new Promise<void>((resolve) => {
    clock.setTimer(Math.ceil(leftMs), resolve);
  });
}

/** The token is left out exactly when the checkpoint ended the execution. */
function checkpointAnswer(state: ExecutionState, reported: readonly string[]): object {
  const operations = reported.flatMap((id) => {
    const operation = state.operations.get(id);
    return operation === undefined ? [] : [toWireOperation(operation, state.start, epochSeconds)];
  });
  const { invocation, token } = state;
  return {
    CheckpointToken: invocation && encodeToken({ invocationId: invocation.id, sequence: token }),
    NewExecutionState: { Operations: operations },
  };
}

/** GET /2025-12-01/durable-executions/{DurableExecutionArn}/state */
export async function getState(engine: Engine, context: Context): Promise<Response> {
  const query = parse(stateQuerySchema, context.req.query(), 'request');
  const { state } = await findExecution(engine, context);
  requireCurrentToken(state, query.CheckpointToken);
  const page = pageOfOperations(visibleOperations(state), query.Marker ?? 0, query.MaxItems ?? LIMITS.pageItems);
  return context.json({
    Operations: page.operations.map((operation) => toWireOperation(operation, state.start, epochSeconds)),
    NextMarker: page.next === undefined ? undefined : String(page.next),
  });
}

/** GET /2025-12-01/durable-executions/{DurableExecutionArn} */
export async function getExecution(engine: Engine, context: Context): Promise<Response> {
  const query = parse(executionQuerySchema, context.req.query(), 'request');
  const { state } = await findExecution(engine, context);
  const { start, outcome } = state;
  const withData = query.IncludeExecutionData ?? true;
  return context.json({
    DurableExecutionArn: executionArn(start, engine.parts.region),
    DurableExecutionName: start.name,
    FunctionArn: functionArn(start.functionName, start.qualifier, engine.parts.region),
    Version: start.qualifier,
    Status: statusOf(state),
    StartTimestamp: epochSeconds(state.startMs),
    EndTimestamp: outcome && epochSeconds(outcome.endMs),
    InputPayload: withData ? start.input : undefined,
    Result: withData ? outcome?.result : undefined,
    Error: withData ? outcome?.error : undefined,
    ExecutionDataIncluded: withData,
    DurableConfig: { ExecutionTimeout: start.executionTimeoutSeconds },
  });
}

/** GET /2025-12-01/durable-executions/{DurableExecutionArn}/history */
export async function getHistory(engine: Engine, context: Context): Promise<Response> {
  const query = parse(historyQuerySchema, context.req.query(), 'request');
  const { state } = await findExecution(engine, context);
  const withData = query.IncludeExecutionData ?? false;
  const { history } = state;
  const from = query.Marker ?? 0;
  const to = Math.min(from + (query.MaxItems ?? LIMITS.defaultPageItems), history.length);
  const events: object[] = [];
  for (let position = from; position < to; position += 1) {
    // In reverse, positions count from the newest line; a line that is added meanwhile shifts the rest by one.
    const index = query.ReverseOrder === true ? history.length - 1 - position : position;
    const entry = history[index];
    if (entry !== undefined) events.push(toWireEvent(state, entry, index + 1, withData));
  }
  return context.json({ Events: events, NextMarker: to < history.length ? String(to) : undefined });
}

/** POST /2025-12-01/durable-executions/{DurableExecutionArn}/stop */
export async function stop(engine: Engine, context: Context): Promise<Response> {
  const error = parse(errorObjectSchema.optional(), await readJson(context), 'Error');
  const actor = await findExecution(engine, context);
  const endMs = await engine.apply(actor, (state) => ({
    change: decideStop(state, error, engine.parts.clock.nowMs()),
    cause: 'stop',
    reply: (after) => after.outcome?.endMs ?? 0,
  }));
  return context.json({ StopTimestamp: epochSeconds(endMs) });
}
