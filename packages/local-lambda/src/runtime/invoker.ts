import type { Logger } from '@abca/core';
import * as z from 'zod';

import { decideInvocationEnd, decideInvocationStart, type InvocationResult } from '../decide/invocation.ts';
import { pageOfOperations, visibleOperations } from '../decide/visible-operations.ts';
import { isoTime, toWireOperation } from '../decide/wire-operation.ts';
import { executionArn } from '../model/arn.ts';
import type { ExecutionState, InFlight } from '../model/execution.ts';
import { LIMITS } from '../model/limits.ts';
import { encodeToken } from '../model/opaque-ids.ts';
import type { ErrorObject } from '../model/wire.ts';
import type { LocalClock } from './clock.ts';
import { observed, type ExecutionActor } from './execution-actor.ts';
import type { FunctionRegistry, ResolvedFunction } from './functions.ts';
import { lambdaContext } from './lambda-context.ts';
import type { LocalLambdaObserver } from './observer.ts';

const errorSchema = z.object({
  ErrorMessage: z.string().optional(),
  ErrorType: z.string().optional(),
  ErrorData: z.string().optional(),
  StackTrace: z.array(z.string()).optional(),
});

const outputSchema = z.discriminatedUnion('Status', [
  z.object({ Status: z.literal('SUCCEEDED'), Result: z.string().nullish() }),
  z.object({ Status: z.literal('FAILED'), Error: errorSchema.nullish() }),
  z.object({ Status: z.literal('PENDING') }),
]);

/** What the invoker works with. */
export interface InvokerParts {
  readonly functions: FunctionRegistry;
  readonly clock: LocalClock;
  readonly observer: LocalLambdaObserver;
  readonly region: string;
  readonly newId: () => string;
  readonly logger: Logger | undefined;
}

/** Calls handlers, and turns what they return into a result. */
export class Invoker {
  readonly #parts: InvokerParts;
  readonly #live = new Set<string>();

  constructor(parts: InvokerParts) {
    this.#parts = parts;
  }

  /**
   * Run one invocation of an execution if one is owed, to its stored end.
   *
   * @param onBegun called once the invocation is stored as running, before the handler is.
   * @returns whether there was one.
   */
  async invoke(actor: ExecutionActor, onBegun: () => void): Promise<boolean> {
    const { clock, newId } = this.#parts;
    const begun = await actor.decide((state) => {
      const change = decideInvocationStart(state, newId(), clock.nowMs());
      const updatedIds = [...state.unseen, ...(change?.operations ?? []).map(({ id }) => id)];
      const reply = (after: ExecutionState): Begun | undefined => change && this.#begun(after, updatedIds);
      return { change, cause: 'invocation-start', reply };
    });
    if (begun === undefined) return false;
    onBegun();
    this.#live.add(begun.invocation.id);
    try {
      await this.#run(actor, begun);
    } finally {
      this.#live.delete(begun.invocation.id);
    }
    return true;
  }

  /** Whether this process runs the invocation. */
  isLive(invocationId: string): boolean {
    return this.#live.has(invocationId);
  }

  async #run(actor: ExecutionActor, begun: Begun): Promise<void> {
    const { clock, observer } = this.#parts;
    const hook = { ...observed(actor.key), number: begun.number };
    await observer.beforeInvocation?.(hook);
    const result = await this.#call(actor, begun);
    await observer.afterInvocation?.(hook);
    if (result.kind === 'threw') {
      const fields = { ...observed(actor.key), error: result.error };
      this.#parts.logger?.warn('local lambda: an invocation threw; it will be repeated', fields);
    }
    await actor.decide((state) => ({
      change: decideInvocationEnd(state, begun.invocation.id, result, clock.nowMs()),
      cause: 'invocation-end',
      reply: () => undefined,
    }));
  }

  /** Call a plain function once, with parsed JSON. */
  async callPlain(fn: ResolvedFunction, input: string): Promise<PlainResult> {
    const { clock, newId, region } = this.#parts;
    const context = lambdaContext(fn, { id: newId(), startMs: clock.nowMs(), region }, clock);
    try {
      const value = await fn.handler(JSON.parse(input) as never, context);
      return { kind: 'succeeded', payload: value === undefined ? 'null' : JSON.stringify(value) };
    } catch (error) {
      return { kind: 'threw', error: toErrorObject(error) };
    }
  }

  /** The event is made while the state cannot move: it and its token belong together. */
  #begun(state: ExecutionState, updatedIds: readonly string[]): Begun | undefined {
    const { invocation, start } = state;
    if (invocation === undefined) return undefined;
    const page = pageOfOperations(visibleOperations(state), 0, LIMITS.pageItems);
    const event = {
      DurableExecutionArn: executionArn(start, this.#parts.region),
      CheckpointToken: encodeToken({ invocationId: invocation.id, sequence: state.token }),
      UpdatedOperationIds: [...new Set(updatedIds)],
      InitialExecutionState: {
        Operations: page.operations.map((operation) => toWireOperation(operation, start, isoTime)),
        NextMarker: page.next === undefined ? undefined : String(page.next),
      },
    };
    return { invocation, number: state.invocations, event: JSON.parse(JSON.stringify(event)) as unknown };
  }

  async #call(actor: ExecutionActor, begun: Begun): Promise<InvocationResult> {
    const { functions, clock, region } = this.#parts;
    const { start } = actor.state;
    const fn = functions.find(start.functionName, start.qualifier);
    if (fn === undefined) {
      const message = `function ${start.functionName} is not registered with this server`;
      return { kind: 'threw', error: { ErrorType: 'ResourceNotFoundException', ErrorMessage: message } };
    }
    const context = lambdaContext(fn, { ...begun.invocation, region }, clock);
    try {
      return parseOutput(await fn.handler(begun.event as never, context));
    } catch (error) {
      return { kind: 'threw', error: toErrorObject(error) };
    }
  }
}

interface Begun {
  readonly invocation: InFlight;
  readonly number: number;
  /** A copy: handlers own their event. */
  readonly event: unknown;
}

/** What a plain function made of a call. */
export type PlainResult =
  { readonly kind: 'succeeded'; readonly payload: string } | { readonly kind: 'threw'; readonly error: ErrorObject };

function parseOutput(output: unknown): InvocationResult {
  const parsed = outputSchema.safeParse(output);
  if (!parsed.success) return { kind: 'invalid' };
  const { data } = parsed;
  switch (data.Status) {
    case 'SUCCEEDED':
      return { kind: 'succeeded', result: data.Result ?? undefined };
    case 'FAILED':
      return { kind: 'failed', error: data.Error ?? {} };
    case 'PENDING':
      return { kind: 'pending' };
    default:
      return data satisfies never;
  }
}

function toErrorObject(error: unknown): ErrorObject {
  if (!(error instanceof Error)) return { ErrorType: 'Error', ErrorMessage: String(error) };
  return { ErrorType: error.name, ErrorMessage: error.message, StackTrace: error.stack?.split('\n').slice(0, 20) };
}
