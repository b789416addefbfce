import {
  AbcaError,
  addMs,
  formatIso,
  milestoneEvent,
  mintSessionId,
  type Approval,
  type ApprovalDecision,
  type Decision,
  type NewApproval,
  type NewTaskEvent,
  type TaskTransition,
  type UserId,
} from '@abca/core';
import { anApproval, aRequestId, aTask, aTaskId, testEpochMs } from '@abca/core/testing';
import { TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { useTestDatabase, type Intercept, type TestInstallation } from '../database.test-kit.ts';

const database = useTestDatabase();
let world: TestInstallation;

beforeEach(async () => {
  world = await database.install();
});

const approval = anApproval();
const { taskId, requestId, userId } = approval;
const session = { sessionId: mintSessionId(taskId, 1), generation: 1 };
const atMs = testEpochMs + 60_000;
const told = (sha: string): NewTaskEvent => milestoneEvent('work_saved', { sha });
const approve: Decision = { kind: 'approve', scope: 'this_call' };
const request: NewApproval = { approval, expectSession: session, atMs: testEpochMs, events: [] };
const decision: ApprovalDecision = { taskId, requestId, userId, decision: approve, atMs, events: [told('d')] };
const cancel: TaskTransition = {
  taskId,
  from: 'AWAITING_APPROVAL',
  to: 'CANCELLED',
  atMs,
  events: [told('c')],
};
const resume: TaskTransition = { ...cancel, to: 'RUNNING', events: [] };

const run = () => world.tasks.create({ task: aTask({ status: 'RUNNING' }), events: [] });
const open = async (): Promise<void> => {
  await run();
  await world.approvals.request(request);
};
const forget = () =>
  database.client.send(
    new DeleteCommand({ TableName: world.tables.approvals, Key: { task_id: taskId, request_id: requestId } }),
  );
const beat = () => world.tasks.renewLease({ taskId, ...session, leaseExpiresAt: formatIso(atMs + 1) });
const itemOf = async () => {
  const Key = { task_id: taskId, request_id: requestId };
  return (await database.client.send(new GetCommand({ TableName: world.tables.approvals, Key }))).Item;
};
const toldOf = async () =>
  (await world.events.read({ taskId, after: 0, limit: 100 })).map(({ metadata }) => metadata['sha']);
/** The stores of another process; `action` happens after it has read, before its first transaction. */
const interrupted = (action: () => Promise<unknown>) => {
  let isDone = false;
  return world.another(async (command, send) => {
    if (command instanceof TransactWriteCommand && !isDone) {
      isDone = true;
      await action();
    }
    return send();
  });
};
/** Of the first write the answer is lost; it is sent again without the token by which the store would know it. */
const losingAnAnswer = (): Intercept => {
  let isLost = false;
  return async (command, send) => {
    const isWrite = command instanceof TransactWriteCommand || command instanceof UpdateCommand;
    if (!isWrite || isLost) return send();
    isLost = true;
    await send();
    delete (command as { input: { ClientRequestToken?: string } }).input.ClientRequestToken;
    return send();
  };
};
/** The first transaction meets other writers: `codes` are the reasons of its writes. */
const refusing = (...codes: readonly string[]): Intercept & { count(): number } => {
  let refused = 0;
  const intercept: Intercept = async (command, send) => {
    if (refused > 0) return send();
    if (command instanceof TransactWriteCommand) {
      refused += 1;
      throw new TransactionCanceledException({
        message: 'cancelled',
        $metadata: {},
        CancellationReasons: codes.map((Code) => ({ Code })),
      });
    }
    if (command instanceof UpdateCommand) {
      refused += 1;
      throw new TransactionConflictException({ message: 'conflict', $metadata: {} });
    }
    return send();
  };
  return Object.assign(intercept, { count: () => refused });
};

describe('the item of a request', () => {
  test('has snake_case names, and status and id as the key of the index, whatever closes it', async () => {
    await open();
    const asked = await itemOf();
    await world.approvals.expire({ taskId, requestId, atMs });
    const expired = await itemOf();

    expect(asked).toMatchObject({
      task_id: taskId,
      request_id: requestId,
      status: 'PENDING',
      status_request: `PENDING#${requestId}`,
      input_sha256: approval.inputSha256,
      judged: { matches: [{ rule_id: 'force_push_any', subjects: [{ kind: 'command' }] }] },
      ttl: approval.ttl,
    });
    expect(expired).toStrictEqual({
      ...asked,
      status: 'TIMED_OUT',
      status_request: `TIMED_OUT#${requestId}`,
      decided_at: formatIso(atMs),
    });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['APPROVED', () => world.approvals.decide(decision)],
    ['DENIED', () => world.approvals.decide({ ...decision, decision: { kind: 'deny' } })],
    ['STRANDED', () => world.tasks.transition(cancel)],
  ])('moves in the index when it is %s', async (status, close) => {
    await open();

    await close();

    expect(await itemOf()).toMatchObject({ status, status_request: `${status}#${requestId}` });
  });

  test('is told as corrupt when it is damaged, and does not keep its task from ending', async () => {
    await open();
    const damage: UpdateCommandInput = {
      TableName: world.tables.approvals,
      Key: { task_id: taskId, request_id: requestId },
      UpdateExpression: 'SET severity = :s',
      ExpressionAttributeValues: { ':s': 'none' },
    };
    await database.client.send(new UpdateCommand(damage));
    const codes = await Promise.all(
      [
        world.approvals.find(approval),
        world.approvals.decide(decision),
        world.approvals.listPending({ userId, nowMs: atMs, limit: 1 }),
      ].map((call) =>
        call.then(
          () => 'none',
          (error: unknown) => (AbcaError.is(error) ? error.code : error),
        ),
      ),
    );

    const ended = await world.tasks.transition(cancel);

    expect(codes).toStrictEqual(['STORE_CORRUPT', 'STORE_CORRUPT', 'STORE_CORRUPT']);
    expect(ended.kind).toBe('moved');
    expect(await itemOf()).toMatchObject({ status: 'STRANDED' });
  });
});

describe('the end of a task that waits', () => {
  test.each<[string, () => Promise<unknown>, string | undefined, string[]]>([
    ['is approved', () => world.approvals.decide(decision), 'APPROVED', ['d', 'c']],
    ['is denied', () => world.approvals.decide({ ...decision, decision: { kind: 'deny' } }), 'DENIED', ['d', 'c']],
    ['expires', () => world.approvals.expire({ taskId, requestId, atMs }), 'TIMED_OUT', ['c']],
    ['is removed after its ttl', forget, undefined, ['c']],
    ['stays, and the session renews its lease', beat, 'STRANDED', ['c']],
  ])('comes although the request %s between read and write', async (_name, action, status, events) => {
    await open();

    const result = await interrupted(action).tasks.transition(cancel);

    expect(result).toMatchObject({ kind: 'moved', task: { status: 'CANCELLED' } });
    expect((await world.approvals.find(approval))?.status).toBe(status);
    expect(await toldOf()).toStrictEqual(events);
  });

  test('is lost when the session goes on between read and write, and leaves the request', async () => {
    await open();
    await world.approvals.decide(decision);

    const result = await interrupted(() => world.tasks.transition(resume)).tasks.transition(cancel);

    expect(result).toMatchObject({ kind: 'lost', task: { status: 'RUNNING' } });
    expect((await world.approvals.find(approval))?.status).toBe('APPROVED');
  });

  test('closes the request it waits for when it is written, not the one it was read with', async () => {
    await open();
    const next = { ...approval, requestId: aRequestId(2) };
    const another = interrupted(async () => {
      await world.approvals.expire({ taskId, requestId, atMs });
      await world.tasks.transition(resume);
      await world.approvals.request({ ...request, approval: next });
    });

    const result = await another.tasks.transition(cancel);

    expect(result.kind).toBe('moved');
    expect((await world.approvals.find(approval))?.status).toBe('TIMED_OUT');
    expect((await world.approvals.find(next))?.status).toBe('STRANDED');
  });

  test('is told once when the answer to it was lost', async () => {
    await open();

    const result = await world.another(losingAnAnswer()).tasks.transition(cancel);

    expect(result.kind).toBe('moved');
    expect((await world.approvals.find(approval))?.status).toBe('STRANDED');
    expect(await toldOf()).toStrictEqual(['c']);
  });

  test.each([
    ['TransactionConflict', 'None', 'None'],
    ['None', 'TransactionConflict', 'None'],
  ])('is tried again after a conflict: %s, %s, %s', async (...codes) => {
    await open();
    const refuse = refusing(...codes);

    const result = await world.another(refuse).tasks.transition(cancel);

    expect([result.kind, refuse.count()]).toStrictEqual(['moved', 1]);
    expect((await world.approvals.find(approval))?.status).toBe('STRANDED');
  });
});

describe('decide()', () => {
  const moveOn = () => world.tasks.transition(resume);
  const removeTask = () =>
    database.client.send(new DeleteCommand({ TableName: world.tables.tasks, Key: { task_id: taskId } }));
  const giveAway = async () =>
    database.client.send(
      new PutCommand({ TableName: world.tables.approvals, Item: { ...(await itemOf()), user_id: 'bob' } }),
    );

  const cutShort = async () => {
    const Item = { ...(await itemOf()), expires_at: formatIso(atMs) };
    await database.client.send(new PutCommand({ TableName: world.tables.approvals, Item }));
  };

  test.each<[string, () => Promise<unknown>, unknown]>([
    ['the time of the request is cut short', cutShort, { kind: 'already_decided', status: 'TIMED_OUT' }],
    ['the task is cancelled', () => world.tasks.transition(cancel), { kind: 'already_decided', status: 'STRANDED' }],
    [
      'the request expires',
      () => world.approvals.expire({ taskId, requestId, atMs }),
      { kind: 'already_decided', status: 'TIMED_OUT' },
    ],
    [
      'it is denied',
      () => world.approvals.decide({ ...decision, decision: { kind: 'deny' } }),
      { kind: 'already_decided', status: 'DENIED' },
    ],
    ['the request is removed', forget, { kind: 'not_found' }],
    ['the request becomes another person’s', giveAway, { kind: 'not_found' }],
    ['the task goes on', moveOn, { kind: 'task_moved_on' }],
    ['the task is removed', removeTask, { kind: 'task_moved_on' }],
    [
      'the task goes on and the request expires',
      async () => {
        await moveOn();
        await world.approvals.expire({ taskId, requestId, atMs });
      },
      { kind: 'already_decided', status: 'TIMED_OUT' },
    ],
  ])('says what came first when, between read and write, %s', async (_name, action, answer) => {
    await open();

    const result = await interrupted(action).approvals.decide({ ...decision, events: [told('x')] });

    expect(result).toStrictEqual(answer);
    expect(await toldOf()).not.toContain('x');
  });

  test('is not disturbed by a heartbeat', async () => {
    await open();

    expect((await interrupted(beat).approvals.decide(decision)).kind).toBe('decided');
  });

  test.each([[[told('d')]], [[]]])('knows its own write when the answer was lost, with events %j', async (events) => {
    await open();

    const result = await world.another(losingAnAnswer()).approvals.decide({ ...decision, events });

    expect(result).toStrictEqual({ kind: 'decided', approval: await world.approvals.find(approval) });
    expect(await toldOf()).toHaveLength(events.length);
  });

  test.each([
    ['TransactionConflict', 'None', 'None'],
    ['None', 'TransactionConflict', 'None'],
    ['TransactionConflict', 'ConditionalCheckFailed', 'None'],
  ])('is tried again after a conflict: %s, %s, %s', async (...codes) => {
    await open();
    const refuse = refusing(...codes);

    const result = await world.another(refuse).approvals.decide(decision);

    expect([result.kind, refuse.count()]).toStrictEqual(['decided', 1]);
    expect(await toldOf()).toStrictEqual(['d']);
  });
});

describe('request()', () => {
  test('is not disturbed by a heartbeat', async () => {
    await run();

    expect(await interrupted(beat).approvals.request(request)).toMatchObject({
      kind: 'requested',
      task: { status: 'AWAITING_APPROVAL', leaseExpiresAt: formatIso(atMs + 1) },
    });
  });

  test('is lost to a cancel that comes between read and write', async () => {
    await run();
    const action = () => world.tasks.transition({ ...cancel, from: 'RUNNING' });

    const result = await interrupted(action).approvals.request(request);

    expect(result).toMatchObject({ kind: 'lost', task: { status: 'CANCELLED' } });
    expect(await itemOf()).toBeUndefined();
  });

  test.each([[[told('r')]], [[]]])('knows its own write when the answer was lost, with events %j', async (events) => {
    await run();

    const result = await world.another(losingAnAnswer()).approvals.request({ ...request, events });

    expect(result).toStrictEqual({ kind: 'requested', task: await world.tasks.find(taskId) });
    expect(await toldOf()).toHaveLength(events.length);
  });

  test.each([
    ['TransactionConflict', 'None'],
    ['None', 'TransactionConflict'],
    ['ConditionalCheckFailed', 'ConditionalCheckFailed'],
  ])('is tried again after a conflict: %s, %s', async (...codes) => {
    await run();
    const refuse = refusing(...codes);

    const result = await world.another(refuse).approvals.request(request);

    expect([result.kind, refuse.count()]).toStrictEqual(['requested', 1]);
  });
});

describe('writes of one item', () => {
  test('are repeated while a transaction holds it: a time-out, a heartbeat, an amendment', async () => {
    await open();
    const refusals = [refusing(), refusing(), refusing()] as const;
    const whileIn = ['AWAITING_APPROVAL'] as const;

    const results = [
      await world.another(refusals[0]).approvals.expire({ taskId, requestId, atMs }),
      await world.another(refusals[1]).tasks.renewLease({ taskId, ...session, leaseExpiresAt: formatIso(atMs) }),
      await world.another(refusals[2]).tasks.amend({ taskId, patch: { branch: 'b' }, atMs, whileIn }),
    ];

    expect(results.map(({ kind }) => kind)).toStrictEqual(['expired', 'renewed', 'moved']);
    expect(refusals.map((refuse) => refuse.count())).toStrictEqual([1, 1, 1]);
  });

  test('a time-out knows itself when its answer was lost', async () => {
    await open();

    const result = await world.another(losingAnAnswer()).approvals.expire({ taskId, requestId, atMs });

    expect(result).toStrictEqual({ kind: 'expired', approval: await world.approvals.find(approval) });
  });
});

describe('listPending()', () => {
  const store = async (n: number, fields: Partial<Approval> = {}) => {
    const some = anApproval({ taskId: aTaskId(n), requestId: aRequestId(n), ...fields });
    await world.tasks.create({ task: aTask({ taskId: some.taskId, status: 'RUNNING' }), events: [] });
    await world.approvals.request({
      ...request,
      approval: some,
      expectSession: { sessionId: mintSessionId(some.taskId, 1), generation: 1 },
    });
  };

  test('filters over more requests than one query reads', async () => {
    const many = Array.from({ length: 230 }, (_, n) => n + 1);
    await Promise.all(many.map((n) => store(n, { expiresAt: addMs(formatIso(atMs), n % 115 === 0 ? 1 : 0) })));

    const page = await world.approvals.listPending({ userId, nowMs: atMs, limit: 5 });

    expect(page.approvals.map((some) => some.requestId)).toStrictEqual([aRequestId(115), aRequestId(230)]);
    expect(page).not.toHaveProperty('nextToken');
  });

  test('and the list of tasks refuse the tokens of each other, and one of another status', async () => {
    for (const n of [1, 2, 3]) await store(n);
    const ofTasks = await world.tasks.list({ userId: 'ann' as UserId, limit: 1 });
    const ofApprovals = await world.approvals.listPending({ userId, nowMs: atMs, limit: 1 });
    const key = [taskId, `APPROVED#${requestId}`, requestId];
    const crafted = Buffer.from(JSON.stringify(key)).toString('base64url');

    const calls = [
      world.approvals.listPending({ userId, nowMs: atMs, limit: 1, nextToken: ofTasks.nextToken! }),
      world.approvals.listPending({ userId, nowMs: atMs, limit: 1, nextToken: crafted }),
      world.tasks.list({ userId, limit: 1, nextToken: ofApprovals.nextToken! }),
    ];

    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});
