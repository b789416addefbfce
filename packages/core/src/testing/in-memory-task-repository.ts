import { AbcaError } from '../errors/abca-error.ts';
import type { EventOwner, NewTaskEvent } from '../events/task-event.ts';
import type { RequestId, TaskId } from '../ids/ids.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type {
  CreateTaskResult,
  LeaseRenewal,
  LeaseResult,
  NewTask,
  TaskAmendment,
  TaskPage,
  TaskQuery,
  TaskRepository,
  TaskTransition,
  TransitionResult,
} from '../ports/task-repository.ts';
import { applyStatusWrite, buildStatusWrite, meetsCondition } from '../task/status-write.ts';
import { isTerminal, sessionStatuses, type TaskStatus } from '../task/task-status.ts';
import type { Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';
import { InMemoryEventLog } from './in-memory-event-log.ts';

/** A task ended while it waited for this request. */
export interface EndedWait {
  readonly taskId: TaskId;
  readonly requestId: RequestId;
  readonly atMs: number;
}

/** {@link TaskRepository} in memory. Each call is one turn of the event loop, so calls are atomic. */
export class InMemoryTaskRepository implements TaskRepository {
  readonly #tasks = new Map<TaskId, Task>();
  readonly #keys = new Map<string, { readonly requestHash: string; readonly taskId: TaskId }>();
  readonly #events: InMemoryEventLog;
  /** Called in the turn in which a task ends that waited for a request: its approvals close the request then. */
  onWaitEnded: ((ended: EndedWait) => void) | undefined;

  constructor(events: InMemoryEventLog = new InMemoryEventLog()) {
    this.#events = events;
  }

  async create({ task, idempotency, events }: NewTask, options: CallOptions = {}): Promise<CreateTaskResult> {
    options.signal?.throwIfAborted();
    const key = idempotency && JSON.stringify([task.userId, idempotency.key]);
    const used = key === undefined ? undefined : this.#keys.get(key);
    if (used !== undefined) {
      return {
        kind: used.requestHash === idempotency?.requestHash ? 'replayed' : 'key_reused',
        task: this.#get(used.taskId),
      };
    }
    if (this.#tasks.has(task.taskId)) throw new AbcaError('STORE_ERROR', `task ${task.taskId} exists already`);
    if (key !== undefined && idempotency)
      this.#keys.set(key, { requestHash: idempotency.requestHash, taskId: task.taskId });
    this.#put(task);
    this.#events.appendNow(task, events);
    return { kind: 'created', task: this.#get(task.taskId) };
  }

  async find(taskId: TaskId, options: CallOptions = {}): Promise<Task | undefined> {
    options.signal?.throwIfAborted();
    return structuredClone(this.#tasks.get(taskId));
  }

  async transition(move: TaskTransition, options: CallOptions = {}): Promise<TransitionResult> {
    options.signal?.throwIfAborted();
    return this.transitionNow(move);
  }

  /** {@link transition} within the same turn, for writes that are one transaction with it. */
  transitionNow(move: TaskTransition): TransitionResult {
    const write = buildStatusWrite(move);
    const task = this.#tasks.get(move.taskId);
    if (task === undefined) return { kind: 'absent' };
    if (!meetsCondition(task, write.condition)) return { kind: 'lost', task: this.#get(move.taskId) };
    this.#put(applyStatusWrite(task, write));
    this.#events.appendNow(task, move.events);
    const requestId = isTerminal(move.to) ? task.awaitingApprovalRequestId : undefined;
    if (requestId !== undefined) this.onWaitEnded?.({ taskId: move.taskId, requestId, atMs: move.atMs });
    return { kind: 'moved', task: this.#get(move.taskId) };
  }

  /** {@link find} within the same turn. */
  findNow(taskId: TaskId): Task | undefined {
    return structuredClone(this.#tasks.get(taskId));
  }

  /** Append to the log of a task within the same turn. */
  appendNow(owner: EventOwner, events: readonly NewTaskEvent[]): void {
    this.#events.appendNow(owner, events);
  }

  async amend(
    { taskId, patch, remove = [], atMs, whileIn, expectSession, events = [] }: TaskAmendment,
    options: CallOptions = {},
  ): Promise<TransitionResult> {
    options.signal?.throwIfAborted();
    const task = this.#tasks.get(taskId);
    if (task === undefined) return { kind: 'absent' };
    const holds = whileIn.includes(task.status) && meetsCondition(task, { ...expectSession });
    if (!holds) return { kind: 'lost', task: this.#get(taskId) };
    this.#put(applyStatusWrite(task, { set: { ...patch, updatedAt: formatIso(atMs) }, remove, condition: {} }));
    this.#events.appendNow(task, events);
    return { kind: 'moved', task: this.#get(taskId) };
  }

  async renewLease(
    { taskId, sessionId, generation, leaseExpiresAt }: LeaseRenewal,
    options: CallOptions = {},
  ): Promise<LeaseResult> {
    options.signal?.throwIfAborted();
    const task = this.#tasks.get(taskId);
    const holds =
      task !== undefined &&
      (sessionStatuses as readonly TaskStatus[]).includes(task.status) &&
      meetsCondition(task, { sessionId, generation });
    if (!holds) return { kind: 'lost', task: structuredClone(task) };
    this.#put({ ...task, leaseExpiresAt });
    return { kind: 'renewed', task: this.#get(taskId) };
  }

  async list({ userId, statuses, limit, nextToken }: TaskQuery, options: CallOptions = {}): Promise<TaskPage> {
    options.signal?.throwIfAborted();
    const all = [...this.#tasks.values()]
      .filter((task) => task.userId === userId && (statuses === undefined || statuses.includes(task.status)))
      .map((task) => placed(task, task.createdAt));
    return page(all, { limit, nextToken, descending: true });
  }

  async listByStatus(
    { status, limit, nextToken }: { readonly status: TaskStatus; readonly limit: number; readonly nextToken?: string },
    options: CallOptions = {},
  ): Promise<TaskPage> {
    options.signal?.throwIfAborted();
    const all = [...this.#tasks.values()]
      .filter((task) => task.status === status)
      .map((task) => placed(task, task.statusCreatedAt));
    return page(all, { limit, nextToken });
  }

  async listOpenSessions(
    { limit, nextToken }: { readonly limit: number; readonly nextToken?: string },
    options: CallOptions = {},
  ): Promise<TaskPage> {
    options.signal?.throwIfAborted();
    const all = [...this.#tasks.values()]
      .filter((task) => task.sessionOpen !== undefined)
      .map((task) => placed(task, task.sessionSince ?? ''));
    return page(all, { limit, nextToken });
  }

  #get(taskId: TaskId): Task {
    const task = this.#tasks.get(taskId);
    if (task === undefined) throw new AbcaError('STORE_CORRUPT', `task ${taskId} is named by a key and not there`);
    return structuredClone(task);
  }

  #put(task: Task): void {
    this.#tasks.set(task.taskId, structuredClone(task));
  }
}

/** A task with its place in a listing: a time, then its id. */
interface Placed {
  readonly place: string;
  readonly task: Task;
}

function placed(task: Task, time: string): Placed {
  return { place: `${time} ${task.taskId}`, task };
}

/** The token is a place, not a task: whoever pages may move the very task that the page ended with. */
function page(
  all: readonly Placed[],
  query: { readonly limit: number; readonly nextToken: string | undefined; readonly descending?: boolean },
): TaskPage {
  const { limit, nextToken, descending = false } = query;
  if (nextToken !== undefined && !/^\S+ [0-9A-Z]{26}$/.test(nextToken))
    throw new AbcaError('VALIDATION_ERROR', 'next_token is not one this listing gave');
  const rest = all
    .filter(({ place }) => nextToken === undefined || (descending ? place < nextToken : place > nextToken))
    .sort((a, b) => (a.place < b.place === descending ? 1 : -1));
  const found = rest.slice(0, limit);
  const last = found.at(-1);
  const more = last !== undefined && rest.length > limit;
  return { tasks: structuredClone(found.map(({ task }) => task)), ...(more && { nextToken: last.place }) };
}
