import {
  AbcaError,
  emptyContext,
  formatIso,
  limits,
  mintSessionId,
  tableNames,
  tokens,
  type EventOwner,
  type NewTaskEvent,
  type RepoId,
  type Task,
  type TaskRepository,
  type UserId,
} from '@abca/core';
import { anApproval, aRepoConfig, aTask, aTaskId, FakeClock, SequentialIds, testEpochMs } from '@abca/core/testing';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { Container, ContainerModule } from 'inversify';
import { createDynamoStores } from './create-dynamo-stores.ts';
import { useTestDatabase } from './database.test-kit.ts';
import { dynamoDbModule } from './module.ts';

const database = useTestDatabase();

const milestone = (name: string): NewTaskEvent => ({ eventType: 'agent_milestone', metadata: { milestone: name } });
const owner: EventOwner = { taskId: aTaskId(1), userId: 'ann' as UserId, repo: 'acme/shop' as RepoId };

const coded = (call: Promise<unknown>): Promise<AbcaError> =>
  call.then(
    () => {
      throw new Error('the call did not fail');
    },
    (error: unknown) => {
      if (AbcaError.is(error)) return error;
      throw error;
    },
  );
const scan = async (TableName: string): Promise<Record<string, unknown>[]> =>
  (await database.client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];
const put = (TableName: string, Item: Record<string, unknown>) =>
  database.client.send(new PutCommand({ TableName, Item }));

describe('items', () => {
  test('have snake_case names, and foreign data its own', async () => {
    const { tasks, tables } = await database.install();
    const task = aTask({ status: 'RUNNING', sessionHandle: { strategyType: 'x', sessionId: 's', theirName: 1 } });

    await tasks.create({ task, events: [milestone('m')] });

    expect(await scan(tables.tasks)).toStrictEqual([
      {
        task_id: task.taskId,
        user_id: 'ann',
        repo: 'acme/shop',
        task_type: 'new_task',
        task_description: task.taskDescription,
        status: 'RUNNING',
        status_created_at: task.createdAt,
        created_at: task.createdAt,
        updated_at: task.createdAt,
        deadline_at: task.deadlineAt,
        generation: 1,
        session_id: task.sessionId,
        session_handle: { strategyType: 'x', sessionId: 's', theirName: 1 },
        version: 1,
      },
    ]);
    expect(await scan(tables.events)).toStrictEqual([
      {
        task_id: task.taskId,
        seq: 1,
        event_id: expect.any(String),
        event_type: 'agent_milestone',
        timestamp: formatIso(testEpochMs),
        metadata: { milestone: 'm' },
        user_id: 'ann',
        repo: 'acme/shop',
        ttl: Math.ceil((testEpochMs + limits.eventTtlMs) / 1000),
      },
    ]);
  });

  test('of an idempotency key hold neither key nor user, and go after 90 days', async () => {
    const { tasks, tables } = await database.install();

    await tasks.create({ task: aTask(), idempotency: { key: 'my key', requestHash: 'h' }, events: [] });

    const [item] = (await scan(tables.tasks)).filter(({ task_id: id }) => String(id).startsWith('idem#'));
    expect(item).toStrictEqual({
      task_id: expect.stringMatching(/^idem#[0-9a-f]{64}$/),
      made_task_id: aTaskId(1),
      request_hash: 'h',
      ttl: Math.ceil((testEpochMs + limits.taskTtlMs) / 1000),
    });
  });
});

describe('an idempotency key', () => {
  test('is free again after its ttl, though the store has not removed it yet', async () => {
    const { tasks } = await database.install();
    const idempotency = { key: 'k', requestHash: 'h' };
    await tasks.create({ task: aTask(), idempotency, events: [] });
    const later = formatIso(testEpochMs + limits.taskTtlMs + 1_000);

    const result = await tasks.create({
      task: aTask({ taskId: aTaskId(2), createdAt: later }),
      idempotency,
      events: [],
    });

    expect(result).toMatchObject({ kind: 'created', task: { taskId: aTaskId(2) } });
  });

  test('whose task is gone is told as corrupt', async () => {
    const { tasks, tables } = await database.install();
    const idempotency = { key: 'k', requestHash: 'h' };
    await tasks.create({ task: aTask(), idempotency, events: [] });
    await database.client.send(new DeleteCommand({ TableName: tables.tasks, Key: { task_id: aTaskId(1) } }));

    const error = await coded(tasks.create({ task: aTask({ taskId: aTaskId(2) }), idempotency, events: [] }));

    expect(error.code).toBe('STORE_CORRUPT');
    expect(error.message).toContain(aTaskId(1));
  });
});

describe('what is not as it was written', () => {
  test('is told with its key and the fields', async () => {
    const { tasks, events, repos, slots, rates, contexts, tables } = await database.install();
    const good = aTask();
    await tasks.create({ task: good, events: [milestone('m')] });
    const damage = (TableName: string, Key: Record<string, unknown>, name: string, value: unknown) =>
      database.client.send(
        new UpdateCommand({
          TableName,
          Key,
          UpdateExpression: 'SET #n = :v',
          ExpressionAttributeNames: { '#n': name },
          ExpressionAttributeValues: { ':v': value },
        }),
      );
    await damage(tables.tasks, { task_id: good.taskId }, 'generation', 'one');
    await damage(tables.events, { task_id: good.taskId, seq: 1 }, 'event_type', 'no such type');
    await put(tables.repos, { repo: 'acme/bad', status: 'active' });
    await put(tables.slots, { user_id: 'ann', holders: 'all' });
    await put(tables.rateLimits, { key: 'k', takes: ['never'] });
    await put(tables.tasks, { task_id: `${aTaskId(5)}#context`, version: 'v', chunks: 0 });

    const errors = await Promise.all([
      coded(tasks.find(good.taskId)),
      coded(tasks.transition({ taskId: good.taskId, from: 'SUBMITTED', to: 'FAILED', atMs: 0, events: [] })),
      coded(tasks.list({ userId: 'ann' as UserId, limit: 5 })),
      coded(events.read({ taskId: good.taskId, after: 0, limit: 5 })),
      coded(repos.find('acme/bad' as RepoId)),
      coded(slots.inspect('ann' as UserId)),
      coded(rates.take('k', { limit: 1, windowMs: 1 })),
      coded(contexts.find(aTaskId(5))),
    ]);

    expect(errors.map(({ code }) => code)).toStrictEqual(errors.map(() => 'STORE_CORRUPT'));
    expect(errors[0]?.message).toContain(`task ${good.taskId} in the store does not have its shape: generation:`);
    expect(errors[0]?.details).toStrictEqual({ paths: ['generation'] });
    expect(errors[4]?.message).toContain('acme/bad');
  });
});

describe('the event log', () => {
  test('numbers 1,000 events of 4 writers of 4 processes without a gap', async () => {
    const { events, another } = await database.install();
    const writers = [events, another().events, another().events, another().events];

    await Promise.all(
      writers.map(async (writer, w) => {
        for (let n = 0; n < 50; n += 1) {
          await writer.append(
            owner,
            Array.from({ length: 5 }, (_, i) => milestone(`${String(w)}.${String(n)}.${String(i)}`)),
          );
        }
      }),
    );

    const stored = await events.read({ taskId: owner.taskId, after: 0, limit: 1_000 });
    expect(stored.map(({ seq }) => seq)).toStrictEqual(Array.from({ length: 1_000 }, (_, n) => n + 1));
    expect(new Set(stored.map(({ metadata }) => metadata['milestone'])).size).toBe(1_000);
  });

  test('reads on over the pages of the store', async () => {
    const { events } = await database.install();
    const large = 'x'.repeat(100_000);
    for (let n = 0; n < 15; n += 1) await events.append(owner, [milestone(`${String(n)}${large}`)]);

    const stored = await events.read({ taskId: owner.taskId, after: 1, limit: 1_000 });

    expect(stored.map(({ seq }) => seq)).toStrictEqual(Array.from({ length: 14 }, (_, n) => n + 2));
  });

  test.each([1, 2])('does not write %d events twice when the answer to their write was lost', async (count) => {
    const { another } = await database.install();
    let lost = 0;
    // The store has written; the SDK sends the request again and meets its own event.
    const { events } = another(async (command, send) => {
      const isWrite = !command.constructor.name.startsWith('Query');
      if (isWrite && lost === 0) {
        lost += 1;
        await send();
        if (count > 1) delete (command as { input: { ClientRequestToken?: string } }).input.ClientRequestToken;
      }
      return send();
    });

    const appended = await events.append(
      owner,
      Array.from({ length: count }, (_, n) => milestone(String(n))),
    );

    const stored = await events.read({ taskId: owner.taskId, after: 0, limit: 10 });
    expect(lost).toBe(1);
    expect(stored).toStrictEqual(appended);
    expect(stored).toHaveLength(count);
  });
});

describe('the context store', () => {
  const context = { ...emptyContext, body: 'x'.repeat(900_000) };

  test('never shows a context that was half written', async () => {
    const { contexts, tables } = await database.install();
    await contexts.put(aTaskId(1), context);
    const chunk = { task_id: `${aTaskId(1)}#context#unfinished#0`, data: Buffer.from('{"comm') };
    await put(tables.tasks, chunk);

    expect(await contexts.find(aTaskId(1))).toStrictEqual(context);
  });

  test('says when a part is missing', async () => {
    const { contexts, tables } = await database.install();
    await contexts.put(aTaskId(1), context);
    const part = (await scan(tables.tasks)).find(({ task_id: id }) => String(id).endsWith('#1'));
    await database.client.send(new DeleteCommand({ TableName: tables.tasks, Key: { task_id: part?.['task_id'] } }));

    const error = await coded(contexts.find(aTaskId(1)));

    expect(error.code).toBe('STORE_CORRUPT');
  });

  test('says when the parts make no context', async () => {
    const { contexts, tables } = await database.install();
    await contexts.put(aTaskId(1), emptyContext);
    const part = (await scan(tables.tasks)).find(({ task_id: id }) => String(id).endsWith('#0'));
    await put(tables.tasks, { ...part, data: Buffer.from('{"comm') });

    expect((await coded(contexts.find(aTaskId(1)))).code).toBe('STORE_CORRUPT');
  });

  test('removes the parts of what it replaces, and shows in no list', async () => {
    const { contexts, tasks, tables } = await database.install();
    await contexts.put(aTaskId(1), context);
    await contexts.put(aTaskId(1), emptyContext);

    expect(await scan(tables.tasks)).toHaveLength(2);
    expect(await tasks.list({ userId: 'ann' as UserId, limit: 10 })).toStrictEqual({ tasks: [] });
  });
});

describe('listing', () => {
  test('does not show the tasks of the user whose token it is given', async () => {
    const { tasks } = await database.install();
    for (const n of [1, 2, 3, 4]) {
      const userId = (n < 4 ? 'ann' : 'bob') as UserId;
      await tasks.create({
        task: aTask({ taskId: aTaskId(n), userId, createdAt: formatIso(testEpochMs + n) }),
        events: [],
      });
    }
    const { nextToken } = await tasks.list({ userId: 'ann' as UserId, limit: 1 });

    const page = await tasks.list({ userId: 'bob' as UserId, limit: 10, nextToken: nextToken! });

    expect(page.tasks.every(({ userId }) => userId === 'bob')).toBe(true);
  });

  test('filters over more tasks than one query reads', async () => {
    const { tasks } = await database.install();
    const many = Array.from({ length: 230 }, (_, n) =>
      aTask({
        taskId: aTaskId(n),
        createdAt: formatIso(testEpochMs + n),
        status: n % 115 === 0 ? 'RUNNING' : 'SUBMITTED',
      }),
    );
    await Promise.all(many.map((task) => tasks.create({ task, events: [] })));

    const page = await tasks.list({ userId: 'ann' as UserId, limit: 5, statuses: ['RUNNING'] });

    expect(page).toStrictEqual({ tasks: [many[115], many[0]] });
  });

  test.each([0, 101, 1.5])('refuses a limit of %d', async (limit) => {
    const { tasks } = await database.install();

    expect((await coded(tasks.list({ userId: 'ann' as UserId, limit }))).code).toBe('VALIDATION_ERROR');
  });
});

describe('a store that fails', () => {
  const stores = (endpoint: string, tables = tableNames('no-such')) =>
    createDynamoStores(
      DynamoDBDocumentClient.from(
        new DynamoDBClient({
          endpoint,
          region: 'us-east-1',
          credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
          maxAttempts: 1,
        }),
      ),
      { tables, clock: new FakeClock(), ids: new SequentialIds() },
    );
  const delivery = { taskId: aTaskId(1), seq: 1, channel: 'slack' } as const;
  const everyCall = ({
    tasks,
    approvals,
    events,
    slots,
    rates,
    repos,
    contexts,
    outbox,
  }: ReturnType<typeof stores>) => [
    tasks.create({ task: aTask(), events: [] }),
    tasks.find(aTaskId(1)),
    tasks.transition({ taskId: aTaskId(1), from: 'SUBMITTED', to: 'FAILED', atMs: 0, events: [] }),
    tasks.amend({ taskId: aTaskId(1), patch: {}, atMs: 0, whileIn: ['RUNNING'] }),
    tasks.list({ userId: 'ann' as UserId, limit: 1 }),
    tasks.listByStatus({ status: 'RUNNING', limit: 1 }),
    approvals.request({
      approval: anApproval(),
      expectSession: { sessionId: mintSessionId(aTaskId(1), 1), generation: 1 },
      atMs: 0,
      events: [],
    }),
    approvals.decide({ ...anApproval(), decision: { kind: 'deny' }, atMs: 0, events: [] }),
    approvals.expire({ ...anApproval(), atMs: 0 }),
    approvals.find(anApproval()),
    approvals.listPending({ userId: 'ann' as UserId, nowMs: 0, limit: 1 }),
    events.append(owner, [milestone('m')]),
    events.read({ taskId: aTaskId(1), after: 0, limit: 1 }),
    slots.acquire('ann' as UserId, { taskId: aTaskId(1), createdAt: formatIso(0) }, { slots: 1, queued: 1 }),
    slots.inspect('ann' as UserId),
    rates.take('k', { limit: 1, windowMs: 1 }),
    repos.find('a/b' as RepoId),
    repos.put(aRepoConfig()),
    repos.list({ limit: 1 }),
    contexts.put(aTaskId(1), emptyContext),
    contexts.find(aTaskId(1)),
    outbox.claim(delivery, { nowMs: 0, claimMs: 1 }),
    outbox.settle({ key: delivery, claimId: 'c', attempt: 1, firstMs: 0 }, { kind: 'delivered' }, { nowMs: 0 }),
    outbox.listDue({ nowMs: 0, limit: 1 }),
    outbox.find(delivery),
  ];

  test('is worth another try when it does not answer', async () => {
    const errors = await Promise.all(everyCall(stores('http://127.0.0.1:1')).map(coded));

    for (const error of errors) {
      expect(error).toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        retryable: true,
        details: { reason: 'ECONNREFUSED' },
      });
    }
  });

  test('is not when its tables are missing', async () => {
    const endpoint = await database.base.config.endpoint?.();
    const url = `http://${String(endpoint?.hostname)}:${String(endpoint?.port)}`;

    const errors = await Promise.all(everyCall(stores(url)).map(coded));

    for (const error of errors) {
      expect(error).toMatchObject({
        code: 'STORE_ERROR',
        retryable: false,
        details: { reason: 'ResourceNotFoundException' },
      });
    }
  });
});

describe('dynamoDbModule()', () => {
  test('binds every store port, each once, over one client', async () => {
    const { tables, clock } = await database.install();
    const container = new Container();
    container.load(
      new ContainerModule(({ bind }) => {
        bind(tokens.dynamoDbClient).toConstantValue(database.client);
        bind(tokens.clock).toConstantValue(clock);
        bind(tokens.idGenerator).toConstantValue(new SequentialIds());
      }),
      dynamoDbModule({ tables }),
    );
    const task: Task = aTask();

    await container.get<TaskRepository>(tokens.taskRepository).create({ task, events: [milestone('m')] });

    const stores = [
      tokens.taskRepository,
      tokens.approvalRepository,
      tokens.eventLog,
      tokens.slotRepository,
      tokens.rateLimiter,
      tokens.repoConfigRepository,
      tokens.contextStore,
      tokens.outbox,
    ];
    for (const token of stores) {
      expect(container.get<object>(token)).toBe(container.get<object>(token));
    }
    const stored = await database.client.send(
      new GetCommand({ TableName: tables.tasks, Key: { task_id: task.taskId } }),
    );
    expect(stored.Item).toMatchObject({ status: 'SUBMITTED' });
  });
});
