import { AbcaError } from '../errors/abca-error.ts';

/** Stands before every call of a port: decides when, and whether, its effect happens. */
export interface CallGate {
  pass<T>(label: string, effect: () => Promise<T>): Promise<T>;
}

/** Lets every call through at once. */
export const openGate: CallGate = { pass: (_label, effect) => effect() };

/** `port` with each of its asynchronous methods behind the gate. Fields and synchronous methods are left as they are. */
export function behindGate<T extends object>(gate: CallGate, name: string, port: T): T {
  return new Proxy(port, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      const method = member as (...args: unknown[]) => Promise<unknown>;
      // The only synchronous verb of a port.
      if (property === 'nowMs') return method.bind(target);
      return (...args: unknown[]) => gate.pass(`${name}.${String(property)}`, () => method.apply(target, args));
    },
  });
}

/** Where a fault strikes: before the effect of the call, or after it with the answer lost. */
export type FaultPlace = 'before' | 'after';

/** What a crashed program's calls reject with. Not an {@link AbcaError}: nobody may take it for an answer. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/**
 * A gate that kills the program at its n-th call: that call and every later one rejects, those of handlers and clean-ups
 * too, until `restart`.
 */
export class CrashGate implements CallGate {
  /** Labels of the calls since the last restart. */
  calls: string[] = [];
  #crash: { readonly at: number; readonly place: FaultPlace } | undefined;
  #dead = false;

  /** Die at call `at`, counted from 1. */
  arm(at: number, place: FaultPlace): void {
    this.restart();
    this.#crash = { at, place };
  }

  /** Whether the crash has come. */
  get struck(): boolean {
    return this.#dead;
  }

  restart(): void {
    this.#crash = undefined;
    this.#dead = false;
    this.calls = [];
  }

  async pass<T>(label: string, effect: () => Promise<T>): Promise<T> {
    this.calls.push(label);
    if (this.#dead) throw new Crash(label);
    if (this.calls.length !== this.#crash?.at) return effect();
    this.#dead = true;
    if (this.#crash.place === 'after') await effect();
    throw new Crash(label);
  }
}

/** A gate whose n-th call fails as a store does that does not answer; the program lives on. */
export class OutageGate implements CallGate {
  calls = 0;
  readonly #at: number;
  readonly #place: FaultPlace;

  constructor(at: number, place: FaultPlace) {
    this.#at = at;
    this.#place = place;
  }

  async pass<T>(label: string, effect: () => Promise<T>): Promise<T> {
    this.calls += 1;
    if (this.calls !== this.#at) return effect();
    if (this.#place === 'after') await effect();
    throw new AbcaError('SERVICE_UNAVAILABLE', `${label} does not answer`, { retryable: true });
  }
}
