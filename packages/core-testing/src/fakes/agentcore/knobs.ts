import { Refusal, type AgentCoreErrorName, type AgentCoreOperation } from './wire.ts';

/** Where an answer is lost or held: before anything of it was sent, or after its first half. */
export type AnswerPlace = 'before' | 'in_the_middle';

/** An answer that waits. */
export interface HeldAnswer {
  /** Resolves when the service has done what was asked, and only its answer is missing. */
  readonly reached: Promise<void>;
  /** Send it. */
  release(): void;
}

/** What happens to the answer of a call that was carried out. */
export interface Delay {
  readonly at: AnswerPlace;
  /** Rejects when the answer is lost. */
  wait(): Promise<void>;
}

/** What a test has ordered to go wrong, first in, first out. */
export class AgentCoreKnobs {
  readonly #refusals: Record<AgentCoreOperation, { refusal: Refusal; left: number }[]> = { invoke: [], stop: [] };
  readonly #delays: Record<AgentCoreOperation, Delay[]> = { invoke: [], stop: [] };
  #brokenContainers = 0;

  refuse(operation: AgentCoreOperation, name: AgentCoreErrorName, times: number): void {
    this.#refusals[operation].push({ refusal: new Refusal(name, `the fake was told to answer ${name}`), left: times });
  }

  breakContainers(times: number): void {
    this.#brokenContainers += times;
  }

  lose(operation: AgentCoreOperation, at: AnswerPlace): void {
    this.#delays[operation].push({ at, wait: () => Promise.reject(new Error('the answer is lost')) });
  }

  hold(operation: AgentCoreOperation, at: AnswerPlace): HeldAnswer {
    const reached = Promise.withResolvers<undefined>();
    const released = Promise.withResolvers<undefined>();
    const wait = (): Promise<void> => {
      reached.resolve(undefined);
      return released.promise;
    };
    this.#delays[operation].push({ at, wait });
    return { reached: reached.promise, release: () => released.resolve(undefined) };
  }

  /** @throws Refusal when one was ordered */
  throwOrdered(operation: AgentCoreOperation): void {
    const [next] = this.#refusals[operation];
    if (next === undefined) return;
    next.left -= 1;
    if (next.left <= 0) this.#refusals[operation].shift();
    throw next.refusal;
  }

  takeDelay(operation: AgentCoreOperation): Delay | undefined {
    return this.#delays[operation].shift();
  }

  takeBrokenContainer(): boolean {
    if (this.#brokenContainers === 0) return false;
    this.#brokenContainers -= 1;
    return true;
  }
}
