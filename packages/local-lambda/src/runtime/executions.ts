import { AbcaError } from '@abca/core';

import { LambdaApiError } from '../errors.ts';
import { parseExecutionArn } from '../model/arn.ts';
import type { Change, ExecutionStart } from '../model/execution.ts';
import type { ExecutionKey, ExecutionStore } from '../store/execution-store.ts';
import { decideStart } from '../decide/start-execution.ts';
import { ExecutionActor, observed, summaryOf } from './execution-actor.ts';
import { begin } from '../model/fold.ts';
import type { LocalLambdaObserver } from './observer.ts';

/** Ended executions that are kept in memory; the oldest is dropped and read again when somebody asks for it. */
const CLOSED_KEPT = 200;

/** All executions, each as one actor, read from the store when first asked for. */
export class Executions {
  readonly #store: ExecutionStore;
  readonly #observer: LocalLambdaObserver;
  readonly #actors = new Map<string, Promise<ExecutionActor | undefined>>();
  readonly #closed = new Set<string>();
  readonly #creating = new Set<Promise<unknown>>();
  #isFrozen = false;

  constructor(store: ExecutionStore, observer: LocalLambdaObserver) {
    this.#store = store;
    this.#observer = observer;
  }

  /** Start an execution, or find the one of the same name. */
  async start(start: ExecutionStart, nowMs: number): Promise<{ actor: ExecutionActor; isNew: boolean }> {
    const key = { functionName: start.functionName, name: start.name };
    const existing = await this.find(key);
    if (existing !== undefined) return { actor: existing, isNew: false };
    const creating = this.#create(key, decideStart(start, nowMs));
    this.#creating.add(creating);
    try {
      return await creating;
    } finally {
      this.#creating.delete(creating);
    }
  }

  async #create(key: ExecutionKey, change: Change): Promise<{ actor: ExecutionActor; isNew: boolean }> {
    if (this.#isFrozen) throw new AbcaError('SERVICE_UNAVAILABLE', 'the local lambda server is closed');
    const commit = { ...observed(key), version: 0, cause: 'start' as const };
    await this.#observer.beforeCommit?.(commit);
    const outcome = await this.#store.create(summaryOf(begin(change)), change);
    await this.#observer.afterCommit?.(commit);
    // Of two that start at once, one creates and both get the one actor.
    const actor = await this.#adopt(key, outcome === 'created' ? [change] : undefined);
    return { actor, isNew: outcome === 'created' };
  }

  /** Find an execution by name. */
  find(key: ExecutionKey): Promise<ExecutionActor | undefined> {
    const id = executionId(key);
    const known = this.#actors.get(id);
    if (known !== undefined) return known;
    const loading = this.#load(key);
    this.#actors.set(id, loading);
    // An execution that is not there now may be there later, and a failed read may succeed.
    const forget = (): void => {
      if (this.#actors.get(id) === loading) this.#actors.delete(id);
    };
    loading.then((actor) => {
      if (actor === undefined) forget();
    }, forget);
    return loading;
  }

  /**
   * Find an execution by ARN.
   *
   * @throws LambdaApiError ResourceNotFoundException when there is none.
   */
  async get(arn: string): Promise<ExecutionActor> {
    const reference = parseExecutionArn(arn);
    const actor = reference && (await this.find(reference));
    if (actor?.state.start.id === reference?.id && actor !== undefined) return actor;
    throw new LambdaApiError('ResourceNotFoundException', `Durable execution not found: ${arn}`);
  }

  /** Note that an execution has ended, so that it need not stay in memory. */
  release(key: ExecutionKey): void {
    const id = executionId(key);
    this.#closed.delete(id);
    this.#closed.add(id);
    const [oldest] = this.#closed;
    if (this.#closed.size <= CLOSED_KEPT || oldest === undefined) return;
    this.#closed.delete(oldest);
    this.#actors.delete(oldest);
  }

  /** Store nothing more; settles when what is being stored is stored. */
  async freeze(): Promise<void> {
    this.#isFrozen = true;
    await Promise.allSettled([...this.#creating]);
    const freezing = [...this.#actors.values()].map(async (loading) => {
      const actor = await loading.catch(() => undefined);
      await actor?.freeze();
    });
    await Promise.all(freezing);
  }

  async #load(key: ExecutionKey): Promise<ExecutionActor | undefined> {
    const changes = await this.#store.find(key);
    if (changes === undefined) return undefined;
    const actor = new ExecutionActor(key, changes, this.#store, this.#observer);
    if (actor.state.outcome !== undefined) this.release(key);
    return actor;
  }

  async #adopt(key: ExecutionKey, changes: readonly Change[] | undefined): Promise<ExecutionActor> {
    const id = executionId(key);
    // There may be a read under way that began before the execution existed: its answer does not count.
    for (let known = this.#actors.get(id); known !== undefined; known = this.#actors.get(id)) {
      const actor = await known;
      if (actor !== undefined) return actor;
      if (this.#actors.get(id) === known) this.#actors.delete(id);
    }
    if (changes !== undefined) {
      const actor = new ExecutionActor(key, changes, this.#store, this.#observer);
      this.#actors.set(id, Promise.resolve(actor));
      return actor;
    }
    const found = await this.find(key);
    if (found !== undefined) return found;
    throw new LambdaApiError('ServiceException', `execution ${key.name} exists and cannot be read`);
  }
}

/** One string per execution. Function names have no slash. */
export function executionId(key: ExecutionKey): string {
  return `${key.functionName}/${key.name}`;
}
