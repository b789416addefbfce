import type { Context } from 'hono';

import { LambdaApiError } from '../errors.ts';
import { executionArn } from '../model/arn.ts';
import type { Outcome } from '../model/execution.ts';
import { byteLength, LIMITS } from '../model/limits.ts';
import type { ErrorObject } from '../model/wire.ts';
import type { Engine } from '../runtime/engine.ts';
import type { ExecutionActor } from '../runtime/execution-actor.ts';
import type { ResolvedFunction } from '../runtime/functions.ts';
import { parse, parseJson, readText, tooLarge } from './read.ts';
import { executionNameSchema, invocationTypeSchema } from './schemas.ts';

/** POST /2015-03-31/functions/{FunctionName}/invocations */
export async function invoke(engine: Engine, context: Context): Promise<Response> {
  const fn = engine.parts.functions.get(context.req.param('name') ?? '', context.req.query('Qualifier'));
  const type = parse(
    invocationTypeSchema,
    context.req.header('x-amz-invocation-type') ?? 'RequestResponse',
    'InvocationType',
  );
  const input = await readPayload(context, type === 'Event');
  if (type === 'DryRun') return context.body(null, 204);
  return fn.isDurable
    ? invokeDurable(engine, context, fn, { type, input })
    : invokePlain(engine, context, fn, { type, input });
}

interface Call {
  readonly type: 'RequestResponse' | 'Event';
  readonly input: string;
}

/** The payload is handed on as it came, so that "the same payload" means the same bytes. */
async function readPayload(context: Context, isEvent: boolean): Promise<string> {
  const text = await readText(context);
  const limit = isEvent ? LIMITS.asynchronousPayloadBytes : LIMITS.synchronousPayloadBytes;
  const bytes = byteLength(text);
  if (bytes > limit) throw tooLarge(bytes, limit);
  parseJson(text);
  return text === '' ? '{}' : text;
}

async function invokeDurable(engine: Engine, context: Context, fn: ResolvedFunction, call: Call): Promise<Response> {
  const header = context.req.header('x-amz-durable-execution-name');
  const name = header === undefined ? engine.parts.newId() : parse(executionNameSchema, header, 'DurableExecutionName');
  const actor = await engine.start(engine.startOf(fn, name, call.input));
  requireSamePayload(actor, name, call.input);
  const { start } = actor.state;
  context.header('x-amz-durable-execution-arn', executionArn(start, engine.parts.region));
  context.header('x-amz-executed-version', start.qualifier);
  if (call.type === 'Event') return context.body(null, 202);
  return answer(context, await actor.outcome);
}

function requireSamePayload(actor: ExecutionActor, name: string, input: string): void {
  if (actor.state.start.input === input) return;
  const message = `A durable execution named ${name} has already been started with a different payload.`;
  throw new LambdaApiError('DurableExecutionAlreadyStartedException', message);
}

function answer(context: Context, outcome: Outcome): Response {
  if (outcome.status === 'SUCCEEDED') return context.body(outcome.result ?? 'null', 200);
  return unhandled(
    context,
    outcome.error ?? { ErrorType: outcome.status, ErrorMessage: 'the execution did not succeed' },
  );
}

async function invokePlain(engine: Engine, context: Context, fn: ResolvedFunction, call: Call): Promise<Response> {
  const running = engine.callPlain(fn, call.input);
  context.header('x-amz-executed-version', fn.qualifier);
  if (call.type === 'Event') {
    void running.then((result) => {
      if (result.kind === 'threw') engine.parts.logger?.error('local lambda: a function failed', { ...result.error });
    });
    return context.body(null, 202);
  }
  const result = await running;
  return result.kind === 'succeeded' ? context.body(result.payload, 200) : unhandled(context, result.error);
}

/** A function's own failure is a successful call with a header that says so. */
function unhandled(context: Context, error: ErrorObject): Response {
  context.header('x-amz-function-error', 'Unhandled');
  const { ErrorType: errorType, ErrorMessage: errorMessage, ErrorData: errorData, StackTrace: trace } = error;
  return context.json({ errorType, errorMessage, errorData, trace }, 200);
}
