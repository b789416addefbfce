import { AbcaError } from '@abca/core';

import { begin, fold } from '../model/fold.ts';
import { statusOf, type Change, type ExecutionState, type Outcome } from '../model/execution.ts';
import type { ExecutionKey, ExecutionStore, ExecutionSummary } from '../store/execution-store.ts';
import type { CommitCause, LocalLambdaObserver } from './observer.ts';

/** What a decision wants stored, and what to answer once it is. */
export interface Decision<T> {
  readonly change: Change | undefined;
  readonly cause: CommitCause;
  /** Called after the change is stored and folded. */
  readonly reply: (state: ExecutionState) => T;
}

/**
 * Owner of one execution's state: decisions run one at a time, each on the state that the one before it left, and are
 * stored before anybody hears of them.
 */
export class ExecutionActor {
  readonly key: ExecutionKey;
  readonly #state: ExecutionState;
  readonly #store: ExecutionStore;
  readonly #observer: LocalLambdaObserver;
  #tail: Promise<unknown> = Promise.resolve();
  readonly #closed = Promise.withResolvers<Outcome>();
  #isFrozen = false;

  constructor(key: ExecutionKey, changes: readonly Change[], store: ExecutionStore, observer: LocalLambdaObserver) {
    const [first = {}, ...rest] = changes;
    this.key = key;
    this.#state = begin(first);
    for (const change of rest) fold(this.#state, change);
    this.#store = store;
    this.#observer = observer;
    if (this.#state.outcome !== undefined) this.#closed.resolve(this.#state.outcome);
  }

  /** The state as last stored. Do not keep it across an await, and do not write to it. */
  get state(): Readonly<ExecutionState> {
    return this.#state;
  }

  /** Settles when the execution ends. */
  get outcome(): Promise<Outcome> {
    return this.#closed.promise;
  }

  /** Decide, store, fold, answer; one decision at a time. */
  decide<T>(decision: (state: Readonly<ExecutionState>) => Decision<T>): Promise<T> {
    const run = this.#tail.then(() => this.#run(decision));
    this.#tail = run.catch(() => undefined);
    return run;
  }

  /** Store nothing more; settles when what is being stored is stored. */
  async freeze(): Promise<void> {
    this.#isFrozen = true;
    await this.#tail;
  }

  async #run<T>(decision: (state: Readonly<ExecutionState>) => Decision<T>): Promise<T> {
    const { change, cause, reply } = decision(this.#state);
    if (change === undefined) return reply(this.#state);
    // A handler of a closed server may still return; the next server owns the journal by then.
    if (this.#isFrozen) throw new AbcaError('SERVICE_UNAVAILABLE', 'the local lambda server is closed');
    const commit = { ...observed(this.key), version: this.#state.version, cause };
    await this.#observer.beforeCommit?.(commit);
    const closed = change.outcome === undefined ? undefined : summaryOf(this.#state, change.outcome);
    await this.#store.append(this.key, this.#state.version, change, closed);
    fold(this.#state, change);
    await this.#observer.afterCommit?.(commit);
    if (change.outcome !== undefined) this.#closed.resolve(change.outcome);
    return reply(this.#state);
  }
}

/** The execution's line in its function's list. */
export function summaryOf(state: Readonly<ExecutionState>, outcome = state.outcome): ExecutionSummary {
  const { functionName, name, id, qualifier } = state.start;
  const status = statusOf({ outcome });
  return { functionName, name, id, qualifier, status, startMs: state.startMs, endMs: outcome?.endMs };
}

/** The execution as hooks name it. */
export function observed(key: ExecutionKey): { functionName: string; executionName: string } {
  return { functionName: key.functionName, executionName: key.name };
}
