import { LambdaApiError, invalidParameter } from '../errors.ts';
import { parseFunctionReference } from '../model/arn.ts';
import type { LambdaContext } from './lambda-context.ts';

/** A Lambda handler: the event is plain JSON. */
export type LambdaHandler = (event: never, context: LambdaContext) => unknown;

/** How a function is to be run. */
export interface FunctionOptions {
  readonly handler: LambdaHandler;
  /** Whether the handler is the output of `withDurableExecution`. Default true. */
  readonly durable?: boolean | undefined;
  /** Longest time of one durable execution, in seconds. Default 31,536,000 (a year). */
  readonly executionTimeoutSeconds?: number | undefined;
  /** Longest time of one invocation, in milliseconds. Default 900,000 (15 minutes, Lambda's own limit). */
  readonly invocationTimeoutMs?: number | undefined;
}

/** A function that a reference led to. */
export interface ResolvedFunction {
  readonly name: string;
  readonly qualifier: string;
  readonly handler: LambdaHandler;
  readonly isDurable: boolean;
  readonly executionTimeoutSeconds: number;
  readonly invocationTimeoutMs: number;
}

const DEFAULTS = { executionTimeoutSeconds: 31_536_000, invocationTimeoutMs: 900_000 } as const;

/**
 * The functions of this server, found by name, `name:qualifier`, partial ARN or ARN.
 *
 * A function registered as `name` answers to every qualifier; one registered as `name:live` to that one, and to the
 * bare name while no other is registered for it.
 */
export class FunctionRegistry {
  readonly #functions = new Map<string, ResolvedFunction>();

  constructor(functions: Readonly<Record<string, LambdaHandler | FunctionOptions>>) {
    for (const [key, value] of Object.entries(functions)) {
      const reference = parseFunctionReference(key);
      if (reference === undefined) throw new TypeError(`not a function name: ${key}`);
      const { name, qualifier = '$LATEST' } = reference;
      const id = reference.qualifier === undefined ? name : `${name}:${qualifier}`;
      this.#functions.set(id, { name, qualifier, ...settle(value) });
    }
  }

  /**
   * @throws LambdaApiError InvalidParameterValueException when the text is no function reference;
   * ResourceNotFoundException when there is no such function.
   */
  get(text: string, qualifier?: string): ResolvedFunction {
    const reference = parseFunctionReference(text);
    if (reference === undefined) throw invalidParameter(`Invalid function name: ${text}`);
    const wanted = qualifier ?? reference.qualifier;
    const found = this.#find(reference.name, wanted);
    if (found !== undefined) return found;
    const suffix = wanted === undefined ? '' : `:${wanted}`;
    throw new LambdaApiError('ResourceNotFoundException', `Function not found: ${reference.name}${suffix}`);
  }

  /** The function that an execution was started with, if it is still registered. */
  find(name: string, qualifier: string): ResolvedFunction | undefined {
    return this.#find(name, qualifier);
  }

  #find(name: string, qualifier: string | undefined): ResolvedFunction | undefined {
    if (qualifier !== undefined) {
      const exact = this.#functions.get(`${name}:${qualifier}`);
      if (exact !== undefined) return exact;
    }
    const bare = this.#functions.get(name);
    if (bare !== undefined) return { ...bare, qualifier: qualifier ?? bare.qualifier };
    if (qualifier !== undefined) return undefined;
    const candidates = [...this.#functions.values()].filter((candidate) => candidate.name === name);
    return candidates.length === 1 ? candidates[0] : undefined;
  }
}

function settle(value: LambdaHandler | FunctionOptions): Omit<ResolvedFunction, 'name' | 'qualifier'> {
  const options = typeof value === 'function' ? { handler: value } : value;
  return {
    handler: options.handler,
    isDurable: options.durable ?? true,
    executionTimeoutSeconds: options.executionTimeoutSeconds ?? DEFAULTS.executionTimeoutSeconds,
    invocationTimeoutMs: options.invocationTimeoutMs ?? DEFAULTS.invocationTimeoutMs,
  };
}
