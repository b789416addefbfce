import { AbcaError } from '@abca/core';
import type { Chance } from './chance.test-kit.ts';

/** How often a call goes wrong: shares from 0 to 1. */
export interface Mishaps {
  /** The process dies at a call, before it takes effect or after it did. */
  readonly crash: number;
  /** A store does not answer, before or after. */
  readonly fault: number;
}

/** One process. Once it is dead nothing that it waits for ever comes, and nothing that it calls has an effect. */
export class Life {
  readonly #died = Promise.withResolvers<'died'>();
  isOver = false;

  /** Resolves when it dies. */
  get death(): Promise<'died'> {
    return this.#died.promise;
  }

  end(): void {
    this.isOver = true;
    this.#died.resolve('died');
  }
}

const never = new Promise<never>(() => undefined);

export interface MortalOptions {
  readonly name: string;
  readonly life: Life;
  readonly chance: Chance;
  readonly mishaps: Mishaps;
  /** How often a process died at which call. */
  readonly deaths: Map<string, number>;
}

/** `port` as a process calls it that may die before and after any call. Only promises hold a process up, so nothing is caught. */
export function mortal<T extends object>(port: T, options: MortalOptions): T {
  return new Proxy(port, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      const call = `${options.name}.${String(property)}`;
      return (...args: unknown[]) =>
        callOf(options, call, () => Reflect.apply(member, target, args) as Promise<unknown>);
    },
  });
}

async function callOf(options: MortalOptions, call: string, act: () => Promise<unknown>): Promise<unknown> {
  await mayGoWrong(options, `before ${call}`);
  const answer = await act();
  await mayGoWrong(options, `after ${call}`);
  return answer;
}

/** Calls that only a sweep makes, a few hundred times in a run: a process dies at them four times as often. */
const rare = /outbox\.listDue|eventLog\.read/;

async function mayGoWrong({ life, chance, mishaps, deaths, name }: MortalOptions, where: string): Promise<void> {
  if (life.isOver) return never;
  if (chance.hits(mishaps.crash * (rare.test(where) ? 4 : 1))) {
    deaths.set(where, (deaths.get(where) ?? 0) + 1);
    life.end();
    return never;
  }
  // A channel has faults of its own.
  if (name !== 'notifier' && chance.hits(mishaps.fault)) {
    throw new AbcaError('SERVICE_UNAVAILABLE', `${where}: no answer`, { retryable: true });
  }
}
