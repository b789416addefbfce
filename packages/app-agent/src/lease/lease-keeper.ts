import {
  AbcaError,
  formatIso,
  type Clock,
  type Logger,
  type SessionSignals,
  type Task,
  type TaskRepository,
  within,
} from '@abca/core';
import { endBoundsOf } from '../session/bounds.ts';
import type { Session } from '../session/session.ts';
import type { StopSwitch } from '../session/stop-switch.ts';

/** How a renewal ended. `unreachable`: the store did not answer, which says nothing about the lease. */
export type Renewal =
  | { readonly kind: 'held'; readonly task: Task }
  | { readonly kind: 'lost'; readonly task: Task | undefined }
  | { readonly kind: 'unreachable'; readonly message: string };

/** That the task is not the session's any more. `task`: as it is now. */
export interface LeaseLoss {
  readonly task: Task | undefined;
}

export interface LeaseDeps {
  readonly tasks: TaskRepository;
  readonly signals: SessionSignals;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Longest wait for the answer to one renewal, in milliseconds. A short lease waits half of its time. */
const answerMs = 5_000;
/** After an unanswered renewal the next one comes this many times sooner. */
const hurry = 6;

/**
 * Holds the lease of one session. The lease is the fence: when it is lost, or could not be renewed until its own end, the
 * stop switch is tripped. So a session outlives a dead platform by at most its lease.
 */
export class LeaseKeeper {
  readonly #deps: LeaseDeps;
  readonly #session: Session;
  readonly #stop: StopSwitch;
  readonly #ended = new AbortController();
  #endsAtMs: number;
  #task: Task | undefined;
  #loss: LeaseLoss | undefined;
  #confirming: Promise<boolean> | undefined;
  #beating: Promise<void> | undefined;

  constructor(deps: LeaseDeps, session: Session, stop: StopSwitch) {
    this.#deps = deps;
    this.#session = session;
    this.#stop = stop;
    this.#endsAtMs = deps.clock.nowMs() + session.leaseMs;
  }

  /** Until when the session may take itself for the task's own, in milliseconds since the epoch. */
  get endsAtMs(): number {
    return this.#endsAtMs;
  }

  /** The task as the last renewal saw it. Its callback may be another one than at the start. */
  get task(): Task | undefined {
    return this.#task;
  }

  /** Set for good once the store has said so, also when the session was stopping for another reason by then. */
  get loss(): LeaseLoss | undefined {
    return this.#loss;
  }

  /** The first renewal, tried for as long as a lease lasts. Rejects when the stop switch is tripped meanwhile. */
  async acquire(): Promise<Renewal> {
    for (;;) {
      const renewal = await this.#renew(this.#stop.signal);
      if (renewal.kind !== 'unreachable') return renewal;
      this.#stop.signal.throwIfAborted();
      if (this.#remainingMs() <= 0) return renewal;
      await this.#deps.clock.sleep(this.#pauseMs(renewal), { signal: this.#stop.signal });
    }
  }

  /** Renew at every heartbeat, and pass it on to whoever waits for the session, until {@link end}. */
  start(): void {
    this.#beating ??= this.#beat();
    const { signal } = this.#stop;
    // At once, while the agent ends: an end that is waited for has little time.
    signal.addEventListener('abort', () => void this.confirm(), { once: true, signal: this.#ended.signal });
  }

  /** End the heartbeats. The lease runs out by itself. */
  async end(): Promise<void> {
    this.#ended.abort(new Error('the session is over'));
    await this.#beating;
  }

  /** Renew now. Trips the stop switch when the lease is lost; a store that does not answer is left to the heartbeats. */
  async check(): Promise<void> {
    const renewal = await this.#renew(this.#stop.signal);
    if (renewal.kind === 'lost') this.#tripLost(renewal.task);
  }

  /**
   * Whether the task is known to be this session's still, by a renewal; from a stop on by one that is asked for once.
   * Whoever cancels a task ends its log first and the session then: it learns only here what its signal stands for.
   */
  confirm(): Promise<boolean> {
    return this.#stop.signal.aborted ? (this.#confirming ??= this.#confirm()) : this.#confirm();
  }

  /** Whether the log of the task is the session's to write to: not after a loss, and from a stop on only once confirmed. */
  async mayTell(): Promise<boolean> {
    if (this.#stop.signal.aborted && !(await this.confirm())) return false;
    return this.#loss === undefined;
  }

  async #confirm(): Promise<boolean> {
    if (this.#loss !== undefined) return false;
    // Not the switch's signal, which may be what this is asked for.
    const renewal = await this.#renew(this.#ended.signal, endBoundsOf(this.#stop).confirmMs);
    return renewal.kind === 'held';
  }

  async #beat(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#ended;
    let pauseMs = this.#session.heartbeatMs;
    while (!signal.aborted) {
      // Woken early only by the end, which the condition sees.
      await clock.sleep(pauseMs, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const renewal = await this.#renew(signal);
      if (signal.aborted) return;
      if (this.#isOver(renewal)) return;
      if (renewal.kind === 'held') await this.#signalHeartbeat(renewal.task);
      pauseMs = this.#pauseMs(renewal);
    }
  }

  /** Whether there is no lease to keep any more; tells the switch why. */
  #isOver(renewal: Renewal): boolean {
    if (renewal.kind === 'lost') {
      this.#tripLost(renewal.task);
      return true;
    }
    if (renewal.kind === 'held' || this.#remainingMs() > 0) return false;
    const message = `the lease could not be renewed until it ran out: ${renewal.message}`;
    this.#stop.trip({ kind: 'lease_expired', failure: { code: 'AGENT_LEASE_LOST', message } });
    return true;
  }

  #tripLost(task: Task | undefined): void {
    const now = task === undefined ? 'gone' : `${task.status}, generation ${String(task.generation)}`;
    const message = `the task is not this session's any more: it is ${now}`;
    this.#stop.trip({ kind: 'lease_lost', failure: { code: 'AGENT_LEASE_LOST', message } });
  }

  /** Never rejects: an aborted renewal says nothing about the lease either. */
  async #renew(signal: AbortSignal, longestMs: number = answerMs): Promise<Renewal> {
    const { clock, tasks } = this.#deps;
    const { taskId, sessionId, generation, leaseMs } = this.#session;
    // Counted from before the call: a slow answer must not make the lease longer here than it is in the store.
    const endsAtMs = clock.nowMs() + leaseMs;
    const renewal = { taskId, sessionId, generation, leaseExpiresAt: formatIso(endsAtMs) };
    try {
      const result = await within(
        clock,
        { what: 'renewing the lease', ms: Math.min(longestMs, leaseMs / 2), signal },
        (bound) => tasks.renewLease(renewal, { signal: bound }),
      );
      if (result.kind === 'lost') {
        this.#loss ??= { task: result.task };
        return result;
      }
      this.#endsAtMs = Math.max(this.#endsAtMs, endsAtMs);
      this.#task = result.task;
      return { kind: 'held', task: result.task };
    } catch (error) {
      if (!signal.aborted) this.#deps.logger.warn('lease not renewed', { error });
      return { kind: 'unreachable', message: AbcaError.wrap(error, 'STORE_ERROR', 'store').message };
    }
  }

  async #signalHeartbeat({ sessionCallbackId }: Task): Promise<void> {
    const { clock, signals, logger } = this.#deps;
    if (sessionCallbackId === undefined) return;
    const bound = { what: 'the heartbeat', ms: this.#session.heartbeatMs, signal: this.#ended.signal };
    try {
      const result = await within(clock, bound, (signal) => signals.heartbeat(sessionCallbackId, { signal }));
      if (result.kind === 'gone') logger.debug('nobody waits on the callback; a new one will be on the row');
    } catch (error) {
      if (!this.#ended.signal.aborted) logger.warn('heartbeat not sent', { error });
    }
  }

  #pauseMs(renewal: Renewal): number {
    const { heartbeatMs } = this.#session;
    if (renewal.kind !== 'unreachable') return heartbeatMs;
    return Math.max(1, Math.min(heartbeatMs / hurry, this.#remainingMs()));
  }

  #remainingMs(): number {
    return this.#endsAtMs - this.#deps.clock.nowMs();
  }
}
