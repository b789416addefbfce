import { localTokenAuth, createApi, SignalEventFeed, type ApiDeps, type ApiServer } from './index.ts';
import type { EventView } from './index.ts';
import { parseIso, type Approval, type ComputeStrategy, type UserId } from '@abca/core';
import {
  anApproval,
  aRepoConfig,
  aTask,
  CapturingLogger,
  FakeClock,
  FakePolicyLoader,
  InMemoryApprovalRepository,
  InMemoryComputeStrategy,
  InMemoryEventLog,
  InMemoryRateLimiter,
  InMemoryRepoConfigRepository,
  InMemorySessionSignals,
  InMemorySlotRepository,
  InMemoryTaskExecutions,
  InMemoryTaskRepository,
  SequentialIds,
} from '@abca/core/testing';

export const token = 'a-local-token-of-some-length';
/** The caller of {@link ApiWorld.call}. Builders' tasks are theirs. */
export const caller = 'ann' as UserId;

/** The API over ports in memory, with `acme/shop` added. */
export interface ApiWorld {
  readonly app: ApiServer;
  readonly tasks: InMemoryTaskRepository;
  readonly approvals: InMemoryApprovalRepository;
  readonly policies: FakePolicyLoader;
  readonly slots: InMemorySlotRepository;
  readonly events: InMemoryEventLog;
  readonly repos: InMemoryRepoConfigRepository;
  readonly executions: InMemoryTaskExecutions;
  readonly compute: InMemoryComputeStrategy;
  readonly clock: FakeClock;
  readonly feed: SignalEventFeed;
  readonly logger: CapturingLogger;
  /** A request of the caller; `body` is sent as JSON, a text as it is. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests compare whatever came
  readonly json: any;
}

export function anApi(overrides: Partial<ApiDeps> = {}): ApiWorld {
  const clock = new FakeClock();
  const events = new InMemoryEventLog(clock);
  const tasks = new InMemoryTaskRepository(events);
  const ports = {
    clock,
    events,
    tasks,
    approvals: new InMemoryApprovalRepository(tasks),
    slots: new InMemorySlotRepository(),
    rates: new InMemoryRateLimiter(clock),
    policies: new FakePolicyLoader(),
    repos: new InMemoryRepoConfigRepository(aRepoConfig()),
    executions: new InMemoryTaskExecutions(),
    feed: new SignalEventFeed({ clock }),
    logger: new CapturingLogger(),
  };
  events.onAppend = (taskId) => {
    ports.feed.notify(taskId);
  };
  const compute = new InMemoryComputeStrategy();
  const app = createApi({
    ...ports,
    signals: new InMemorySessionSignals(),
    strategies: new Map<string, ComputeStrategy>([[compute.type, compute]]),
    ids: new SequentialIds(),
    authenticate: localTokenAuth(token, caller),
    version: '1.2.3',
    modelLabel: 'scripted',
    ...overrides,
  });
  return { app, compute, ...ports, call: (method, path, options) => call(app, method, path, options) };
}

/** A task of the caller that waits for an open request, the request in its place. Both builders' own unless it says otherwise. */
export async function anOpenRequest(
  { tasks, approvals }: Pick<ApiWorld, 'tasks' | 'approvals'>,
  fields: Partial<Approval> = {},
): Promise<Approval> {
  const approval = anApproval(fields);
  const { taskId, userId } = approval;
  await tasks.create({ task: aTask({ taskId, userId, status: 'RUNNING' }), events: [] });
  const { sessionId, generation } = aTask({ taskId, status: 'RUNNING' });
  if (sessionId === undefined) throw new Error('a running task has a session');
  const atMs = parseIso(approval.createdAt);
  await approvals.request({ approval, expectSession: { sessionId, generation }, atMs, events: [] });
  return approval;
}

async function call(app: ApiServer, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { body, headers } = options;
  const response = await app.request(path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && json), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) };
}

const json = { 'content-type': 'application/json' };

/** An event of a stream, as a client reads it. */
export interface SseEvent {
  readonly id: string;
  readonly event: string;
  readonly data: EventView;
}

/** The events in a piece of a stream. A client keeps `rest`, an event that is not whole yet, for the next piece. */
export function parseSse(text: string): { readonly events: readonly SseEvent[]; readonly rest: string } {
  const blocks = text.split('\n\n');
  const rest = blocks.pop() ?? '';
  const events = blocks.flatMap((block) => {
    const fields = Object.fromEntries(
      block.split('\n').map((line) => {
        const [name = '', ...value] = line.split(': ');
        return [name, value.join(': ')];
      }),
    );
    return fields['id'] === undefined
      ? []
      : [{ id: fields['id'], event: fields['event'] ?? '', data: JSON.parse(fields['data'] ?? '') as EventView }];
  });
  return { events, rest };
}
