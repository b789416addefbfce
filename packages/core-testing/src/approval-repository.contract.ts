import {
  addMs,
  formatIso,
  milestoneEvent,
  mintSessionId,
  parseIso,
  pendingApprovalSchema,
  type Approval,
  type ApprovalDecision,
  type ApprovalRepository,
  type Decision,
  type EventLog,
  type NewApproval,
  type NewTaskEvent,
  type RepoId,
  type Task,
  type TaskRepository,
  type TaskStatus,
  type TransitionResult,
  type UserId,
} from '@abca/core';
import { anApproval, aRequestId, aTask, aTaskId, testEpochMs } from '@abca/core/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf, rejectionsOf } from './outcome-of.ts';

/** A repository under test with the tasks whose requests it holds, and the log they are told in. */
export interface ApprovalStores {
  readonly approvals: ApprovalRepository;
  readonly tasks: TaskRepository;
  readonly events: EventLog;
}

/** Empty stores. */
export interface ApprovalHarness extends ApprovalStores {
  /** The same ones as a second process has them. */
  another(): ApprovalStores;
  /** Remove a request, as the store does some time after its ttl. */
  forget(key: Pick<Approval, 'taskId' | 'requestId'>): Promise<void>;
}

/** What every {@link ApprovalRepository} must do. Run from each implementation's own test file. */
export function approvalRepositoryContract(setup: { create(): Promise<ApprovalHarness> }): void {
  describe('ApprovalRepository contract', () => {
    let stores: ApprovalHarness;
    let approvals: ApprovalRepository;
    let tasks: TaskRepository;

    beforeEach(async () => {
      stores = await setup.create();
      ({ approvals, tasks } = stores);
    });

    const ann = 'ann' as UserId;
    const bob = 'bob' as UserId;
    const atMs = testEpochMs + 60_000;
    const at = formatIso(atMs);
    const told = (sha: string): NewTaskEvent => milestoneEvent('work_saved', { sha });
    const approve: Decision = { kind: 'approve', scope: 'this_call' };
    const deny: Decision = { kind: 'deny', reason: 'not on a Friday' };

    const toRequest = (approval: Approval, more: Partial<NewApproval> = {}): NewApproval => ({
      approval,
      expectSession: { sessionId: mintSessionId(approval.taskId, 1), generation: 1 },
      atMs: testEpochMs,
      events: [],
      ...more,
    });
    const toDecision = (
      { taskId, requestId, userId }: Approval,
      decision: Decision,
      more: Partial<ApprovalDecision> = {},
    ): ApprovalDecision => ({ taskId, requestId, userId, decision, atMs, events: [], ...more });
    const store = async (task: Task): Promise<Task> => {
      await tasks.create({ task, events: [] });
      return task;
    };
    /** Task `n` waits for request `n`. */
    const open = async (n = 1, fields: Partial<Approval> = {}): Promise<Approval> => {
      const approval = anApproval({ taskId: aTaskId(n), requestId: aRequestId(n), ...fields });
      await store(aTask({ taskId: approval.taskId, userId: approval.userId, status: 'RUNNING' }));
      expect((await approvals.request(toRequest(approval))).kind).toBe('requested');
      return approval;
    };
    const move = (
      { taskId, requestId }: Approval,
      to: TaskStatus,
      by: ApprovalStores = stores,
    ): Promise<TransitionResult> =>
      by.tasks.transition({ taskId, from: 'AWAITING_APPROVAL', to, atMs, expectRequest: requestId, events: [] });
    const eventsOf = async ({ taskId }: { readonly taskId: Task['taskId'] }) =>
      (await stores.events.read({ taskId, after: 0, limit: 100 })).map(({ seq, metadata }) => [seq, metadata['sha']]);
    /** Run a race often enough that both orders come up, on stores of two processes. */
    const rounds = [1, 2, 3, 4, 5, 6, 7, 8];
    const race = async <A, B>(
      first: (approval: Approval, by: ApprovalStores) => Promise<A>,
      second: (approval: Approval, by: ApprovalStores) => Promise<B>,
    ): Promise<readonly { a: A; b: B; row: Approval | undefined; task: Task | undefined }[]> => {
      const opened: Approval[] = [];
      for (const n of rounds) opened.push(await open(n));
      const other = stores.another();
      return Promise.all(
        opened.map(async (approval, n) => {
          const calls = [() => first(approval, stores), () => second(approval, other)] as const;
          const [a, b] =
            n % 2 === 0
              ? await Promise.all([calls[0](), calls[1]()])
              : await Promise.all([calls[1](), calls[0]()]).then(([late, early]) => [early, late] as const);
          return { a, b, row: await approvals.find(approval), task: await tasks.find(approval.taskId) };
        }),
      );
    };

    describe('request()', () => {
      test('stores the request with all its fields, moves the task and tells of it', async () => {
        const task = await store(aTask({ status: 'RUNNING', branch: 'b' }));
        const approval = anApproval({
          input: '{"file_path": "a_b", "snake_key": 1} 日本 👍 \u0000',
          suggestedScopes: [],
          judged: {
            toolGroup: 'file_write',
            resolved: false,
            commands: ['', 'x_y z'],
            matches: [
              {
                ruleId: 'a_rule',
                subjects: [{ kind: 'write', path: '../some_file' }, { kind: 'call' }, { kind: 'command' }],
              },
            ],
          },
        });

        const result = await approvals.request(toRequest(approval, { atMs, events: [told('asked')] }));

        const waiting = {
          ...task,
          status: 'AWAITING_APPROVAL',
          awaitingApprovalRequestId: approval.requestId,
          statusCreatedAt: at,
          updatedAt: at,
        };
        expect(result).toStrictEqual({ kind: 'requested', task: waiting });
        expect(await tasks.find(task.taskId)).toStrictEqual(waiting);
        expect(await approvals.find(approval)).toStrictEqual(approval);
        expect(await stores.another().approvals.find(approval)).toStrictEqual(approval);
        expect(await eventsOf(task)).toStrictEqual([[1, 'asked']]);
      });

      test('answers a repeated request alike, decided or not, and changes nothing', async () => {
        const approval = anApproval();
        await store(aTask({ status: 'RUNNING' }));
        const request = toRequest(approval, { events: [told('asked')] });
        const first = await approvals.request(request);

        const again = await approvals.request({ ...request, atMs: atMs + 1 });
        await approvals.decide(toDecision(approval, approve));
        const afterwards = await stores.another().approvals.request(request);

        expect([again, afterwards]).toStrictEqual([first, first]);
        expect(await approvals.find(approval)).toMatchObject({ status: 'APPROVED' });
        expect(await eventsOf(approval)).toStrictEqual([[1, 'asked']]);
      });

      test('answers one request that is made twice at once alike, and tells of it once', async () => {
        await store(aTask({ status: 'RUNNING' }));
        const request = toRequest(anApproval(), { events: [told('asked')] });

        const results = await Promise.all([approvals.request(request), stores.another().approvals.request(request)]);

        expect(results.map(({ kind }) => kind)).toStrictEqual(['requested', 'requested']);
        expect(await eventsOf(request.approval)).toStrictEqual([[1, 'asked']]);
      });

      test('is lost when the task is elsewhere, not there, or another session has it; nothing is written', async () => {
        const hydrating = await store(aTask({ taskId: aTaskId(1), status: 'HYDRATING' }));
        const ended = await store(aTask({ taskId: aTaskId(2), status: 'FAILED' }));
        const running = await store(aTask({ taskId: aTaskId(3), status: 'RUNNING' }));
        const ask = (n: number, more: Partial<NewApproval> = {}) =>
          approvals.request(
            toRequest(anApproval({ taskId: aTaskId(n), requestId: aRequestId(n) }), { events: [told('x')], ...more }),
          );

        const results = [
          await ask(1),
          await ask(2),
          await ask(3, { expectSession: { sessionId: mintSessionId(aTaskId(3), 2), generation: 1 } }),
          await ask(3, { expectSession: { sessionId: mintSessionId(aTaskId(3), 1), generation: 2 } }),
          await ask(4),
        ];

        expect(results).toStrictEqual([
          { kind: 'lost', task: hydrating },
          { kind: 'lost', task: ended },
          { kind: 'lost', task: running },
          { kind: 'lost', task: running },
          { kind: 'lost', task: undefined },
        ]);
        for (const n of [1, 2, 3, 4]) {
          expect(await approvals.find({ taskId: aTaskId(n), requestId: aRequestId(n) })).toBeUndefined();
          expect(await eventsOf({ taskId: aTaskId(n) })).toStrictEqual([]);
        }
        expect(await tasks.find(aTaskId(3))).toStrictEqual(running);
      });

      test('is lost for another session, or other arguments, under the id that the task waits for', async () => {
        const approval = await open();
        const session = { sessionId: mintSessionId(approval.taskId, 2), generation: 2 };

        const results = [
          await approvals.request(toRequest(approval, { expectSession: session })),
          await approvals.request(toRequest({ ...approval, inputSha256: 'b'.repeat(64) })),
        ];

        expect(results.map(({ kind }) => kind)).toStrictEqual(['lost', 'lost']);
        expect(await approvals.find(approval)).toStrictEqual(approval);
      });

      test('is lost when the request is gone that the task waits for', async () => {
        const approval = await open();
        await stores.forget(approval);

        expect((await approvals.request(toRequest(approval))).kind).toBe('lost');
        expect(await approvals.find(approval)).toBeUndefined();
      });

      test('refuses an id that was used before, once the task runs again', async () => {
        const approval = await open();
        await approvals.decide(toDecision(approval, approve));
        await move(approval, 'RUNNING');

        const code = await codeOf(approvals.request(toRequest(approval, { events: [told('x')] })));

        expect(code).toBe('STORE_ERROR');
        expect(await approvals.find(approval)).toMatchObject({ status: 'APPROVED' });
        expect(await tasks.find(approval.taskId)).toMatchObject({ status: 'RUNNING' });
        expect(await eventsOf(approval)).toStrictEqual([]);
      });

      test('lets one of two requests win that are made at once for one task', async () => {
        await store(aTask({ status: 'RUNNING' }));
        const both = [anApproval({ requestId: aRequestId(1) }), anApproval({ requestId: aRequestId(2) })] as const;

        const results = await Promise.all([
          approvals.request(toRequest(both[0], { events: [told('1')] })),
          stores.another().approvals.request(toRequest(both[1], { events: [told('2')] })),
        ]);

        const won = results[0].kind === 'requested' ? 0 : 1;
        expect(results.map(({ kind }) => kind).sort()).toStrictEqual(['lost', 'requested']);
        expect(results[1 - won]?.task?.awaitingApprovalRequestId).toBe(both[won].requestId);
        expect(await approvals.find(both[won])).toStrictEqual(both[won]);
        expect(await approvals.find(both[1 - won]!)).toBeUndefined();
        expect(await eventsOf(both[0])).toStrictEqual([[1, String(won + 1)]]);
      });

      test('against a cancel: the task waits and is cancelled later, or is cancelled without a request', async () => {
        const other = stores.another();
        for (const n of rounds) await store(aTask({ taskId: aTaskId(n), status: 'RUNNING' }));

        const results = await Promise.all(
          rounds.map(async (n) => {
            const taskId = aTaskId(n);
            const approval = anApproval({ taskId, requestId: aRequestId(n) });
            const [asked, cancelled] = await Promise.all([
              approvals.request(toRequest(approval)),
              other.tasks.transition({ taskId, from: 'RUNNING', to: 'CANCELLED', atMs, events: [] }),
            ]);
            return { asked: asked.kind, cancelled: cancelled.kind, row: await approvals.find(approval) };
          }),
        );

        for (const { asked, cancelled, row } of results) {
          const expected = asked === 'requested' ? ['requested', 'lost', 'PENDING'] : ['lost', 'moved', undefined];
          expect([asked, cancelled, row?.status]).toStrictEqual(expected);
        }
      });
    });

    describe('decide()', () => {
      const scope = 'rule:force_push_any';

      test.each<[string, Decision, Partial<Approval>]>([
        ['approves', { kind: 'approve', scope }, { status: 'APPROVED', scope }],
        ['denies with a reason', deny, { status: 'DENIED', denyReason: 'not on a Friday' }],
        ['denies without one', { kind: 'deny' }, { status: 'DENIED' }],
      ])('%s, and tells of it; the task waits until its session goes on', async (_name, decision, fields) => {
        const approval = await open();

        const result = await approvals.decide(toDecision(approval, decision, { events: [told('d')] }));

        const decided = { ...approval, ...fields, decidedAt: at };
        expect(result).toStrictEqual({ kind: 'decided', approval: decided });
        expect(await approvals.find(approval)).toStrictEqual(decided);
        expect(await tasks.find(approval.taskId)).toMatchObject({
          status: 'AWAITING_APPROVAL',
          awaitingApprovalRequestId: approval.requestId,
        });
        expect(await eventsOf(approval)).toStrictEqual([[1, 'd']]);
      });

      test('reads a wrong owner, an unknown request and an unknown task alike, in every status', async () => {
        const approval = await open();
        const asBob = toDecision(approval, approve, { userId: bob, events: [told('x')] });
        const foreign = [await approvals.decide(asBob)];
        foreign.push(await approvals.decide({ ...asBob, atMs: parseIso(approval.expiresAt) }));
        foreign.push(await approvals.decide({ ...asBob, requestId: aRequestId(404) }));
        foreign.push(await approvals.decide({ ...asBob, taskId: aTaskId(404) }));
        await approvals.decide(toDecision(approval, deny));
        foreign.push(await approvals.decide({ ...asBob, decision: deny }));

        expect(foreign).toStrictEqual(foreign.map(() => ({ kind: 'not_found' })));
        expect(await approvals.find(approval)).toMatchObject({ status: 'DENIED' });
        expect(await eventsOf(approval)).toStrictEqual([]);
      });

      test.each<[Decision, Decision, string]>([
        [approve, deny, 'APPROVED'],
        [deny, approve, 'DENIED'],
        [approve, { kind: 'approve', scope: 'tool_type:Bash' }, 'APPROVED'],
      ])('lets the first decision stand: %j, then %j', async (first, second, status) => {
        const approval = await open();
        await approvals.decide(toDecision(approval, first));
        const before = await approvals.find(approval);

        const result = await approvals.decide(toDecision(approval, second, { events: [told('x')] }));

        expect(result).toStrictEqual({ kind: 'already_decided', status });
        expect(await approvals.find(approval)).toStrictEqual(before);
        expect(await eventsOf(approval)).toStrictEqual([]);
      });

      test.each([approve, deny])('knows its own decision when it is repeated: %j', async (decision) => {
        const approval = await open();
        const decide = toDecision(approval, decision, { events: [told('d')] });
        const first = await approvals.decide(decide);

        const again = await stores.another().approvals.decide(decide);
        await move(approval, 'RUNNING');
        const afterwards = await approvals.decide(decide);
        const later = await approvals.decide({ ...decide, atMs: atMs + 1 });

        expect([again, afterwards]).toStrictEqual([first, first]);
        expect(later.kind).toBe('already_decided');
        expect(await eventsOf(approval)).toStrictEqual([[1, 'd']]);
      });

      test('is possible until the time is over, and not from then on', async () => {
        const [inTime, tooLate] = [await open(1), await open(2)];
        const endMs = parseIso(inTime.expiresAt);

        const results = [
          await approvals.decide(toDecision(inTime, approve, { atMs: endMs - 1 })),
          await approvals.decide(toDecision(tooLate, approve, { atMs: endMs, events: [told('x')] })),
          await approvals.decide(toDecision(tooLate, deny, { atMs: endMs + 60_000, events: [told('x')] })),
        ];

        expect(results.map((result) => ('status' in result ? result : result.kind))).toStrictEqual([
          'decided',
          { kind: 'already_decided', status: 'TIMED_OUT' },
          { kind: 'already_decided', status: 'TIMED_OUT' },
        ]);
        expect(await approvals.find(tooLate)).toStrictEqual(tooLate);
        expect(await eventsOf(tooLate)).toStrictEqual([]);
      });

      test('finds that the task moved on when it runs or waits for another request', async () => {
        const resumed = await open(1);
        await move(resumed, 'RUNNING');
        const passed = await open(2);
        await move(passed, 'RUNNING');
        const next = { ...passed, requestId: aRequestId(22) };
        await approvals.request(toRequest(next));

        const results = [
          await approvals.decide(toDecision(resumed, approve, { events: [told('x')] })),
          await approvals.decide(toDecision(passed, deny, { events: [told('x')] })),
          await approvals.decide(toDecision(next, approve)),
        ];

        expect(results.map(({ kind }) => kind)).toStrictEqual(['task_moved_on', 'task_moved_on', 'decided']);
        expect(await approvals.find(resumed)).toStrictEqual(resumed);
        expect([await eventsOf(resumed), await eventsOf(passed)]).toStrictEqual([[], []]);
      });

      test('reads a request that the end of its task closed as decided, STRANDED', async () => {
        const approval = await open();
        await move(approval, 'CANCELLED');

        const result = await approvals.decide(toDecision(approval, approve, { events: [told('x')] }));

        expect(result).toStrictEqual({ kind: 'already_decided', status: 'STRANDED' });
        expect(await eventsOf(approval)).toStrictEqual([]);
      });
    });

    describe('races', () => {
      test.each([approve, deny])('%j against the time-out: one wins, and both learn who', async (decision) => {
        const status = decision.kind === 'approve' ? 'APPROVED' : 'DENIED';

        const outcomes = await race(
          (approval, by) => by.approvals.decide(toDecision(approval, decision, { events: [told('d')] })),
          ({ taskId, requestId }, by) => by.approvals.expire({ taskId, requestId, atMs: atMs + 1 }),
        );

        for (const { a, b, row } of outcomes) {
          if (a.kind === 'decided') expect([b, row?.status]).toStrictEqual([{ kind: 'lost', approval: row }, status]);
          else {
            expect(a).toStrictEqual({ kind: 'already_decided', status: 'TIMED_OUT' });
            expect(b).toStrictEqual({ kind: 'expired', approval: row });
          }
          expect(await eventsOf(row!)).toHaveLength(a.kind === 'decided' ? 1 : 0);
        }
      });

      test.each<[Decision, Decision]>([
        [approve, approve],
        [approve, deny],
        [deny, { kind: 'deny' }],
      ])('%j against %j: one wins, the other reads what it is', async (first, second) => {
        const outcomes = await race(
          (approval, by) => by.approvals.decide(toDecision(approval, first, { events: [told('a')] })),
          (approval, by) => by.approvals.decide(toDecision(approval, second, { atMs: atMs + 1, events: [told('b')] })),
        );

        for (const { a, b, row } of outcomes) {
          const [winner, loser] = a.kind === 'decided' ? [a, b] : [b, a];
          expect(winner).toStrictEqual({ kind: 'decided', approval: row });
          expect(loser).toStrictEqual({ kind: 'already_decided', status: row?.status });
          expect(await eventsOf(row!)).toStrictEqual([[1, a.kind === 'decided' ? 'a' : 'b']]);
        }
      });

      test('two approvers of one moment are one decision, told once', async () => {
        const decide = (approval: Approval, by: ApprovalStores) =>
          by.approvals.decide(toDecision(approval, approve, { events: [told('a')] }));

        const outcomes = await race(decide, decide);

        for (const { a, b, row } of outcomes) {
          expect([a, b]).toStrictEqual([a, a]);
          expect(a).toStrictEqual({ kind: 'decided', approval: row });
          expect(await eventsOf(row!)).toHaveLength(1);
        }
      });

      test.each([approve, deny])('%j against cancel: cancelled, never open, never resumed', async (decision) => {
        const status = decision.kind === 'approve' ? 'APPROVED' : 'DENIED';

        const outcomes = await race(
          (approval, by) => by.approvals.decide(toDecision(approval, decision)),
          (approval, by) => move(approval, 'CANCELLED', by),
        );

        for (const { a, b, row, task } of outcomes) {
          expect([b.kind, task?.status]).toStrictEqual(['moved', 'CANCELLED']);
          if (a.kind === 'decided') expect(row?.status).toBe(status);
          else {
            expect([a, row?.status]).toStrictEqual([{ kind: 'already_decided', status: 'STRANDED' }, 'STRANDED']);
          }
          expect((await move(row!, 'RUNNING')).kind).toBe('lost');
        }
      });

      test('approve, then cancel: the approval stands and resumes nothing', async () => {
        const approval = await open();
        await approvals.decide(toDecision(approval, approve));

        await move(approval, 'CANCELLED');

        expect(await approvals.find(approval)).toMatchObject({ status: 'APPROVED', decidedAt: at });
        expect(await move(approval, 'RUNNING')).toMatchObject({ kind: 'lost', task: { status: 'CANCELLED' } });
      });

      test('the session that goes on against cancel: one of them moves the task', async () => {
        const outcomes = await race(
          async (approval, by) => {
            await by.approvals.decide(toDecision(approval, approve));
            return move(approval, 'RUNNING', by);
          },
          (approval, by) => move(approval, 'CANCELLED', by),
        );

        for (const { a, b, row, task } of outcomes) {
          expect([a.kind, b.kind].sort()).toStrictEqual(['lost', 'moved']);
          expect(task?.status).toBe(a.kind === 'moved' ? 'RUNNING' : 'CANCELLED');
          expect(row?.status).not.toBe('PENDING');
          if (a.kind === 'moved') expect(row?.status).toBe('APPROVED');
        }
      });

      test('the time-out against cancel: closed by one of them, and the task is cancelled', async () => {
        const outcomes = await race(
          ({ taskId, requestId }, by) => by.approvals.expire({ taskId, requestId, atMs: atMs + 1 }),
          (approval, by) => move(approval, 'CANCELLED', by),
        );

        for (const { a, b, row, task } of outcomes) {
          expect([b.kind, task?.status]).toStrictEqual(['moved', 'CANCELLED']);
          expect(a).toStrictEqual({ kind: row?.status === 'TIMED_OUT' ? 'expired' : 'lost', approval: row });
          expect(['TIMED_OUT', 'STRANDED']).toContain(row?.status);
        }
      });

      test('six approvers, a time-out and a cancel at once: one of them closes the request', async () => {
        const approval = await open();
        const sides = [stores, stores.another(), stores.another()];
        const deciders = Array.from({ length: 6 }, (_, n) =>
          sides[n % 3]!.approvals.decide(
            toDecision(approval, n % 2 === 0 ? approve : deny, { atMs: atMs + n, events: [told(String(n))] }),
          ),
        );

        const [decisions, expired] = await Promise.all([
          Promise.all(deciders),
          approvals.expire({ ...approval, atMs: atMs + 100 }),
          move(approval, 'CANCELLED'),
        ]);

        const row = await approvals.find(approval);
        const winners = decisions.filter(({ kind }) => kind === 'decided').length + Number(expired.kind === 'expired');
        expect(winners).toBe(row?.status === 'STRANDED' ? 0 : 1);
        expect(row?.status).not.toBe('PENDING');
        expect(await tasks.find(approval.taskId)).toMatchObject({ status: 'CANCELLED' });
        expect(await eventsOf(approval)).toHaveLength(decisions.filter(({ kind }) => kind === 'decided').length);
      });
    });

    describe('expire()', () => {
      test.each<[string, Decision]>([
        ['APPROVED', approve],
        ['DENIED', deny],
      ])('is lost to a late decision, which stands: %s', async (_status, decision) => {
        const approval = await open();
        const lateMs = parseIso(approval.expiresAt) - 1;
        const late = await approvals.decide(toDecision(approval, decision, { atMs: lateMs }));

        const result = await approvals.expire({ ...approval, atMs: lateMs + 1 });

        expect(late.kind).toBe('decided');
        expect(result).toStrictEqual({ ...late, kind: 'lost' });
        expect(await approvals.find(approval)).toStrictEqual('approval' in result && result.approval);
      });

      test('closes a request that is still open; the decision that comes after it is too late', async () => {
        const approval = await open();

        const result = await approvals.expire({ ...approval, atMs });
        const late = await approvals.decide(toDecision(approval, approve, { atMs: atMs + 1, events: [told('x')] }));

        const expired = { ...approval, status: 'TIMED_OUT', decidedAt: at };
        expect(result).toStrictEqual({ kind: 'expired', approval: expired });
        expect(late).toStrictEqual({ kind: 'already_decided', status: 'TIMED_OUT' });
        expect(await approvals.find(approval)).toStrictEqual(expired);
        expect(await eventsOf(approval)).toStrictEqual([]);
      });

      test('finds nothing when the request is gone, nor does a decision', async () => {
        const approval = await open();
        await stores.forget(approval);

        expect(await approvals.expire({ ...approval, atMs })).toStrictEqual({ kind: 'absent' });
        expect(await approvals.decide(toDecision(approval, approve))).toStrictEqual({ kind: 'not_found' });
        expect(await approvals.find(approval)).toBeUndefined();
      });

      test('knows its own write when it is repeated, and that of another moment not', async () => {
        const approval = await open();
        const first = await approvals.expire({ ...approval, atMs });

        expect(await approvals.expire({ ...approval, atMs })).toStrictEqual(first);
        expect(await approvals.expire({ ...approval, atMs: atMs + 1 })).toStrictEqual({ ...first, kind: 'lost' });
      });
    });

    describe('find()', () => {
      test('knows nothing of a request that is absent, nor of one of another task', async () => {
        const approval = await open();

        expect(await approvals.find({ ...approval, requestId: aRequestId(404) })).toBeUndefined();
        expect(await approvals.find({ ...approval, taskId: aTaskId(404) })).toBeUndefined();
      });
    });

    describe('listPending()', () => {
      const pages = async (query: { readonly nowMs: number; readonly limit: number }): Promise<string[][]> => {
        const all: string[][] = [];
        let nextToken: string | undefined;
        do {
          const page = await approvals.listPending({ ...query, userId: ann, ...(nextToken && { nextToken }) });
          all.push(page.approvals.map(({ requestId }) => requestId));
          ({ nextToken } = page);
        } while (nextToken !== undefined && all.length < 20);
        return all;
      };

      test('shows of a request what it needs, and nothing that only a decision has', async () => {
        const approval = await open();

        const page = await approvals.listPending({ userId: ann, nowMs: atMs, limit: 10 });

        expect(page).toStrictEqual({ approvals: [pendingApprovalSchema.parse(approval)] });
        expect(page.approvals[0]).not.toHaveProperty('inputSha256');
        expect(page.approvals[0]).not.toHaveProperty('judged');
      });

      test('pages through the open requests of the user, oldest first; the last page has no token', async () => {
        for (const n of [4, 1, 6, 3, 2, 5]) await open(n, { userId: n === 3 ? bob : ann });

        expect(await pages({ nowMs: atMs, limit: 2 })).toStrictEqual([
          [aRequestId(1), aRequestId(2)],
          [aRequestId(4), aRequestId(5)],
          [aRequestId(6)],
        ]);
        expect(await pages({ nowMs: atMs, limit: 5 })).toHaveLength(1);
      });

      test('leaves out what has expired before it counts (L17)', async () => {
        for (const n of [1, 2, 3, 4, 5, 6, 7]) await open(n, { expiresAt: addMs(at, n % 2) });

        expect(await pages({ nowMs: atMs, limit: 2 })).toStrictEqual([
          [aRequestId(1), aRequestId(3)],
          [aRequestId(5), aRequestId(7)],
        ]);
        expect(await pages({ nowMs: atMs + 1, limit: 2 })).toStrictEqual([[]]);
      });

      test('forgets a request that was approved, denied, expired or stranded', async () => {
        const all: Approval[] = [];
        for (const n of [1, 2, 3, 4, 5]) all.push(await open(n));
        await approvals.decide(toDecision(all[0]!, approve));
        await approvals.decide(toDecision(all[1]!, deny));
        await approvals.expire({ ...all[2]!, atMs });
        await move(all[3]!, 'CANCELLED');

        expect(await pages({ nowMs: atMs, limit: 2 })).toStrictEqual([[aRequestId(5)]]);
      });

      test('goes on where a page ended although requests came and were decided meanwhile', async () => {
        for (const n of [1, 2, 4]) await open(n);
        const first = await approvals.listPending({ userId: ann, nowMs: atMs, limit: 2 });
        await approvals.decide(toDecision(anApproval({ taskId: aTaskId(2), requestId: aRequestId(2) }), approve));
        await open(3);

        const second = await approvals.listPending({
          userId: ann,
          nowMs: atMs,
          limit: 2,
          nextToken: first.nextToken!,
        });

        expect(second.approvals.map(({ requestId }) => requestId)).toStrictEqual([aRequestId(3), aRequestId(4)]);
      });

      test('shows no request of the user whose token it is given', async () => {
        for (const n of [1, 2, 3]) await open(n);
        await open(4, { userId: bob, repo: 'acme/other' as RepoId });
        const { nextToken } = await approvals.listPending({ userId: ann, nowMs: atMs, limit: 1 });

        const page = await approvals.listPending({ userId: bob, nowMs: atMs, limit: 10, nextToken: nextToken! });

        expect(page.approvals.every(({ userId }) => userId === bob)).toBe(true);
      });

      test.each(['x', '', 'bm90IGEgdG9rZW4', 'WyJhIiwiYiJd', '👍'])('refuses the token %j', async (nextToken) => {
        await open();
        const call = approvals.listPending({ userId: ann, nowMs: atMs, limit: 2, nextToken });

        expect(await codeOf(call)).toBe('VALIDATION_ERROR');
      });

      test.each([0, 101, 1.5])('refuses a limit of %d', async (limit) => {
        expect(await codeOf(approvals.listPending({ userId: ann, nowMs: atMs, limit }))).toBe('VALIDATION_ERROR');
      });

      test('is empty for a user without requests', async () => {
        await open();

        expect(await approvals.listPending({ userId: bob, nowMs: atMs, limit: 2 })).toStrictEqual({ approvals: [] });
      });
    });

    test('every call ends with the reason of an aborted signal and writes nothing', async () => {
      const approval = await open();
      const running = await store(aTask({ taskId: aTaskId(2), status: 'RUNNING' }));
      const asked = anApproval({ taskId: running.taskId, requestId: aRequestId(2) });

      const { reason, rejections } = await rejectionsOf([
        (options) => approvals.request(toRequest(asked), options),
        (options) => approvals.decide(toDecision(approval, approve), options),
        (options) => approvals.expire({ ...approval, atMs }, options),
        (options) => approvals.find(approval, options),
        (options) => approvals.listPending({ userId: ann, nowMs: atMs, limit: 2 }, options),
      ]);

      expect(rejections).toStrictEqual(rejections.map(() => reason));
      expect(await approvals.find(approval)).toStrictEqual(approval);
      expect(await approvals.find(asked)).toBeUndefined();
      expect(await tasks.find(running.taskId)).toStrictEqual(running);
    });
  });
}
