import type { LocalLambdaObserver } from '@abca/local-lambda';
import { ContainerModule } from 'inversify';
import { crashPorts, isWrite, type CrashPoint } from './crash-point.ts';

/** Told of every place as it is passed. */
export type PointListener = (point: CrashPoint) => void;

/** Counts how often each place was reached, over all containers of the process. */
class Counter {
  readonly #counts = new Map<string, number>();

  next(place: string): number {
    const nth = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, nth);
    return nth;
  }
}

/** An observer of the workflow engine that reports each commit. */
export function commitObserver(reach: PointListener): LocalLambdaObserver {
  const counter = new Counter();
  const numbers = new Map<number, number>();
  return {
    beforeCommit: ({ version, cause }) => {
      numbers.set(version, counter.next(cause));
      reach({ where: 'commit', what: cause, nth: numbers.get(version) ?? 0, phase: 'before' });
    },
    afterCommit: ({ version, cause }) => {
      reach({ where: 'commit', what: cause, nth: numbers.get(version) ?? 0, phase: 'after' });
    },
  };
}

/** Wraps the ports of every container it is loaded into, so that each call that changes something is reported. */
export function watchedPorts(reach: PointListener): ContainerModule {
  const counter = new Counter();
  return new ContainerModule(({ onActivation }) => {
    for (const [name, token] of Object.entries(crashPorts)) {
      onActivation<object>(token, (_context, port) => watched(name as keyof typeof crashPorts, port, counter, reach));
    }
  });
}

function watched(where: keyof typeof crashPorts, target: object, counter: Counter, reach: PointListener): object {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function') return value;
      // Bound to the port itself: private fields are not reached through a proxy.
      const method = (...args: unknown[]): unknown => Reflect.apply(value, object, args);
      if (typeof key !== 'string' || !isWrite(key)) return method;
      return async (...args: unknown[]) => {
        const at = { where, what: key, nth: counter.next(`${where}.${key}`) };
        reach({ ...at, phase: 'before' });
        const result = await method(...args);
        reach({ ...at, phase: 'after' });
        return result;
      };
    },
  });
}
