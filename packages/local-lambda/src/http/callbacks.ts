import type { Context } from 'hono';

import { decideCallback, type CallbackSignal } from '../decide/outside.ts';
import { LambdaApiError, invalidParameter } from '../errors.ts';
import { decodeCallbackId } from '../model/opaque-ids.ts';
import type { Engine } from '../runtime/engine.ts';
import { parse, readJson, readText } from './read.ts';
import { callbackIdSchema, errorObjectSchema } from './schemas.ts';

/** POST /2025-12-01/durable-execution-callbacks/{CallbackId}/succeed: the body is the result, any bytes of text. */
export async function succeed(engine: Engine, context: Context): Promise<Response> {
  const text = await readText(context);
  return signal(engine, context, { kind: 'success', result: text === '' ? undefined : text });
}

/** POST /2025-12-01/durable-execution-callbacks/{CallbackId}/fail: the body is an error object. */
export async function fail(engine: Engine, context: Context): Promise<Response> {
  const error = parse(errorObjectSchema.optional(), await readJson(context), 'Error') ?? {};
  return signal(engine, context, { kind: 'failure', error });
}

/** POST /2025-12-01/durable-execution-callbacks/{CallbackId}/heartbeat */
export function heartbeat(engine: Engine, context: Context): Promise<Response> {
  return signal(engine, context, { kind: 'heartbeat' });
}

async function signal(engine: Engine, context: Context, callback: CallbackSignal): Promise<Response> {
  const callbackId = parse(callbackIdSchema, context.req.param('callbackId'), 'CallbackId');
  const content = decodeCallbackId(callbackId);
  if (content === undefined) throw invalidParameter('Invalid callback id.');
  const actor = await engine.executions.find(content);
  if (actor === undefined) throw new LambdaApiError('ResourceNotFoundException', 'Callback not found.');
  await engine.apply(actor, (state) => ({
    change: decideCallback(state, callbackId, callback, engine.parts.clock.nowMs()),
    cause: 'callback',
    reply: () => undefined,
  }));
  return context.json({});
}
