import { accessDenied, serverError, throttled, type EcsFault } from './ecs-errors.ts';

/** The operations that the fake knows. */
export type EcsOperation = 'RunTask' | 'DescribeTasks' | 'StopTask' | 'ListTasks';

/**
 * What goes wrong with a call:
 *
 * - `throttled`, `server_error`, `access_denied`: the answer, without any effect;
 * - `lost_request`: the connection breaks before the call has had an effect;
 * - `lost_answer`: it breaks after the call has had its effect;
 * - an {@link EcsFault}: that answer, without any effect.
 */
export type EcsTrouble = 'throttled' | 'server_error' | 'access_denied' | 'lost_request' | 'lost_answer' | EcsFault;

/** A call that waits. */
export interface HeldCall {
  /** Resolves when the call has arrived at the service. */
  readonly arrived: Promise<unknown>;
  /** Let it go on. */
  release(): void;
}

interface Planned {
  readonly operation: EcsOperation;
  readonly trouble: EcsTrouble;
  left: number;
}

interface Hold {
  readonly operation: EcsOperation;
  readonly arrive: () => void;
  readonly released: Promise<unknown>;
}

/** What a test has planned to go wrong. Plans are used up in the order they were made. */
export class EcsTroubles {
  #planned: Planned[] = [];
  #holds: Hold[] = [];

  plan(operation: EcsOperation, trouble: EcsTrouble, times: number): void {
    this.#planned.push({ operation, trouble, left: times });
  }

  hold(operation: EcsOperation): HeldCall {
    const arrival = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    this.#holds.push({
      operation,
      arrive: () => {
        arrival.resolve(undefined);
      },
      released: release.promise,
    });
    return {
      arrived: arrival.promise,
      release: () => {
        release.resolve(undefined);
      },
    };
  }

  /** Wait if the call is held, and see what becomes of it. @throws EcsFault when it is answered with an error */
  async meet(operation: EcsOperation, signal: AbortSignal): Promise<'go' | 'lost_request' | 'lost_answer'> {
    await this.#wait(operation, signal);
    const planned = this.#planned.find((plan) => plan.operation === operation);
    if (planned === undefined) return 'go';
    planned.left -= 1;
    if (planned.left <= 0) this.#planned = this.#planned.filter((plan) => plan !== planned);
    return settle(planned.trouble, operation);
  }

  async #wait(operation: EcsOperation, signal: AbortSignal): Promise<void> {
    const hold = this.#holds.find((held) => held.operation === operation);
    if (hold === undefined) return;
    this.#holds = this.#holds.filter((held) => held !== hold);
    hold.arrive();
    const hungUp = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    await Promise.race([hold.released, hungUp]);
  }
}

function settle(trouble: EcsTrouble, operation: EcsOperation): 'lost_request' | 'lost_answer' {
  switch (trouble) {
    case 'lost_request':
    case 'lost_answer':
      return trouble;
    case 'throttled':
      throw throttled();
    case 'server_error':
      throw serverError();
    case 'access_denied':
      throw accessDenied(operation);
    default:
      throw trouble satisfies EcsFault;
  }
}
