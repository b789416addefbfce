import { AbcaError, type Failure } from '@abca/core';

/** Why a session stops before its work is done. */
export type StopReason =
  /** Asked to end by whatever runs the program. */
  | { readonly kind: 'terminated'; readonly failure: Failure }
  /** The task was cancelled, ended or given to another session. */
  | { readonly kind: 'lease_lost'; readonly failure: Failure }
  /** The store did not answer for a whole lease. */
  | { readonly kind: 'lease_expired'; readonly failure: Failure }
  | { readonly kind: 'lifetime'; readonly failure: Failure }
  /** A defect, or a resource that is used up. */
  | { readonly kind: 'fatal'; readonly failure: Failure };

/** One-way switch between whoever finds a reason to stop and everything that has to. The first reason stands. */
export interface StopSwitch {
  /** Aborted with an AbcaError of the reason's code once there is one. */
  readonly signal: AbortSignal;
  reason(): StopReason | undefined;
  trip(reason: StopReason): void;
}

/** A switch that nobody has tripped. */
export function createStopSwitch(): StopSwitch {
  const controller = new AbortController();
  let first: StopReason | undefined;
  return {
    signal: controller.signal,
    reason: () => first,
    trip(reason) {
      if (first !== undefined) return;
      first = reason;
      controller.abort(new AbcaError(reason.failure.code, reason.failure.message));
    },
  };
}

/** Trip `stop` when `signal` is aborted. The code of an AbcaError given as the signal's reason is kept. */
export function stopOnSignal(stop: StopSwitch, signal: AbortSignal): void {
  const trip = (): void => {
    const { code, message } = AbcaError.wrap(signal.reason, 'AGENT_TERMINATED', 'the session was asked to end');
    stop.trip({ kind: code === 'AGENT_TERMINATED' ? 'terminated' : 'fatal', failure: { code, message } });
  };
  if (signal.aborted) trip();
  else signal.addEventListener('abort', trip, { once: true });
}
