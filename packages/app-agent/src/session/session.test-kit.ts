import {
  emptyContext,
  forgesOf,
  mintSessionId,
  wipRefOf,
  type HydratedContext,
  type NewTaskEvent,
  type Task,
  type TaskEvent,
  type TaskSettings,
} from '@abca/core';
import {
  aTask,
  aTaskId,
  CapturingLogger,
  FakeClock,
  FakeCodingAgent,
  FakePolicyLoader,
  InMemoryApprovalRepository,
  InMemoryContextStore,
  InMemoryEventLog,
  InMemoryForge,
  InMemoryGitHost,
  InMemorySessionSignals,
  InMemoryTaskRepository,
  InMemoryWorkspace,
  SequentialIds,
  type FakeAgentStep,
  type InMemoryRepository,
} from '@abca/core/testing';
import { runSession } from './run-session.ts';
import type { SessionEnd } from './session-end.ts';
import type { Session, SessionDeps } from './session.ts';

export const cloneUrl = '/repos/shop.git';
export const branch = 'abca/00000001/fix-the-failing-test';
export const checkoutDir = '/sessions/s/repo';
export const wipRef = wipRefOf(aTaskId());

export const settings: TaskSettings = {
  computeType: 'local',
  compute: {},
  cloneUrl,
  forge: 'git',
  baseBranch: 'main',
  protectedBranches: [],
  maxTurns: 10,
  maxBudgetUsd: 5,
  approvalGateCap: 50,
  approvalTimeoutS: 300,
};

export const session: Session = {
  taskId: aTaskId(),
  sessionId: mintSessionId(aTaskId(), 1),
  generation: 1,
  heartbeatMs: 30_000,
  leaseMs: 150_000,
  workspaceDir: '/sessions/s',
  homeDir: '/sessions/s/home',
};

/** What a test does before a call goes through. A throw is the call's answer. */
type Before = (nth: number) => unknown;

export interface WorldOptions {
  readonly steps?: readonly FakeAgentStep[];
  readonly agent?: SessionDeps['agent'];
  readonly task?: Partial<Task>;
  readonly context?: HydratedContext;
}

/** One session's surroundings, in memory, with a seam before every call of a port. */
export class World {
  readonly clock = new FakeClock();
  readonly events = new InMemoryEventLog(this.clock);
  readonly tasks = new InMemoryTaskRepository(this.events);
  readonly contexts = new InMemoryContextStore();
  readonly signals = new InMemorySessionSignals();
  readonly host = new InMemoryGitHost();
  readonly repository: InMemoryRepository = this.host.addRepository(cloneUrl, { 'README.md': 'shop\n' });
  readonly workspace = new InMemoryWorkspace(this.host);
  readonly forge = new InMemoryForge(this.host);
  readonly approvals = new InMemoryApprovalRepository(this.tasks);
  readonly loader = new FakePolicyLoader();
  readonly policies = this.loader.engine;
  readonly ids = new SequentialIds();
  readonly logger = new CapturingLogger();
  /** Calls of ports, `port.method`, in order. */
  readonly calls: string[] = [];
  readonly #before = new Map<string, Before>();
  readonly #counts = new Map<string, number>();
  readonly agent: SessionDeps['agent'];

  private constructor(agent: SessionDeps['agent']) {
    this.agent = agent;
  }

  static async create({
    steps = [edit(), say('done')],
    agent,
    task = {},
    context = emptyContext,
  }: WorldOptions = {}): Promise<World> {
    const world = new World(agent ?? new FakeCodingAgent(steps));
    const row = aTask({
      status: 'RUNNING',
      settings,
      branch,
      baseBranch: 'main',
      sessionCallbackId: 'callback-1',
      ...task,
    });
    await world.tasks.create({ task: row, events: [] });
    await world.contexts.put(row.taskId, context);
    return world;
  }

  /** Called before each call of `port.method`, with its number from 1. */
  before(call: string, act: Before): void {
    this.#before.set(call, act);
  }

  deps(overrides: Partial<SessionDeps> = {}): SessionDeps {
    return {
      tasks: this.#watched('tasks', this.tasks),
      events: this.#watched('events', this.events),
      contexts: this.#watched('contexts', this.contexts),
      signals: this.#watched('signals', this.signals),
      workspace: this.#watched('workspace', this.workspace),
      forges: forgesOf([this.#watched('forge', this.forge)]),
      agent: this.#watched('agent', this.agent),
      policies: this.#watched('policies', this.loader),
      approvals: this.#watched('approvals', this.approvals),
      ids: this.ids,
      clock: this.clock,
      logger: this.logger,
      ...overrides,
    };
  }

  /** The session's end, however long it takes by the fake clock, up to `maxMs`. */
  async run(options: { signal?: AbortSignal; maxMs?: number; deps?: Partial<SessionDeps> } = {}): Promise<SessionEnd> {
    const running = runSession(this.deps(options.deps), session, options.signal ? { signal: options.signal } : {});
    return this.settle(running, options.maxMs);
  }

  /** Let the clock run until `promise` is settled. */
  async settle<T>(promise: Promise<T>, maxMs = 3_600_000): Promise<T> {
    const state = { done: false };
    const finished = (): void => void (state.done = true);
    promise.then(finished, finished);
    const untilMs = this.clock.nowMs() + maxMs;
    await drained();
    while (!state.done) {
      if (this.clock.nowMs() > untilMs) throw new Error(`not settled after ${String(maxMs)} ms of the fake clock`);
      await this.clock.advance(250);
      await drained();
    }
    return promise;
  }

  async row(): Promise<Task> {
    return (await this.tasks.find(session.taskId))!;
  }

  async log(): Promise<readonly TaskEvent[]> {
    return this.events.read({ taskId: session.taskId, after: 0, limit: 1000 });
  }

  async eventTypes(): Promise<string[]> {
    return (await this.log()).map(({ eventType, metadata }) =>
      eventType === 'agent_milestone' ? String(metadata['milestone']) : eventType,
    );
  }

  async eventsOf<T extends NewTaskEvent['eventType']>(type: T): Promise<readonly Record<string, unknown>[]> {
    return (await this.log()).filter(({ eventType }) => eventType === type).map(({ metadata }) => metadata);
  }

  /** Files of the remote's ref, `undefined` when it has no such ref. */
  filesAt(ref: string): Readonly<Record<string, string>> | undefined {
    const sha = this.repository.refs.get(ref);
    return sha === undefined ? undefined : this.repository.filesAt(sha);
  }

  cancel(): Promise<unknown> {
    return this.tasks.transition({
      taskId: session.taskId,
      from: 'RUNNING',
      to: 'CANCELLED',
      atMs: this.clock.nowMs(),
      events: [{ eventType: 'task_cancelled', metadata: { by: 'ann' } }],
    });
  }

  #watched<T extends object>(name: string, port: T): T {
    return new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          await this.#enter(`${name}.${String(property)}`);
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
  }

  async #enter(call: string): Promise<void> {
    this.calls.push(call);
    const nth = (this.#counts.get(call) ?? 0) + 1;
    this.#counts.set(call, nth);
    await this.#before.get(call)?.(nth);
  }
}

/** Everything that waits on promises only has run. */
export function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A turn in which the agent writes a file. */
export function edit(world?: () => World, path = 'fix.ts', content = 'fixed\n'): FakeAgentStep {
  return {
    kind: 'turn',
    text: 'I change it',
    costUsd: 0.1,
    inputTokens: 10,
    outputTokens: 5,
    calls: [
      {
        toolName: 'Write',
        input: { file_path: path, content },
        run: ({ workspaceDir }) => {
          world?.().workspace.writeFile(workspaceDir, path, content);
          return 'written';
        },
      },
    ],
  };
}

/** A turn without tool calls: the last one of a run. */
export function say(text: string): FakeAgentStep {
  return { kind: 'turn', text };
}

/** A world whose agent changes a file and then does `steps`. */
export async function editingWorld(
  steps: readonly FakeAgentStep[] = [say('done')],
  options: WorldOptions = {},
): Promise<World> {
  const holder: { world?: World } = {};
  holder.world = await World.create({ ...options, steps: [edit(() => holder.world!), ...steps] });
  return holder.world;
}
