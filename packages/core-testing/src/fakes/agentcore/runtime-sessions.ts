import type { AgentContainer, ContainerAnswer, LaunchContainer } from './container.ts';
import type { AgentCoreKnobs } from './knobs.ts';
import {
  dueEnd,
  notePing,
  openSession,
  type RuntimeLimits,
  type RuntimeSession,
  type SessionEnd,
} from './runtime-session.ts';
import { Refusal, type AgentCoreRequest } from './wire.ts';

export interface RuntimeSessionsOptions extends Partial<RuntimeLimits> {
  readonly launch: LaunchContainer;
  readonly runtimeArns: readonly string[];
  readonly maxSessions?: number;
  readonly pingMs: number;
  readonly knobs: AgentCoreKnobs;
}

type SessionKey = Pick<RuntimeSession, 'runtimeArn' | 'sessionId'>;

interface Entry {
  session: RuntimeSession;
  readonly container: Promise<AgentContainer>;
}

const minute = 60_000;

/** The sessions of a fake and the containers behind them, on a clock of their own. */
export class RuntimeSessions {
  readonly #options: RuntimeSessionsOptions;
  readonly #limits: RuntimeLimits;
  readonly #entries = new Map<string, Entry>();
  #nowMs = 0;

  constructor(options: RuntimeSessionsOptions) {
    this.#options = options;
    this.#limits = { idleMs: options.idleMs ?? 15 * minute, lifetimeMs: options.lifetimeMs ?? 480 * minute };
  }

  find(sessionId: string): RuntimeSession | undefined {
    return this.#entryOf(sessionId)?.session;
  }

  async logOf(sessionId: string): Promise<string> {
    const container = await this.#entryOf(sessionId)?.container.catch(() => undefined);
    return container?.output?.() ?? '';
  }

  /** @throws Refusal */
  async invoke(request: AgentCoreRequest): Promise<ContainerAnswer> {
    this.#assertRuntime(request);
    const entry = this.#active(request) ?? this.#open(request);
    entry.session = { ...entry.session, activeAtMs: this.#nowMs };
    const container = await entry.container.catch(() => {
      throw new Refusal(
        'RuntimeClientError',
        'Runtime initialization time exceeded. Please check your CloudWatch logs.',
      );
    });
    return container.invoke(request);
  }

  /** @throws Refusal when no session of this id is active */
  async stop(key: SessionKey): Promise<void> {
    this.#assertRuntime(key);
    const entry = this.#active(key);
    if (entry === undefined) throw new Refusal('ResourceNotFoundException', `session ${key.sessionId} was not found`);
    await end(entry, 'stopped');
  }

  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    while (this.#nowMs < untilMs) {
      this.#nowMs = Math.min(untilMs, this.#nowMs + this.#options.pingMs);
      await Promise.all([...this.#entries.values()].map((entry) => this.#look(entry)));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => end(entry, 'stopped')));
  }

  #entryOf(sessionId: string): Entry | undefined {
    return [...this.#entries.values()].findLast(({ session }) => session.sessionId === sessionId);
  }

  #assertRuntime({ runtimeArn }: SessionKey): void {
    if (this.#options.runtimeArns.includes(runtimeArn)) return;
    throw new Refusal(
      'ResourceNotFoundException',
      `No endpoint or agent found with qualifier 'DEFAULT' for agent '${runtimeArn}'`,
    );
  }

  #active(key: SessionKey): Entry | undefined {
    const entry = this.#entries.get(keyOf(key));
    return entry?.session.endedBy === undefined ? entry : undefined;
  }

  #open({ runtimeArn, sessionId }: SessionKey): Entry {
    const active = [...this.#entries.values()].filter(({ session }) => session.endedBy === undefined).length;
    if (active >= (this.#options.maxSessions ?? Infinity)) {
      throw new Refusal('ServiceQuotaExceededException', 'maxVms limit exceeded for account');
    }
    const key = { runtimeArn, sessionId };
    const before = this.#entries.get(keyOf(key))?.session;
    const entry: Entry = { session: openSession(key, before, this.#nowMs), container: this.#launch(key) };
    this.#entries.set(keyOf(key), entry);
    entry.container.then(
      ({ exited }) => exited.then(() => end(entry, 'container_exited')),
      () => end(entry, 'container_failed'),
    );
    return entry;
  }

  async #launch(key: SessionKey): Promise<AgentContainer> {
    if (this.#options.knobs.takeBrokenContainer()) throw new Error('the fake was told to break this container');
    return this.#options.launch(key);
  }

  async #look(entry: Entry): Promise<void> {
    if (entry.session.endedBy !== undefined) return;
    const container = await entry.container.catch(() => undefined);
    const status = await container?.ping();
    entry.session = notePing(entry.session, status, this.#nowMs);
    const why = dueEnd(entry.session, this.#nowMs, this.#limits);
    if (why !== undefined) await end(entry, why);
  }
}

function keyOf({ runtimeArn, sessionId }: SessionKey): string {
  return `${runtimeArn} ${sessionId}`;
}

/** The first reason stays. */
async function end(entry: Entry, endedBy: SessionEnd): Promise<void> {
  if (entry.session.endedBy !== undefined) return;
  entry.session = { ...entry.session, endedBy };
  const container = await entry.container.catch(() => undefined);
  await container?.stop();
}
