import { AbcaError, type Clock, type Logger } from '@abca/core';
import type { GivenEnvironment } from './invocation.ts';

/** A session that may be run. */
export interface HostedSession {
  readonly sessionId: string;
  /** Runs it to its end. Never rejects. Answers the exit code that a program of this session alone would have. */
  run(ending: AbortSignal): Promise<number>;
}

/** What a host is made of. */
export interface HostParts {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
  /** Aborted when the process is asked to end. */
  readonly ending: AbortSignal;
  /** @throws AbcaError CONFIG_INVALID when the container's own environment is not complete */
  readonly prepare: (environment: GivenEnvironment) => HostedSession;
}

/** What a container is doing. It never goes back: what a session leaves in its folders is not for another one to find. */
export type HostState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working'; readonly sessionId: string; readonly code: Promise<number> }
  | { readonly kind: 'ended'; readonly sessionId: string };

/** What an invocation of a session leads to. */
export type Admission =
  { readonly kind: 'start' } | { readonly kind: 'known' } | { readonly kind: 'refused'; why: AbcaError };

/** Whether a container that is in `state` takes the session. */
export function admit(state: HostState, sessionId: string, ending: boolean): Admission {
  if (state.kind === 'idle') {
    if (!ending) return { kind: 'start' };
    return refused('SERVICE_UNAVAILABLE', 'the container is ending and starts nothing');
  }
  if (state.sessionId === sessionId) return { kind: 'known' };
  const does = state.kind === 'working' ? 'works on' : 'has worked on';
  return refused('SESSION_START_FAILED', `this container ${does} session ${state.sessionId}; one runs one session`);
}

function refused(code: 'SERVICE_UNAVAILABLE' | 'SESSION_START_FAILED', message: string): Admission {
  return { kind: 'refused', why: new AbcaError(code, message) };
}

/** The one session of a container: started once, however often it is asked for. */
export class SessionHost {
  readonly #parts: HostParts;
  #state: HostState = { kind: 'idle' };
  #changedAtMs: number;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.#changedAtMs = parts.clock.nowMs();
  }

  get busy(): boolean {
    return this.#state.kind === 'working';
  }

  /** When `busy` last changed, in milliseconds since the epoch; before that, when the host was made. */
  get changedAtMs(): number {
    return this.#changedAtMs;
  }

  /**
   * Start the session of `environment`, unless it was started before.
   *
   * @throws AbcaError SESSION_START_FAILED for another session than the container's own, SERVICE_UNAVAILABLE when the
   * process is ending, CONFIG_INVALID when the container is not set up for a session
   */
  start(environment: GivenEnvironment): { readonly sessionId: string } {
    const { prepare, ending, logger } = this.#parts;
    const sessionId = environment['ABCA_SESSION_ID'] ?? '';
    const admission = admit(this.#state, sessionId, ending.aborted);
    if (admission.kind === 'refused') throw admission.why;
    // Nothing is awaited from the look at the state to its change: of two invocations at once, one starts the session.
    if (admission.kind === 'start') this.#run(prepare(environment));
    logger.info('session asked for', { sessionId, admission: admission.kind });
    return { sessionId };
  }

  /** Resolves when no session works: to its exit code where one worked when this was called. */
  async settled(): Promise<number | undefined> {
    return this.#state.kind === 'working' ? this.#state.code : undefined;
  }

  #run(session: HostedSession): void {
    const { sessionId } = session;
    const code = session.run(this.#parts.ending).then((exitCode) => {
      this.#enter({ kind: 'ended', sessionId });
      return exitCode;
    });
    this.#enter({ kind: 'working', sessionId, code });
  }

  #enter(state: HostState): void {
    this.#state = state;
    this.#changedAtMs = this.#parts.clock.nowMs();
  }
}
