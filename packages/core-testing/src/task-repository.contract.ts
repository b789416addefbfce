import {
  addMs,
  formatIso,
  limits,
  mintSessionId,
  sessionStatuses,
  type ApprovalRepository,
  type EventLog,
  type NewTask,
  type NewTaskEvent,
  type RequestId,
  type Task,
  type TaskRepository,
  type TaskStatus,
  type TaskTransition,
  type UserId,
} from '@abca/core';
import { anApproval, aRequestId, aTask, aTaskId, testEpochMs } from '@abca/core/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf, rejectionsOf } from './outcome-of.ts';

/** A repository under test with the requests that its tasks wait for and the log that its moves are told in. */
export interface TaskStores {
  readonly tasks: TaskRepository;
  readonly approvals: ApprovalRepository;
  readonly events: EventLog;
}

/** What every {@link TaskRepository} must do. Run from each implementation's own test file. */
export function taskRepositoryContract(setup: {
  /** Empty stores. `another` gives the same ones as a second process has them. */
  create(): Promise<TaskStores & { another(): TaskStores }>;
}): void {
  describe('TaskRepository contract', () => {
    let stores: TaskStores & { another(): TaskStores };
    let tasks: TaskRepository;

    beforeEach(async () => {
      stores = await setup.create();
      ({ tasks } = stores);
    });

    const atMs = testEpochMs + 60_000;
    const at = formatIso(atMs);
    const created: NewTaskEvent = {
      eventType: 'task_created',
      metadata: { repo: 'acme/shop', task_type: 'new_task' },
    };
    const cancelled = (by: string): NewTaskEvent => ({ eventType: 'task_cancelled', metadata: { by } });
    const store = async (task: Task): Promise<Task> => {
      const result = await tasks.create({ task, events: [] });
      expect(result.kind).toBe('created');
      return task;
    };
    const moveTo = (task: Task, to: TaskStatus, more: Partial<TaskTransition> = {}): TaskTransition => ({
      taskId: task.taskId,
      from: task.status,
      to,
      atMs,
      events: [],
      ...more,
    });
    const logOf = async (task: Task): Promise<readonly unknown[]> =>
      (await stores.events.read({ taskId: task.taskId, after: 0, limit: 100 })).map((event) => [
        event.seq,
        event.eventType,
        event.metadata,
      ]);
    const sessionOf = ({ sessionId, generation }: Task) => ({ sessionId: sessionId!, generation });

    describe('create()', () => {
      test('stores a task with all its fields, and names inside foreign data as they are', async () => {
        const task = aTask({
          status: 'AWAITING_APPROVAL',
          baseBranch: 'main',
          issueNumber: 7,
          initialApprovals: ['tool_type:Read'],
          sessionHandle: {
            strategyType: 'x',
            sessionId: 's',
            snake_name: 1,
            camelName: { inner_name: [{ deepName: 2 }] },
          },
          settings: {
            computeType: 'x',
            compute: { snake_name: 'a', camelName: { 'odd-name': null, A: true } },
            cloneUrl: '/r.git',
            forge: 'git',
            protectedBranches: ['main'],
            maxTurns: 1,
            maxBudgetUsd: 0.25,
            approvalGateCap: 2,
            approvalTimeoutS: 30,
            pullRequest: { draft: true },
          },
          pullRequest: { number: 7, url: 'pr:7', headBranch: 'theirs', headSha: 'h', headRef: 'refs/pull/7/head' },
          startSha: 'h',
          result: { outcome: 'finished', turns: 3, costUsd: 0.1, inputTokens: 1, outputTokens: 2, summary: 'done' },
          failure: { code: 'AGENT_FAILED', message: 'it "broke"' },
        });

        const result = await tasks.create({ task, events: [created] });

        expect(result).toStrictEqual({ kind: 'created', task });
        expect(await tasks.find(task.taskId)).toStrictEqual(task);
        expect(await stores.another().tasks.find(task.taskId)).toStrictEqual(task);
      });

      test('starts the log of the task with its events', async () => {
        const task = aTask();

        await tasks.create({ task, events: [created, { eventType: 'admission_granted', metadata: {} }] });

        expect(await logOf(task)).toStrictEqual([
          [1, 'task_created', created.metadata],
          [2, 'admission_granted', {}],
        ]);
      });

      test('keeps a description of 10,000 characters as it was written', async () => {
        const piece =
          '"quotes" \'single\' `ticks` \\ back\nline\r\n\ttab 日本語 é e\u0301 👩‍👩‍👧‍👦🏳️‍🌈 \u0000\u2028 <&> ${x} %s ';
        const taskDescription = piece.repeat(200).slice(0, limits.taskDescriptionChars);
        const task = aTask({ taskDescription });

        await tasks.create({ task, events: [] });

        expect((await tasks.find(task.taskId))?.taskDescription).toBe(taskDescription);
      });

      test('refuses a second task of the same id', async () => {
        const task = await store(aTask());

        const code = await codeOf(tasks.create({ task: { ...task, taskDescription: 'other' }, events: [created] }));

        expect(code).toBe('STORE_ERROR');
        expect(await tasks.find(task.taskId)).toStrictEqual(task);
        expect(await logOf(task)).toStrictEqual([]);
      });

      const withKey = (n: number, key: string, requestHash = 'h', userId = 'ann'): NewTask => ({
        task: aTask({ taskId: aTaskId(n), userId: userId as UserId }),
        idempotency: { key, requestHash },
        events: [created],
      });

      test('gives the first task for a key that is used again, and writes nothing', async () => {
        const first = withKey(1, 'k');
        await tasks.create(first);

        const same = await tasks.create(withKey(2, 'k'));
        const other = await tasks.create(withKey(3, 'k', 'another hash'));

        expect(same).toStrictEqual({ kind: 'replayed', task: first.task });
        expect(other).toStrictEqual({ kind: 'key_reused', task: first.task });
        expect(await Promise.all([tasks.find(aTaskId(2)), tasks.find(aTaskId(3))])).toStrictEqual([
          undefined,
          undefined,
        ]);
        expect(await logOf(first.task)).toHaveLength(1);
        expect(await logOf(withKey(2, 'k').task)).toStrictEqual([]);
      });

      test('gives the task of a used key as it is now', async () => {
        const first = withKey(1, 'k');
        await tasks.create(first);
        await tasks.transition(moveTo(first.task, 'CANCELLED'));

        const again = await tasks.create(withKey(2, 'k'));

        expect(again).toMatchObject({ kind: 'replayed', task: { taskId: aTaskId(1), status: 'CANCELLED' } });
      });

      test('keeps the keys of users apart, whatever they hold', async () => {
        const results = [
          await tasks.create(withKey(1, 'c', 'h', 'a b')),
          await tasks.create(withKey(2, 'b c', 'h', 'a')),
          await tasks.create(withKey(3, 'k#1', 'h', 'u')),
          await tasks.create(withKey(4, '1', 'h', 'u#k')),
          await tasks.create(withKey(5, '日本 👍 ' + 'x'.repeat(2_000), 'h', 'u')),
        ];

        expect(results.map(({ kind }) => kind)).toStrictEqual(Array.from({ length: 5 }, () => 'created'));
      });

      test('makes exactly one task of submits with one key that race', async () => {
        const writers = [tasks, stores.another().tasks];

        const results = await Promise.all(
          Array.from({ length: 16 }, (_, n) => writers[n % 2]!.create(withKey(n + 1, 'k'))),
        );

        const made = results.filter(({ kind }) => kind === 'created');
        const { tasks: listed } = await tasks.list({ userId: 'ann' as UserId, limit: 100 });
        expect(made).toHaveLength(1);
        expect(new Set(results.map(({ task }) => task.taskId)).size).toBe(1);
        expect(results.filter(({ kind }) => kind === 'replayed')).toHaveLength(15);
        expect(listed.map(({ taskId }) => taskId)).toStrictEqual([made[0]!.task.taskId]);
        expect(await logOf(made[0]!.task)).toHaveLength(1);
      });
    });

    describe('find()', () => {
      test('knows nothing of a task that is absent', async () => {
        expect(await tasks.find(aTaskId(404))).toBeUndefined();
      });
    });

    describe('transition()', () => {
      test('writes status, times, patch and events', async () => {
        const task = await store(aTask());
        const event: NewTaskEvent = { eventType: 'hydration_started', metadata: {} };

        const result = await tasks.transition(moveTo(task, 'HYDRATING', { patch: { generation: 1 }, events: [event] }));

        const moved = { ...task, status: 'HYDRATING', statusCreatedAt: at, updatedAt: at, generation: 1 };
        expect(result).toStrictEqual({ kind: 'moved', task: moved });
        expect(await tasks.find(task.taskId)).toStrictEqual(moved);
        expect(await logOf(task)).toStrictEqual([[1, 'hydration_started', {}]]);
      });

      test('numbers its events after those that another writer appended', async () => {
        const task = await store(aTask());
        await stores.another().events.append(task, [created, created]);
        await tasks.transition(moveTo(task, 'CANCELLED', { events: [cancelled('ann')] }));
        await stores.another().events.append(task, [created]);

        expect((await logOf(task)).map((entry) => (entry as unknown[])[0])).toStrictEqual([1, 2, 3, 4]);
      });

      test('opens and closes the approval request', async () => {
        const task = await store(aTask({ status: 'RUNNING' }));

        await tasks.transition(
          moveTo(task, 'AWAITING_APPROVAL', { patch: { awaitingApprovalRequestId: 'R9' as RequestId } }),
        );
        const waiting = await tasks.find(task.taskId);
        const resumed = await tasks.transition(moveTo(waiting!, 'RUNNING'));

        expect(waiting?.awaitingApprovalRequestId).toBe('R9');
        expect(resumed).toMatchObject({ task: { leaseExpiresAt: formatIso(atMs + limits.heartbeatLostMs) } });
        expect(await tasks.find(task.taskId)).not.toHaveProperty('awaitingApprovalRequestId');
      });

      test('is lost when the task waits for another request than the one expected', async () => {
        const task = await store(aTask({ status: 'AWAITING_APPROVAL' }));

        const lost = await tasks.transition(moveTo(task, 'RUNNING', { expectRequest: aRequestId(2) }));
        const moved = await tasks.transition(moveTo(task, 'RUNNING', { expectRequest: aRequestId(1) }));
        const again = await tasks.transition(moveTo(task, 'RUNNING', { expectRequest: aRequestId(1) }));

        expect(lost).toStrictEqual({ kind: 'lost', task });
        expect([moved.kind, again.kind]).toStrictEqual(['moved', 'lost']);
      });

      test('sets end and ttl on a terminal status', async () => {
        const task = await store(aTask({ status: 'FINALIZING' }));

        await tasks.transition(moveTo(task, 'COMPLETED'));

        const ttl = Math.ceil((atMs + limits.taskTtlMs) / 1000);
        expect(await tasks.find(task.taskId)).toMatchObject({ status: 'COMPLETED', endedAt: at, ttl });
      });

      test('is lost when the task is elsewhere, and writes nothing', async () => {
        const task = await store(aTask({ status: 'RUNNING' }));

        const result = await tasks.transition(
          moveTo(task, 'CANCELLED', { from: 'HYDRATING', events: [cancelled('ann')] }),
        );

        expect(result).toStrictEqual({ kind: 'lost', task });
        expect(await tasks.find(task.taskId)).toStrictEqual(task);
        expect(await logOf(task)).toStrictEqual([]);
      });

      test('is lost when the session is not the one expected', async () => {
        const task = await store(aTask({ status: 'RUNNING' }));
        const older = { sessionId: mintSessionId(task.taskId, 0), generation: 0 };

        const lost = await tasks.transition(moveTo(task, 'FINALIZING', { expectSession: older }));
        const moved = await tasks.transition(moveTo(task, 'FINALIZING', { expectSession: sessionOf(task) }));

        expect([lost.kind, moved.kind]).toStrictEqual(['lost', 'moved']);
      });

      test('knows nothing of a task that is absent', async () => {
        expect(await tasks.transition(moveTo(aTask(), 'CANCELLED', { events: [created] }))).toStrictEqual({
          kind: 'absent',
        });
        expect(await logOf(aTask())).toStrictEqual([]);
      });

      test('refuses an edge the state table does not have', async () => {
        const task = await store(aTask());

        expect(await codeOf(tasks.transition(moveTo(task, 'COMPLETED')))).toBe('ILLEGAL_TRANSITION');
        expect(await tasks.find(task.taskId)).toStrictEqual(task);
      });

      test('lets exactly one of many concurrent writers win, who alone writes events', async () => {
        const task = await store(aTask({ status: 'RUNNING' }));
        const writers = [tasks, stores.another().tasks, stores.another().tasks];

        const results = await Promise.all(
          Array.from({ length: 12 }, (_, n) =>
            writers[n % 3]!.transition(moveTo(task, 'CANCELLED', { events: [cancelled(String(n))] })),
          ),
        );

        const winner = results.findIndex(({ kind }) => kind === 'moved');
        expect(results.filter(({ kind }) => kind === 'moved')).toHaveLength(1);
        expect(results.filter(({ kind }) => kind === 'lost')).toHaveLength(11);
        expect(results.every((result) => result.kind !== 'absent' && result.task.status === 'CANCELLED')).toBe(true);
        expect(await logOf(task)).toStrictEqual([[1, 'task_cancelled', { by: String(winner) }]]);
      });

      test('does not undo what is amended at the same time, nor take it for a lost race', async () => {
        const task = await store(aTask({ status: 'RUNNING' }));
        const other = stores.another().tasks;

        const [moved, ...amended] = await Promise.all([
          tasks.transition(moveTo(task, 'FINALIZING', { patch: { branch: 'b' } })),
          ...[1, 2, 3, 4].map((n) =>
            other.amend({
              taskId: task.taskId,
              patch: [{ maxTurns: n }, { prNumber: n }, { issueNumber: n }, { approvalGateCap: n }][n - 1]!,
              atMs,
              whileIn: ['RUNNING', 'FINALIZING'],
            }),
          ),
        ]);

        expect([moved, ...amended].map(({ kind }) => kind)).toStrictEqual(Array.from({ length: 5 }, () => 'moved'));
        expect(await tasks.find(task.taskId)).toMatchObject({
          status: 'FINALIZING',
          branch: 'b',
          maxTurns: 1,
          prNumber: 2,
          issueNumber: 3,
          approvalGateCap: 4,
        });
      });
    });

    describe('transition() of a task that waits for a request', () => {
      const approval = anApproval();
      const { taskId, requestId } = approval;
      const waiting = async (): Promise<Task> => {
        const task = await store(aTask({ status: 'RUNNING' }));
        const request = { approval, expectSession: sessionOf(task), atMs: testEpochMs, events: [] };
        const result = await stores.approvals.request(request);
        expect(result.kind).toBe('requested');
        return result.task!;
      };
      const stored = () => stores.approvals.find({ taskId, requestId });

      test.each(['FAILED', 'CANCELLED'] as const)('closes the request when it ends %s', async (to) => {
        const task = await waiting();

        const result = await tasks.transition(moveTo(task, to, { events: [cancelled('ann')] }));

        expect(result).toMatchObject({ kind: 'moved', task: { status: to } });
        expect(await stored()).toStrictEqual({ ...approval, status: 'STRANDED', decidedAt: at });
        expect(await logOf(task)).toStrictEqual([[1, 'task_cancelled', { by: 'ann' }]]);
      });

      test('leaves it open when the task goes on, or the move is lost', async () => {
        const task = await waiting();

        const lost = await tasks.transition(moveTo(task, 'FAILED', { expectRequest: aRequestId(2) }));
        await tasks.transition(moveTo(task, 'RUNNING'));
        const late = await tasks.transition(moveTo(task, 'FAILED'));

        expect([lost.kind, late.kind]).toStrictEqual(['lost', 'lost']);
        expect(await stored()).toStrictEqual(approval);
      });

      test('leaves it as it was decided', async () => {
        const task = await waiting();
        await stores.approvals.decide({ ...approval, decision: { kind: 'deny' }, atMs: atMs - 1, events: [] });
        const decided = await stored();

        const result = await tasks.transition(moveTo(task, 'CANCELLED'));

        expect(result.kind).toBe('moved');
        expect(decided?.status).toBe('DENIED');
        expect(await stored()).toStrictEqual(decided);
      });

      test('ends although there is no such request', async () => {
        const task = await store(aTask({ status: 'AWAITING_APPROVAL' }));

        expect((await tasks.transition(moveTo(task, 'CANCELLED'))).kind).toBe('moved');
        expect(await stored()).toBeUndefined();
      });

      test('lets one of many ends win that come at once, and closes the request once', async () => {
        const task = await waiting();
        const writers = [tasks, stores.another().tasks];

        const results = await Promise.all(
          Array.from({ length: 8 }, (_, n) =>
            writers[n % 2]!.transition(
              moveTo(task, n % 3 === 0 ? 'FAILED' : 'CANCELLED', { atMs: atMs + n, events: [cancelled(String(n))] }),
            ),
          ),
        );

        const winner = results.findIndex(({ kind }) => kind === 'moved');
        expect(results.filter(({ kind }) => kind === 'lost')).toHaveLength(7);
        expect(await stored()).toMatchObject({ status: 'STRANDED', decidedAt: formatIso(atMs + winner) });
        expect(await logOf(task)).toStrictEqual([[1, 'task_cancelled', { by: String(winner) }]]);
      });
    });

    describe('amend()', () => {
      const event: NewTaskEvent = { eventType: 'agent_milestone', metadata: { milestone: 'm' } };

      test.each([
        ['without events', []],
        ['with events', [event]],
      ])('changes fields, %s', async (_name, events) => {
        const task = await store(aTask({ status: 'RUNNING' }));
        const patch = { branch: 'b', sessionHandle: { strategyType: 'x', sessionId: 's', some_name: { aName: 1 } } };

        const result = await tasks.amend({ taskId: task.taskId, patch, atMs, whileIn: ['RUNNING'], events });

        const amended = { ...task, ...patch, updatedAt: at };
        expect(result).toStrictEqual({ kind: 'moved', task: amended });
        expect(await tasks.find(task.taskId)).toStrictEqual(amended);
        expect(await logOf(task)).toHaveLength(events.length);
      });

      test.each([
        ['without events', []],
        ['with events', [event]],
      ])('is lost in another status, with another session or generation, %s', async (_name, events) => {
        const task = await store(aTask({ status: 'RUNNING' }));
        const base = { taskId: task.taskId, patch: { branch: 'b' }, atMs, whileIn: ['RUNNING'] as const, events };
        const { sessionId, generation } = sessionOf(task);

        const lost = [
          await tasks.amend({ ...base, whileIn: ['HYDRATING', 'FINALIZING'] }),
          await tasks.amend({ ...base, whileIn: [] }),
          await tasks.amend({ ...base, expectSession: { sessionId, generation: 2 } }),
          await tasks.amend({ ...base, expectSession: { sessionId: mintSessionId(task.taskId, 5), generation } }),
          await tasks.amend({ ...base, expectSession: { generation: 2 } }),
          await tasks.amend({ ...base, expectSession: { generation, sessionSince: at } }),
          await tasks.amend({ ...base, expectSession: { generation, sessionOpen: 'open' } }),
        ];

        expect(lost).toStrictEqual(lost.map(() => ({ kind: 'lost', task })));
        expect(await tasks.find(task.taskId)).toStrictEqual(task);
        expect(await logOf(task)).toStrictEqual([]);
      });

      test.each([
        ['without events', []],
        ['with events', [event]],
      ])('knows nothing of a task that is absent, %s', async (_name, events) => {
        const result = await tasks.amend({
          taskId: aTaskId(),
          patch: { branch: 'b' },
          atMs,
          whileIn: ['RUNNING'],
          events,
        });

        expect(result).toStrictEqual({ kind: 'absent' });
        expect(await tasks.find(aTaskId())).toBeUndefined();
      });

      test.each([
        ['without events', []],
        ['with events', [event]],
      ])('takes fields away, and those that are not there too, %s', async (_name, events) => {
        const task = await store(aTask({ status: 'RUNNING', branch: 'b', sessionSince: at, sessionOpen: 'open' }));
        const { generation } = task;

        const result = await tasks.amend({
          taskId: task.taskId,
          patch: { computeType: 'x' },
          remove: ['sessionOpen', 'receipt'],
          atMs,
          whileIn: ['RUNNING'],
          expectSession: { generation, sessionSince: at, sessionOpen: 'open' },
          events,
        });

        const { sessionOpen: _gone, ...kept } = task;
        const amended = { ...kept, computeType: 'x', updatedAt: at };
        expect(result).toStrictEqual({ kind: 'moved', task: amended });
        expect(await tasks.find(task.taskId)).toStrictEqual(amended);
      });

      test('takes a session that matches, by generation alone too', async () => {
        const task = await store(aTask({ status: 'RUNNING' }));
        const base = { taskId: task.taskId, patch: { branch: 'b' }, atMs, whileIn: ['RUNNING'] as const };

        const full = await tasks.amend({ ...base, expectSession: sessionOf(task) });
        const partial = await tasks.amend({ ...base, expectSession: { generation: task.generation } });

        expect([full.kind, partial.kind]).toStrictEqual(['moved', 'moved']);
      });
    });

    describe('renewLease()', () => {
      const until = addMs(at, limits.heartbeatLostMs);

      test.each(sessionStatuses)('extends the lease of a session that is %s, an expired one too', async (status) => {
        const task = await store(aTask({ status, leaseExpiresAt: formatIso(0) }));

        const result = await tasks.renewLease({ taskId: task.taskId, ...sessionOf(task), leaseExpiresAt: until });

        expect(result).toStrictEqual({ kind: 'renewed', task: { ...task, leaseExpiresAt: until } });
        expect(await tasks.find(task.taskId)).toStrictEqual({ ...task, leaseExpiresAt: until });
      });

      test('is lost once the task left, or the session was replaced', async () => {
        const finalizing = await store(aTask({ status: 'FINALIZING' }));
        const running = await store(aTask({ taskId: aTaskId(2), status: 'RUNNING' }));

        const results = [
          await tasks.renewLease({ taskId: finalizing.taskId, ...sessionOf(finalizing), leaseExpiresAt: until }),
          await tasks.renewLease({
            taskId: running.taskId,
            ...sessionOf(running),
            generation: 2,
            leaseExpiresAt: until,
          }),
          await tasks.renewLease({
            taskId: running.taskId,
            generation: 1,
            sessionId: mintSessionId(running.taskId, 9),
            leaseExpiresAt: until,
          }),
          await tasks.renewLease({ taskId: aTaskId(404), ...sessionOf(running), leaseExpiresAt: until }),
        ];

        expect(results).toStrictEqual([
          { kind: 'lost', task: finalizing },
          { kind: 'lost', task: running },
          { kind: 'lost', task: running },
          { kind: 'lost', task: undefined },
        ]);
        expect(await tasks.find(aTaskId(404))).toBeUndefined();
      });
    });

    describe('list()', () => {
      const storeMany = async (count: number, fields: (n: number) => Partial<Task> = () => ({})): Promise<void> => {
        const order = Array.from({ length: count }, (_, n) => n + 1).sort((a, b) => (a % 3) - (b % 3));
        for (const n of order) {
          await store(aTask({ taskId: aTaskId(n), createdAt: formatIso(testEpochMs + n * 1_000), ...fields(n) }));
        }
      };
      const pages = async (query: { statuses?: readonly TaskStatus[]; limit: number }): Promise<string[][]> => {
        const all: string[][] = [];
        let nextToken: string | undefined;
        do {
          const page = await tasks.list({
            ...query,
            userId: 'ann' as UserId,
            ...(nextToken !== undefined && { nextToken }),
          });
          all.push(page.tasks.map(({ taskId }) => taskId));
          ({ nextToken } = page);
        } while (nextToken !== undefined && all.length < 20);
        return all;
      };

      test('pages through the tasks of the user, newest first; the last page has no token', async () => {
        await storeMany(5, (n) => (n === 3 ? { userId: 'bob' as UserId } : {}));

        expect(await pages({ limit: 2 })).toStrictEqual([
          [aTaskId(5), aTaskId(4)],
          [aTaskId(2), aTaskId(1)],
        ]);
      });

      test('filters before it counts (L17)', async () => {
        await storeMany(9, (n) => ({ status: n % 3 === 0 ? 'RUNNING' : n % 3 === 1 ? 'FAILED' : 'SUBMITTED' }));

        expect(await pages({ limit: 2, statuses: ['RUNNING', 'FAILED'] })).toStrictEqual([
          [aTaskId(9), aTaskId(7)],
          [aTaskId(6), aTaskId(4)],
          [aTaskId(3), aTaskId(1)],
        ]);
        expect(await pages({ limit: 1, statuses: ['CANCELLED'] })).toStrictEqual([[]]);
        expect(await pages({ limit: 1, statuses: [] })).toStrictEqual([[]]);
      });

      test('goes on where a page ended although tasks came and changed meanwhile', async () => {
        await storeMany(4);
        const first = await tasks.list({ userId: 'ann' as UserId, limit: 2 });
        await store(aTask({ taskId: aTaskId(9), createdAt: formatIso(testEpochMs + 9_000) }));
        await tasks.transition(moveTo(first.tasks[1]!, 'CANCELLED'));

        const second = await tasks.list({ userId: 'ann' as UserId, limit: 2, nextToken: first.nextToken! });

        expect(second.tasks.map(({ taskId }) => taskId)).toStrictEqual([aTaskId(2), aTaskId(1)]);
      });

      test('returns whole tasks, as they were stored', async () => {
        const task = await store(
          aTask({ status: 'RUNNING', sessionHandle: { strategyType: 'x', sessionId: 's', a_b: 1 } }),
        );

        expect(await tasks.list({ userId: 'ann' as UserId, limit: 10 })).toStrictEqual({ tasks: [task] });
      });

      test.each(['x', '', 'bm90IGEgdG9rZW4', '../../etc/passwd', '👍'])('refuses the token %j', async (nextToken) => {
        await storeMany(3);

        expect(await codeOf(tasks.list({ userId: 'ann' as UserId, limit: 2, nextToken }))).toBe('VALIDATION_ERROR');
      });

      test('is empty for a user without tasks', async () => {
        expect(await tasks.list({ userId: 'nobody' as UserId, limit: 2 })).toStrictEqual({ tasks: [] });
      });
    });

    describe('listByStatus()', () => {
      test('pages through the tasks of all users, longest in the status first', async () => {
        for (const n of [3, 1, 5, 2, 4]) {
          const statusCreatedAt = formatIso(testEpochMs + n * 1_000);
          const userId = (n % 2 === 0 ? 'ann' : 'bob') as UserId;
          await store(aTask({ taskId: aTaskId(n), userId, statusCreatedAt, status: n === 4 ? 'FAILED' : 'RUNNING' }));
        }

        const first = await tasks.listByStatus({ status: 'RUNNING', limit: 2 });
        const second = await tasks.listByStatus({ status: 'RUNNING', limit: 2, nextToken: first.nextToken! });

        expect(first.tasks.map(({ taskId }) => taskId)).toStrictEqual([aTaskId(1), aTaskId(2)]);
        expect(second.tasks.map(({ taskId }) => taskId)).toStrictEqual([aTaskId(3), aTaskId(5)]);
        expect(second).not.toHaveProperty('nextToken');
        // Whoever pages may move the very task that a page ended with.
        await tasks.transition(moveTo(first.tasks[1]!, 'FAILED'));
        expect(await tasks.listByStatus({ status: 'RUNNING', limit: 2, nextToken: first.nextToken! })).toStrictEqual(
          second,
        );
        expect(await codeOf(tasks.listByStatus({ status: 'RUNNING', limit: 2, nextToken: 'x' }))).toBe(
          'VALIDATION_ERROR',
        );
      });
    });

    describe('listOpenSessions()', () => {
      const since = (n: number): Partial<Task> => ({
        taskId: aTaskId(n),
        sessionHandle: { strategyType: 'x', sessionId: String(n), a_b: 1 },
        sessionSince: formatIso(testEpochMs + n * 1_000),
        sessionOpen: 'open',
      });
      const idsOf = ({ tasks: found }: { readonly tasks: readonly Task[] }) => found.map(({ taskId }) => taskId);

      test('pages through the open ones of all users in any status, longest open first', async () => {
        await store(aTask({ ...since(3), status: 'RUNNING' }));
        await store(aTask({ ...since(1), status: 'CANCELLED', userId: 'bob' as UserId }));
        await store(aTask({ ...since(5), status: 'AWAITING_APPROVAL' }));
        await store(aTask({ taskId: aTaskId(2), status: 'RUNNING', sessionHandle: since(2).sessionHandle! }));
        const last = await store(aTask({ ...since(4), status: 'FAILED' }));

        const first = await tasks.listOpenSessions({ limit: 2 });
        const second = await tasks.listOpenSessions({ limit: 2, nextToken: first.nextToken! });

        expect(idsOf(first)).toStrictEqual([aTaskId(1), aTaskId(3)]);
        expect(idsOf(second)).toStrictEqual([aTaskId(4), aTaskId(5)]);
        expect(second.tasks[0]).toStrictEqual(last);
        expect(second).not.toHaveProperty('nextToken');
        expect(await codeOf(tasks.listOpenSessions({ limit: 2, nextToken: 'x' }))).toBe('VALIDATION_ERROR');
      });

      test('follows what is recorded: open with the handle, gone when the end is proven', async () => {
        const task = await store(aTask({ status: 'HYDRATING' }));
        const { sessionHandle, sessionSince, sessionOpen } = since(1);
        const patch = { sessionHandle: sessionHandle!, sessionSince: sessionSince!, sessionOpen: sessionOpen! };
        const before = await tasks.listOpenSessions({ limit: 5 });

        const moved = await tasks.transition(moveTo(task, 'RUNNING', { patch }));
        const opened = await tasks.listOpenSessions({ limit: 5 });
        const sessionStop = { outcome: 'stopped', provenBy: 'gone', at, attempts: 1 } as const;
        const note = { patch: { sessionStop }, remove: ['sessionOpen'] as const };
        const closed = await tasks.amend({ taskId: task.taskId, atMs, whileIn: ['RUNNING'], ...note });

        expect(before).toStrictEqual({ tasks: [] });
        expect(opened).toStrictEqual({ tasks: [(moved as { readonly task: Task }).task] });
        expect(closed).toMatchObject({ kind: 'moved', task: { sessionStop, sessionSince } });
        expect(await tasks.listOpenSessions({ limit: 5 })).toStrictEqual({ tasks: [] });
      });
    });

    test('every call ends with the reason of an aborted signal and writes nothing', async () => {
      const task = await store(aTask({ status: 'RUNNING' }));
      const { taskId } = task;

      const { reason, rejections } = await rejectionsOf([
        (options) => tasks.create({ task: aTask({ taskId: aTaskId(2) }), events: [] }, options),
        (options) => tasks.find(taskId, options),
        (options) => tasks.transition(moveTo(task, 'CANCELLED'), options),
        (options) => tasks.amend({ taskId, patch: { branch: 'b' }, atMs, whileIn: ['RUNNING'] }, options),
        (options) => tasks.renewLease({ taskId, ...sessionOf(task), leaseExpiresAt: at }, options),
        (options) => tasks.list({ userId: task.userId, limit: 2 }, options),
        (options) => tasks.listByStatus({ status: 'RUNNING', limit: 2 }, options),
        (options) => tasks.listOpenSessions({ limit: 2 }, options),
      ]);

      expect(rejections).toStrictEqual(rejections.map(() => reason));
      expect(await tasks.find(aTaskId(2))).toBeUndefined();
      expect(await tasks.find(taskId)).toStrictEqual(task);
    });
  });
}
