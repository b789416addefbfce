import { AbcaError, buildStatusWrite, isTerminal, sessionStatuses } from '@abca/core';
import type {
  CallOptions,
  CreateTaskResult,
  LeaseRenewal,
  LeaseResult,
  NewTask,
  Task,
  TaskAmendment,
  TaskId,
  TaskPage,
  TaskQuery,
  TaskRepository,
  TaskStatus,
  TaskTransition,
  TransitionResult,
} from '@abca/core';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { closeRequest } from '../approvals/close-request.ts';
import { conditionalWrite, returnOld, type Item, type TransactItem } from '../dynamo/conditional-write.ts';
import { queryPage, type PageQuery } from '../dynamo/query-page.ts';
import { updateExpression, type ItemChange } from '../dynamo/update-expression.ts';
import type { EventAppender } from '../events/event-appender.ts';
import { createTask } from './create-task.ts';
import { findVersionedTask } from './find-task.ts';
import { amendmentWrite, toAmendmentChange, transitionWrite, writeTask } from './write-task.ts';
import { taskCodec, type VersionedTask } from './task-items.ts';

/** {@link TaskRepository} in a table keyed by task id, with the events in the transactions of the moves they tell of. */
export class DynamoTaskRepository implements TaskRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #approvalsTable: string;
  readonly #appender: EventAppender;

  constructor(
    client: DynamoDBDocumentClient,
    options: {
      /** Name of the tasks table. */
      readonly table: string;
      /** Name of the approvals table: the end of a task that waits closes its request. */
      readonly approvalsTable: string;
      readonly appender: EventAppender;
    },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#approvalsTable = options.approvalsTable;
    this.#appender = options.appender;
  }

  async create(newTask: NewTask, options: CallOptions = {}): Promise<CreateTaskResult> {
    options.signal?.throwIfAborted();
    const result = await createTask({ table: this.#table, appender: this.#appender }, newTask, options);
    if (result.kind === 'created') return result;
    const { taskId, requestHash } = result.usedKey;
    const task = await this.find(taskId, options);
    if (task === undefined) {
      throw new AbcaError(
        'STORE_CORRUPT',
        `task ${taskId} is named by an idempotency key and not there; use a new key`,
      );
    }
    return { kind: requestHash === newTask.idempotency?.requestHash ? 'replayed' : 'key_reused', task };
  }

  async find(taskId: TaskId, options: CallOptions = {}): Promise<Task | undefined> {
    return (await this.#findVersioned(taskId, options))?.task;
  }

  async transition(move: TaskTransition, options: CallOptions = {}): Promise<TransitionResult> {
    options.signal?.throwIfAborted();
    const write = transitionWrite(buildStatusWrite(move));
    const endsWait = move.from === 'AWAITING_APPROVAL' && isTerminal(move.to);
    const alongside = (task: Task, calls: CallOptions) => this.#closeRequest(task, move.atMs, calls);
    return writeTask(
      this.#writer(),
      { taskId: move.taskId, write: { ...write, ...(endsWait && { alongside }) }, events: move.events },
      options,
    );
  }

  async amend(amendment: TaskAmendment, options: CallOptions = {}): Promise<TransitionResult> {
    options.signal?.throwIfAborted();
    const { taskId, whileIn, events = [] } = amendment;
    if (events.length > 0 || whileIn.length === 0) {
      return writeTask(this.#writer(), { taskId, write: amendmentWrite(amendment), events }, options);
    }
    const result = await this.#update(taskId, toAmendmentChange(amendment), options);
    if (result.kind === 'written') return { kind: 'moved', task: taskCodec.parse(result.value) };
    return result.item === undefined ? { kind: 'absent' } : { kind: 'lost', task: taskCodec.parse(result.item) };
  }

  async renewLease(renewal: LeaseRenewal, options: CallOptions = {}): Promise<LeaseResult> {
    const { taskId, sessionId, generation, leaseExpiresAt } = renewal;
    const result = await this.#update(
      taskId,
      {
        set: taskCodec.toItem({ leaseExpiresAt }),
        expect: taskCodec.toItem({ sessionId, generation }),
        expectOneOf: { status: sessionStatuses },
      },
      options,
    );
    if (result.kind === 'written') return { kind: 'renewed', task: taskCodec.parse(result.value) };
    return { kind: 'lost', task: result.item && taskCodec.parse(result.item) };
  }

  async list({ userId, statuses, limit, nextToken }: TaskQuery, options: CallOptions = {}): Promise<TaskPage> {
    if (statuses?.length === 0) return { tasks: [] };
    return this.#list(
      {
        what: `listing the tasks of ${userId}`,
        index: 'by-user',
        partition: { name: 'user_id', value: userId },
        sortName: 'created_at',
        descending: true,
        ...(statuses && { keep: { name: 'status', values: statuses } }),
        limit,
        nextToken,
      },
      options,
    );
  }

  async listByStatus(
    { status, limit, nextToken }: { readonly status: TaskStatus; readonly limit: number; readonly nextToken?: string },
    options: CallOptions = {},
  ): Promise<TaskPage> {
    return this.#list(
      {
        what: `listing the tasks that are ${status}`,
        index: 'by-status',
        partition: { name: 'status', value: status },
        sortName: 'status_created_at',
        descending: false,
        limit,
        nextToken,
      },
      options,
    );
  }

  async listOpenSessions(
    { limit, nextToken }: { readonly limit: number; readonly nextToken?: string },
    options: CallOptions = {},
  ): Promise<TaskPage> {
    return this.#list(
      {
        what: 'listing the open sessions',
        index: 'by-open-session',
        partition: { name: 'session_open', value: 'open' },
        sortName: 'session_since',
        descending: false,
        limit,
        nextToken,
      },
      options,
    );
  }

  async #list(query: Omit<PageQuery, 'table' | 'idName'>, options: CallOptions): Promise<TaskPage> {
    const { items, ...next } = await queryPage(
      this.#client,
      { ...query, table: this.#table, idName: 'task_id' },
      options,
    );
    return { tasks: items.map((item) => taskCodec.parse(item)), ...next };
  }

  #writer() {
    return {
      table: this.#table,
      appender: this.#appender,
      find: (taskId: TaskId, options: CallOptions) => this.#findVersioned(taskId, options),
    };
  }

  #findVersioned(taskId: TaskId, options: CallOptions): Promise<VersionedTask | undefined> {
    return findVersionedTask(this.#client, { table: this.#table, taskId }, options);
  }

  #closeRequest(task: Task, atMs: number, options: CallOptions): Promise<readonly TransactItem[]> {
    return closeRequest(this.#client, { table: this.#approvalsTable, task, atMs }, options);
  }

  #update(taskId: TaskId, change: Omit<ItemChange, 'exists'>, options: CallOptions) {
    const update = new UpdateCommand({
      TableName: this.#table,
      Key: { task_id: taskId },
      ...updateExpression({ ...change, add: { version: 1 }, exists: 'task_id' }),
      ReturnValues: 'ALL_NEW',
      ...returnOld,
    });
    return conditionalWrite(`writing task ${taskId}`, options, async (http): Promise<Item> => {
      const { Attributes = {} } = await this.#client.send(update, http);
      return Attributes;
    });
  }
}
