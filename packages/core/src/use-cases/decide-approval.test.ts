import { describe, expect, test } from '@jest/globals';
import type { Approval } from '../approval/approval.ts';
import { AbcaError } from '../errors/abca-error.ts';
import type { TaskEvent } from '../events/task-event.ts';
import { mintSessionId, type UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { anApproval, aRequestId, aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { InMemoryApprovalRepository } from '../testing/in-memory-approval-repository.ts';
import { InMemoryEventLog } from '../testing/in-memory-event-log.ts';
import { InMemoryRateLimiter } from '../testing/in-memory-stores.ts';
import { InMemoryTaskRepository } from '../testing/in-memory-task-repository.ts';
import { SequentialIds } from '../testing/sequential-ids.ts';
import { formatIso } from '../time/iso-time.ts';
import { ann } from './core-world.test-kit.ts';
import { decideApproval, type DecideDeps, type DecideRequest } from './decide-approval.ts';

const taskId = aTaskId();
const requestId = aRequestId();
const secret = `ghp_${'a1B2'.repeat(9)}`;

interface World {
  readonly deps: DecideDeps;
  readonly clock: FakeClock;
  readonly tasks: InMemoryTaskRepository;
  readonly approvals: InMemoryApprovalRepository;
  log(): Promise<readonly TaskEvent[]>;
}

/** A task of ann's that waits for a request. */
async function waiting(fields: Partial<Approval> = {}): Promise<World> {
  const clock = new FakeClock();
  const events = new InMemoryEventLog(clock, new SequentialIds());
  const tasks = new InMemoryTaskRepository(events);
  const approvals = new InMemoryApprovalRepository(tasks);
  await tasks.create({ task: aTask({ status: 'RUNNING' }), events: [] });
  const expectSession = { sessionId: mintSessionId(taskId, 1), generation: 1 };
  await approvals.request({ approval: anApproval(fields), expectSession, atMs: clock.nowMs(), events: [] });
  const log = () => events.read({ taskId, after: 0, limit: 100 });
  return { deps: { approvals, clock, rates: new InMemoryRateLimiter(clock) }, clock, tasks, approvals, log };
}

function approving(fields: Partial<DecideRequest> = {}, scope?: string): DecideRequest {
  return { userId: ann, taskId, requestId, answer: { kind: 'approve', scope }, ...fields };
}

function denying(reason?: string): DecideRequest {
  return { userId: ann, taskId, requestId, answer: { kind: 'deny', reason } };
}

describe('decideApproval()', () => {
  test.each([
    [undefined, 'this_call'],
    ['this_call', 'this_call'],
    ['tool_type_session', 'tool_type:Bash'],
    [' rule : force_push_any ', 'rule:force_push_any'],
  ])('approves with the scope %j as %j', async (asked, scope) => {
    const world = await waiting();
    await world.clock.advance(5_000);

    const decided = await decideApproval(world.deps, approving({}, asked));

    const decidedAt = formatIso(testEpochMs + 5_000);
    expect(decided).toStrictEqual(anApproval({ status: 'APPROVED', scope, decidedAt }));
    expect(await world.approvals.find({ taskId, requestId })).toStrictEqual(decided);
  });

  test('denies with the reason', async () => {
    const world = await waiting();

    const decided = await decideApproval(world.deps, denying('  use a branch '));

    const decidedAt = formatIso(testEpochMs);
    expect(decided).toStrictEqual(anApproval({ status: 'DENIED', denyReason: 'use a branch', decidedAt }));
  });

  test('a denial without a reason is no more than that', async () => {
    const world = await waiting();
    const decisions: unknown[] = [];
    const { approvals } = world;
    const deps: DecideDeps = {
      ...world.deps,
      approvals: {
        find: (key) => approvals.find(key),
        decide: (decision) => (decisions.push(decision.decision), approvals.decide(decision)),
      },
    };

    await decideApproval(deps, denying(' '));

    expect(decisions).toStrictEqual([{ kind: 'deny' }]);
  });

  test.each([undefined, '', ' \n', '\u001b[0m'])('denies without a reason: %j', async (reason) => {
    const world = await waiting();

    expect(await decideApproval(world.deps, denying(reason))).not.toHaveProperty('denyReason');
  });

  test('a reason is redacted before it is cut, and without escape sequences', async () => {
    const kept = limits.denyReasonChars.stored;
    const reasons = [
      [`\u001b[31mred ${secret}`, 'red [REDACTED-GITHUB_TOKEN]'],
      ['x'.repeat(kept), 'x'.repeat(kept)],
      [`${'x'.repeat(kept - 20)}${secret}`, `${'x'.repeat(kept - 20)}[REDACTED-GITHUB_TO…`],
    ] as const;

    for (const [reason, stored] of reasons) {
      const world = await waiting();
      expect(await decideApproval(world.deps, denying(reason))).toMatchObject({ denyReason: stored });
    }
  });

  test.each<[string, DecideRequest, Record<string, unknown>]>([
    ['approval', approving({}, 'rule:force_push_any'), { decision: 'approved', scope: 'rule:force_push_any' }],
    ['denial', denying(`no ${secret}`), { decision: 'denied' }],
  ])('writes who decided into the log: %s', async (_what, request, fields) => {
    const world = await waiting();

    await decideApproval(world.deps, request);

    expect((await world.log()).map(({ eventType, metadata }) => ({ eventType, metadata }))).toStrictEqual([
      { eventType: 'approval_decision_recorded', metadata: { request_id: requestId, by: ann, ...fields } },
    ]);
  });

  test('writes decision and log in one transaction: neither without the other', async () => {
    const world = await waiting();
    const written: unknown[] = [];
    const { approvals } = world;
    const deps: DecideDeps = {
      ...world.deps,
      approvals: {
        find: (key) => approvals.find(key),
        decide: (decision) => {
          written.push(decision);
          return Promise.reject(new AbcaError('SERVICE_UNAVAILABLE', 'throttled', { retryable: true }));
        },
      },
    };

    await expect(decideApproval(deps, approving())).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });

    expect(written).toMatchObject([
      { atMs: testEpochMs, events: [{ eventType: 'approval_decision_recorded', metadata: { by: ann } }] },
    ]);
    expect(await world.log()).toStrictEqual([]);
    expect(await approvals.find({ taskId, requestId })).toMatchObject({ status: 'PENDING' });
  });

  test('a request that is unknown and one of somebody else are not there alike (no oracle)', async () => {
    const world = await waiting();
    const message = (id: string) => `you have no request ${id}; list the open ones with: bgagent pending`;

    const foreign = decideApproval(world.deps, approving({ userId: 'bob' as UserId }));
    const unknown = decideApproval(world.deps, approving({ requestId: aRequestId(9) }));
    const otherTask = decideApproval(world.deps, approving({ taskId: aTaskId(9) }));

    await expect(foreign).rejects.toMatchObject({ code: 'REQUEST_NOT_FOUND', message: message(requestId) });
    await expect(unknown).rejects.toMatchObject({ code: 'REQUEST_NOT_FOUND', message: message(aRequestId(9)) });
    await expect(otherTask).rejects.toMatchObject({ code: 'REQUEST_NOT_FOUND', message: message(requestId) });
    expect(await world.approvals.find({ taskId, requestId })).toMatchObject({ status: 'PENDING' });
  });

  test("a bad scope for somebody else's request is not told from a good one", async () => {
    const world = await waiting();

    const foreign = decideApproval(world.deps, approving({ userId: 'bob' as UserId }, 'nonsense'));

    await expect(foreign).rejects.toMatchObject({ code: 'REQUEST_NOT_FOUND' });
  });

  test('a request that goes between read and write is not there', async () => {
    const world = await waiting();
    const deps = {
      ...world.deps,
      approvals: {
        find: () => Promise.resolve(anApproval()),
        decide: () => Promise.resolve({ kind: 'not_found' } as const),
      },
    };

    await expect(decideApproval(deps, approving())).rejects.toMatchObject({ code: 'REQUEST_NOT_FOUND' });
  });

  test('a decision is made once: the second is told the first', async () => {
    const world = await waiting();
    await decideApproval(world.deps, denying('no'));
    await world.clock.advance(1);

    await expect(decideApproval(world.deps, approving())).rejects.toMatchObject({
      code: 'REQUEST_ALREADY_DECIDED',
      message: `request ${requestId} is DENIED already`,
      details: { status: 'DENIED' },
    });
    expect(await world.log()).toHaveLength(1);
  });

  test('a request whose time is over is not decided', async () => {
    const world = await waiting();
    await world.clock.advance(300_000);

    await expect(decideApproval(world.deps, approving())).rejects.toMatchObject({
      code: 'REQUEST_ALREADY_DECIDED',
      message: `request ${requestId} is TIMED_OUT already`,
      details: { status: 'TIMED_OUT' },
    });
  });

  test('a request that the task does not wait for any more is not decided', async () => {
    const world = await waiting();
    const from = 'AWAITING_APPROVAL';
    await world.tasks.transition({ taskId, from, to: 'RUNNING', atMs: testEpochMs, events: [] });

    await expect(decideApproval(world.deps, approving())).rejects.toMatchObject({
      code: 'TASK_NOT_AWAITING_APPROVAL',
      message: `task ${taskId} does not wait for request ${requestId} any more; look at it with: bgagent status ${taskId}`,
    });
  });

  test('a request of a task that ended is told to be stranded', async () => {
    const world = await waiting();
    const from = 'AWAITING_APPROVAL';
    await world.tasks.transition({ taskId, from, to: 'CANCELLED', atMs: testEpochMs, events: [] });

    await expect(decideApproval(world.deps, approving())).rejects.toMatchObject({ details: { status: 'STRANDED' } });
  });

  test.each([
    ['nonsense', '"nonsense" is not a scope'],
    ['bash_pattern:*', 'permits nearly everything'],
    ['rule:other', 'permits nothing of what request'],
  ])('refuses the scope %j, and decides nothing', async (scope, message) => {
    const world = await waiting();

    await expect(decideApproval(world.deps, approving({}, scope))).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining(message),
    });
    expect(await world.approvals.find({ taskId, requestId })).toMatchObject({ status: 'PENDING' });
  });

  test('takes 30 decisions of a user in a minute, approvals and denials together', async () => {
    const world = await waiting();
    const { limit } = limits.decisionRate;
    for (let n = 0; n < limit; n += 1) {
      const request =
        n % 2 === 0 ? approving({ requestId: aRequestId(9) }) : { ...denying(), requestId: aRequestId(9) };
      await expect(decideApproval(world.deps, request)).rejects.toMatchObject({ code: 'REQUEST_NOT_FOUND' });
    }

    const message = 'more than 30 decisions in 60 s; try again in 60 s';
    const limited = { code: 'RATE_LIMIT_EXCEEDED', message, retryable: true, details: { retryAfterMs: 60_000 } };
    await expect(decideApproval(world.deps, approving())).rejects.toMatchObject(limited);
    await expect(decideApproval(world.deps, denying())).rejects.toMatchObject(limited);
    await expect(decideApproval(world.deps, approving({ userId: 'bob' as UserId }))).rejects.toMatchObject({
      code: 'REQUEST_NOT_FOUND',
    });
    await world.clock.advance(60_000);
    expect(await decideApproval(world.deps, approving())).toMatchObject({ status: 'APPROVED' });
  });

  test.each(['approve', 'deny'] as const)('a request of high severity is no matter of a button: %s', async (kind) => {
    const world = await waiting({ severity: 'high' });
    const request: DecideRequest = { userId: ann, taskId, requestId, answer: { kind }, via: 'button' };

    await expect(decideApproval(world.deps, request)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: `request ${requestId} is of high severity and not decided by a button; decide it with: bgagent approve ${taskId} ${requestId}`,
    });
    await expect(decideApproval(world.deps, { ...request, userId: 'bob' as UserId })).rejects.toMatchObject({
      code: 'REQUEST_NOT_FOUND',
    });
    expect(await world.approvals.find({ taskId, requestId })).toMatchObject({ status: 'PENDING' });
    expect(await world.log()).toStrictEqual([]);
  });

  test.each(['low', 'medium'] as const)('a button decides a request of %s severity', async (severity) => {
    const world = await waiting({ severity });

    const decided = await decideApproval(world.deps, { ...approving(), via: 'button' });

    expect(decided).toMatchObject({ status: 'APPROVED', severity });
  });

  test('ends when its caller does', async () => {
    const world = await waiting();
    const signal = AbortSignal.abort(new Error('gone'));

    await expect(decideApproval(world.deps, approving(), { signal })).rejects.toThrow('gone');
  });

  test('passes the signal on to each of its calls', async () => {
    const { signal } = new AbortController();
    const seen: unknown[] = [];
    const world = await waiting();
    const deps: DecideDeps = {
      clock: world.clock,
      rates: { take: (_key, _rule, options) => (seen.push(options), Promise.resolve({ kind: 'taken', remaining: 1 })) },
      approvals: {
        find: (key, options) => (seen.push(options), world.approvals.find(key)),
        decide: (decision, options) => (seen.push(options), world.approvals.decide(decision)),
      },
    };

    await decideApproval(deps, approving(), { signal });

    expect(seen).toStrictEqual([{ signal }, { signal }, { signal }]);
  });
});
