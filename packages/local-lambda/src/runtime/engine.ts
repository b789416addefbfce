import { decideChainedEnd, decideDue, type ChainedResult } from '../decide/outside.ts';
import { decideRecovery, isInvocationOwed } from '../decide/invocation.ts';
import { nextDueMs } from '../decide/timers.ts';
import type { ExecutionStart } from '../model/execution.ts';
import type { ExecutionKey, ExecutionStore } from '../store/execution-store.ts';
import { chainedName, isRunningChain } from './chained.ts';
import { executionId, Executions } from './executions.ts';
import type { Decision, ExecutionActor } from './execution-actor.ts';
import type { ResolvedFunction } from './functions.ts';
import { Invoker, type InvokerParts, type PlainResult } from './invoker.ts';
import { Scheduler } from './scheduler.ts';

/** What the engine works with. */
export interface EngineParts extends InvokerParts {
  readonly store: ExecutionStore;
}

/** Wait before a failed step of the engine itself (the store did not answer) is tried again, in milliseconds. */
const ENGINE_RETRY_MS = 1000;

/**
 * Drives executions: after every stored change it schedules what is due later, starts the invocation that is owed, and
 * follows chained invocations. All it does follows from stored state, so it can be repeated after a crash.
 */
export class Engine {
  readonly parts: EngineParts;
  readonly executions: Executions;
  readonly #invoker: Invoker;
  readonly #scheduler: Scheduler;
  readonly #following = new Set<string>();
  #isClosed = false;

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.executions = new Executions(parts.store, parts.observer);
    this.#invoker = new Invoker(parts);
    this.#scheduler = new Scheduler(parts.clock, (id) => {
      this.#background(() => this.#onDue(id));
    });
  }

  /** Take up every execution that has not ended: due timers fire, interrupted invocations start again. */
  async recover(): Promise<void> {
    for (const key of await this.parts.store.listRunning()) {
      const actor = await this.executions.find(key);
      if (actor === undefined) continue;
      await this.#recoverOne(actor);
    }
  }

  async #recoverOne(actor: ExecutionActor): Promise<void> {
    await this.apply(actor, (state) => {
      const isLive = state.invocation !== undefined && this.#invoker.isLive(state.invocation.id);
      const change = isLive ? undefined : decideRecovery(state, this.parts.clock.nowMs());
      return { change, cause: 'recovery', reply: () => undefined };
    });
  }

  /** Start an execution, or find the one of the same name, and set it going. */
  async start(start: ExecutionStart): Promise<ExecutionActor> {
    const { actor } = await this.executions.start(start, this.parts.clock.nowMs());
    this.#settle(actor);
    return actor;
  }

  /** Let an execution decide, and do what follows from it. */
  async apply<T>(actor: ExecutionActor, decision: (state: ExecutionActor['state']) => Decision<T>): Promise<T> {
    const answer = await actor.decide(decision);
    this.#settle(actor);
    return answer;
  }

  /** Call a plain function. */
  callPlain(fn: ResolvedFunction, input: string): Promise<PlainResult> {
    return this.#invoker.callPlain(fn, input);
  }

  /**
   * Start nothing more and store nothing more; settles when the last write is done. Handlers that run are left alone:
   * what they have not stored starts again next time.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#scheduler.stop();
    await this.executions.freeze();
  }

  /** Everything that follows from the stored state of an execution. Safe to call at any time, any number of times. */
  #settle(actor: ExecutionActor): void {
    if (this.#isClosed) return;
    const { state, key } = actor;
    this.#scheduler.set(executionId(key), nextDueMs(state));
    if (state.outcome !== undefined) {
      this.executions.release(key);
      this.#background(() => this.#tellParent(actor));
      return;
    }
    for (const operation of state.operations.values()) {
      if (isRunningChain(operation)) this.#follow(actor, operation.id);
    }
    if (!isInvocationOwed(state, this.parts.clock.nowMs())) return;
    // When an invocation cannot be stored to its end, it is given up, as if its process had died.
    this.#background(
      () => this.#invoke(actor),
      () => this.#recoverOne(actor),
    );
  }

  async #invoke(actor: ExecutionActor): Promise<void> {
    const wasOwed = await this.#invoker.invoke(actor, () => {
      this.#scheduler.set(executionId(actor.key), nextDueMs(actor.state));
    });
    if (wasOwed) this.#settle(actor);
  }

  async #onDue(id: string): Promise<void> {
    const slash = id.indexOf('/');
    const key: ExecutionKey = { functionName: id.slice(0, slash), name: id.slice(slash + 1) };
    const actor = await this.executions.find(key);
    if (actor === undefined) return;
    await this.apply(actor, (state) => ({
      change: decideDue(state, this.parts.clock.nowMs()),
      cause: 'timer',
      reply: () => undefined,
    }));
  }

  #follow(actor: ExecutionActor, operationId: string): void {
    const id = `${executionId(actor.key)}/${operationId}`;
    if (this.#following.has(id)) return;
    this.#following.add(id);
    this.#background(() => this.#followChain(actor, operationId));
  }

  /** Start the function of a CHAINED_INVOKE, under a name that repeats after a crash, and hand on its end. */
  async #followChain(actor: ExecutionActor, operationId: string): Promise<void> {
    const ended = await this.#runChained(actor, operationId);
    if (this.#isClosed || ended === undefined) return;
    await this.#endChain(actor, operationId, ended);
  }

  async #endChain(parent: ExecutionActor, operationId: string, ended: ChainedResult): Promise<void> {
    await this.apply(parent, (state) => ({
      change: decideChainedEnd(state, operationId, ended, this.parts.clock.nowMs()),
      cause: 'chained-end',
      reply: () => undefined,
    }));
    this.#following.delete(`${executionId(parent.key)}/${operationId}`);
  }

  /** @returns the end of the chained function when it is known now; a durable one reports its own end later. */
  async #runChained(actor: ExecutionActor, operationId: string): Promise<ChainedResult | undefined> {
    const chained = actor.state.operations.get(operationId)?.chained;
    if (chained === undefined) return undefined;
    const fn = this.#findTarget(chained.target);
    if ('ErrorType' in fn) return { status: 'FAILED', error: fn };
    const input = chained.input ?? '{}';
    if (!fn.isDurable) {
      const result = await this.callPlain(fn, input);
      return result.kind === 'succeeded'
        ? { status: 'SUCCEEDED', result: result.payload }
        : { status: 'FAILED', error: result.error };
    }
    const name = chainedName(actor.state.start.id, operationId);
    const parent = { ...actor.key, operationId };
    await this.start({ ...this.startOf(fn, name, input), parent });
    return undefined;
  }

  #findTarget(target: string): ResolvedFunction | { ErrorType: string; ErrorMessage: string } {
    try {
      return this.parts.functions.get(target);
    } catch (error) {
      const { name, message } = error as Error;
      return { ErrorType: name, ErrorMessage: message };
    }
  }

  /** What an execution of a function starts with. */
  startOf(fn: ResolvedFunction, name: string, input: string): ExecutionStart {
    const { executionTimeoutSeconds, invocationTimeoutMs, qualifier } = fn;
    const id = this.parts.newId();
    return { functionName: fn.name, qualifier, name, id, input, executionTimeoutSeconds, invocationTimeoutMs };
  }

  async #tellParent(actor: ExecutionActor): Promise<void> {
    const { outcome, start } = actor.state;
    if (start.parent === undefined || outcome === undefined) return;
    const parent = await this.executions.find(start.parent);
    if (parent === undefined) return;
    await this.#endChain(parent, start.parent.operationId, outcome);
  }

  /**
   * Run work that nobody waits for. When it fails (the store did not answer) it is logged and `again` runs later.
   */
  #background(work: () => Promise<void>, again: () => Promise<void> = work): void {
    work().catch((error: unknown) => {
      if (this.#isClosed) return;
      this.parts.logger?.error('local lambda: a background step failed; it will be repeated', { error });
      this.parts.clock.setTimer(ENGINE_RETRY_MS, () => {
        if (!this.#isClosed) this.#background(again);
      });
    });
  }
}
