import { ContainerModule } from 'inversify';
import { existsSync, writeFileSync } from 'node:fs';
import { crashPorts } from './crash-point.ts';
import { until } from './until.ts';

/** A call of a port that is kept waiting until a file is there, so that a test can act in the middle of a step. */
export interface HeldCall {
  readonly port: keyof typeof crashPorts;
  readonly method: string;
  /** Whether the call waits before it is made, or after. */
  readonly phase: 'before' | 'after';
  /** The file that lets calls go on. `<gate>.reached` is there once a call waits. */
  readonly gate: string;
}

/** Longest wait for a test, milliseconds. */
const boundMs = 60_000;

/** Wraps the port of `hold` in every container that it is loaded into. */
export function heldPort(hold: HeldCall): ContainerModule {
  return new ContainerModule(({ onActivation }) => {
    onActivation<object>(crashPorts[hold.port], (_context, port) => held(hold, port));
  });
}

function held(hold: HeldCall, target: object): object {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function') return value;
      // Bound to the port itself: private fields are not reached through a proxy.
      const method = (...args: unknown[]): unknown => Reflect.apply(value, object, args);
      if (key !== hold.method) return method;
      return async (...args: unknown[]) => {
        if (hold.phase === 'before') await opened(hold.gate);
        const result = await method(...args);
        if (hold.phase === 'after') await opened(hold.gate);
        return result;
      };
    },
  });
}

async function opened(gate: string): Promise<void> {
  writeFileSync(`${gate}.reached`, '');
  await until(() => (existsSync(gate) ? true : undefined), { boundMs, what: () => `${gate} is not there` });
}
