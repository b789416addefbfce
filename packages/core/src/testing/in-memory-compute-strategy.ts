import { AbcaError } from '../errors/abca-error.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { ComputeStrategy, StartSessionInput } from '../ports/compute-strategy.ts';
import type { SessionStatus, StopOutcome } from '../session/session-status.ts';
import { storedHandleSchema, type StoredHandle } from '../task/task.ts';

/** {@link ComputeStrategy} whose sessions are entries of a map. A test ends them with `end`. */
export class InMemoryComputeStrategy implements ComputeStrategy {
  readonly type: string;
  /** Inputs of the sessions that were really started, in order. */
  readonly started: StartSessionInput[] = [];
  /** Session ids that were really stopped, in order. */
  readonly stopped: string[] = [];
  /** What a stop of a running session answers. */
  stopOutcome: StopOutcome = { kind: 'stopped', provenBy: 'the entry was removed' };
  readonly #sessions = new Map<string, SessionStatus>();
  readonly #failures = { start: [] as unknown[], poll: [] as unknown[], stop: [] as unknown[] };

  constructor(type = 'memory') {
    this.type = type;
  }

  /** The next call of the operation rejects with `error`, before it does anything. */
  failNext(operation: 'start' | 'poll' | 'stop', error: unknown): void {
    this.#failures[operation].push(error);
  }

  /** Set what the substrate shows of a session. */
  end(sessionId: string, status: SessionStatus): void {
    this.#sessions.set(sessionId, status);
  }

  async startSession(input: StartSessionInput, options: CallOptions = {}): Promise<StoredHandle> {
    await this.#enter('start', options);
    if (!this.#sessions.has(input.sessionId)) {
      this.#sessions.set(input.sessionId, { kind: 'running' });
      this.started.push(input);
    }
    return { strategyType: this.type, sessionId: input.sessionId };
  }

  async pollSession(handle: StoredHandle, options: CallOptions = {}): Promise<SessionStatus> {
    const sessionId = this.#own(handle);
    await this.#enter('poll', options);
    return this.#sessions.get(sessionId) ?? { kind: 'failed', error: 'no such session' };
  }

  async stopSession(handle: StoredHandle, options: CallOptions = {}): Promise<StopOutcome> {
    const sessionId = this.#own(handle);
    await this.#enter('stop', options);
    if (this.#sessions.get(sessionId)?.kind !== 'running') return { kind: 'already_gone' };
    if (this.stopOutcome.kind === 'stopped') this.#sessions.set(sessionId, { kind: 'failed', error: 'stopped' });
    this.stopped.push(sessionId);
    return this.stopOutcome;
  }

  async #enter(operation: 'start' | 'poll' | 'stop', options: CallOptions): Promise<void> {
    await Promise.resolve(options.signal?.throwIfAborted());
    const failures = this.#failures[operation];
    if (failures.length > 0) throw failures.shift();
  }

  #own(handle: StoredHandle): string {
    const parsed = storedHandleSchema.safeParse(handle);
    if (parsed.success && parsed.data.strategyType === this.type) return parsed.data.sessionId;
    throw new AbcaError('FOREIGN_HANDLE', `session handle is not one of ${this.type}: ${JSON.stringify(handle)}`);
  }
}
