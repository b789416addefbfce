import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AbcaError } from '../errors/abca-error.ts';
import type { UserId } from '../ids/ids.ts';
import { isTerminal, type TaskStatus } from '../task/task-status.ts';
import { anApproval, aRequestId, aTask, testEpochMs } from '../testing/builders.ts';
import { InMemoryApprovalRepository } from '../testing/in-memory-approval-repository.ts';
import { InMemoryTaskRepository } from '../testing/in-memory-task-repository.ts';
import { scopeOf } from '../gate/gate-world.test-kit.ts';
import type { ApprovalStatus } from './approval.ts';

const task = aTask({ status: 'RUNNING' });
const { taskId } = task;
const { session } = scopeOf(task);
const ids = [1, 2, 3].map(aRequestId);

type Step = { readonly request: number; readonly afterMs: number } & (
  | { readonly act: 'request' | 'approve' | 'deny' | 'expire' | 'resume' }
  | { readonly act: 'approve as another' }
  | { readonly act: 'end'; readonly to: 'CANCELLED' | 'FAILED' }
);

const steps: fc.Arbitrary<Step> = fc.record({
  request: fc.nat(ids.length - 1),
  afterMs: fc.constantFrom(0, 1, 1_000, 29_999, 30_000),
  act: fc.constantFrom('request', 'approve', 'deny', 'expire', 'resume', 'approve as another', 'end'),
  to: fc.constantFrom('CANCELLED', 'FAILED'),
});

/** What may be true of the stores: a plain account of the rules. */
class Model {
  status: TaskStatus = 'RUNNING';
  waitsOn: number | undefined;
  readonly requests = new Map<number, { status: ApprovalStatus; readonly expiresMs: number }>();

  isOpen(request: number): boolean {
    return this.requests.get(request)?.status === 'PENDING';
  }

  /** What a step is answered with, and what is true after it. */
  take(step: Step, nowMs: number): string {
    const { request, act } = step;
    const known = this.requests.get(request);
    switch (act) {
      case 'request':
        return this.#request(request, nowMs);
      case 'approve as another':
        return 'not_found';
      case 'approve':
      case 'deny':
        if (known === undefined) return 'not_found';
        if (known.status !== 'PENDING' || nowMs >= known.expiresMs) return 'already_decided';
        if (this.waitsOn !== request) return 'task_moved_on';
        known.status = act === 'approve' ? 'APPROVED' : 'DENIED';
        return 'decided';
      case 'expire':
        if (known === undefined) return 'absent';
        if (known.status !== 'PENDING') return 'lost';
        known.status = 'TIMED_OUT';
        return 'expired';
      case 'resume':
        if (this.status !== 'AWAITING_APPROVAL' || this.waitsOn !== request) return 'lost';
        [this.status, this.waitsOn] = ['RUNNING', undefined];
        return 'moved';
      case 'end':
        return this.#end(step.to);
      default:
        return act satisfies never;
    }
  }

  #request(request: number, nowMs: number): string {
    // A repeat of the request that the task waits for.
    if (this.status === 'AWAITING_APPROVAL' && this.waitsOn === request) return 'requested';
    if (this.status !== 'RUNNING') return 'lost';
    if (this.requests.has(request)) return 'STORE_ERROR';
    this.requests.set(request, { status: 'PENDING', expiresMs: nowMs + 30_000 });
    [this.status, this.waitsOn] = ['AWAITING_APPROVAL', request];
    return 'requested';
  }

  #end(to: TaskStatus): string {
    if (isTerminal(this.status)) return 'lost';
    const open = this.waitsOn === undefined ? undefined : this.requests.get(this.waitsOn);
    if (open?.status === 'PENDING') open.status = 'STRANDED';
    [this.status, this.waitsOn] = [to, undefined];
    return 'moved';
  }
}

class Stores {
  readonly tasks = new InMemoryTaskRepository();
  readonly approvals = new InMemoryApprovalRepository(this.tasks);
  readonly #owner = task.userId;

  async take(step: Step, nowMs: number): Promise<string> {
    try {
      return (await this.#take(step, nowMs)).kind;
    } catch (error) {
      if (AbcaError.is(error)) return error.code;
      throw error;
    }
  }

  async #take(step: Step, atMs: number): Promise<{ readonly kind: string }> {
    const requestId = ids[step.request]!;
    const events = [] as const;
    const decide = (kind: 'approve' | 'deny', userId: UserId = this.#owner) => {
      const decision = kind === 'approve' ? ({ kind, scope: 'this_call' } as const) : { kind };
      return this.approvals.decide({ taskId, requestId, userId, decision, atMs, events });
    };
    switch (step.act) {
      case 'request': {
        const createdAt = new Date(atMs).toISOString() as typeof task.createdAt;
        const approval = anApproval({ requestId, timeoutS: 30, createdAt });
        return this.approvals.request({ approval, expectSession: session, atMs, events });
      }
      case 'approve':
      case 'deny':
        return decide(step.act);
      case 'approve as another':
        return decide('approve', 'bob' as UserId);
      case 'expire':
        return this.approvals.expire({ taskId, requestId, atMs });
      case 'resume': {
        const move = { taskId, from: 'AWAITING_APPROVAL', to: 'RUNNING', atMs, events } as const;
        return this.tasks.transition({ ...move, expectSession: session, expectRequest: requestId });
      }
      case 'end': {
        const from = (await this.tasks.find(taskId))!.status;
        if (isTerminal(from)) return { kind: 'lost' };
        return this.tasks.transition({ taskId, from, to: step.to, atMs, events });
      }
      default:
        return step satisfies never;
    }
  }
}

describe('approvals and their task', () => {
  test('a decision is made once, whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 25 }), async (wishes) => {
        const model = new Model();
        const stores = new Stores();
        await stores.tasks.create({ task, events: [] });
        const finals = new Map<number, ApprovalStatus>();
        let nowMs = testEpochMs;

        for (const step of wishes) {
          nowMs += step.afterMs;
          // Steps of a gate: it closes a request before it resumes the task.
          if (step.act === 'resume' && model.isOpen(step.request)) continue;
          const isEnded = isTerminal(model.status);
          const expected = model.take(step, nowMs);
          const answer = await stores.take(step, nowMs);

          // A repeat in the same millisecond is answered as the write whose answer may have been lost.
          const isRepeat =
            (answer === 'decided' && expected === 'already_decided') || (answer === 'expired' && expected === 'lost');
          if (!isRepeat) expect([step.act, answer]).toStrictEqual([step.act, expected]);

          const stored = (await stores.tasks.find(taskId))!;
          expect(stored.status).toBe(model.status);
          expect(stored.status === 'AWAITING_APPROVAL').toBe(stored.awaitingApprovalRequestId !== undefined);
          for (const [index, requestId] of ids.entries()) {
            const status = (await stores.approvals.find({ taskId, requestId }))?.status;
            expect(status).toBe(model.requests.get(index)?.status);
            // What is final stays.
            const final = finals.get(index);
            if (final !== undefined) expect(status).toBe(final);
            if (status !== undefined && status !== 'PENDING') finals.set(index, status);
            // Nothing is open once the task has ended, and nobody approves then.
            if (isTerminal(stored.status)) expect(status).not.toBe('PENDING');
            if (isEnded && final === undefined) expect(status).not.toBe('APPROVED');
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('of any who decide at once exactly one wins', async () => {
    const racers = fc.shuffledSubarray(['approve', 'deny', 'expire', 'end'] as const, { minLength: 2 });
    await fc.assert(
      fc.asyncProperty(racers, async (acts) => {
        const stores = new Stores();
        await stores.tasks.create({ task, events: [] });
        const at = { request: 0, afterMs: 0, to: 'CANCELLED' } as const;
        await stores.take({ ...at, act: 'request' }, testEpochMs);

        const answers = await Promise.all(acts.map((act) => stores.take({ ...at, act }, testEpochMs + 1)));

        const { status } = (await stores.approvals.find({ taskId, requestId: ids[0]! }))!;
        const closing = { approve: 'APPROVED', deny: 'DENIED', expire: 'TIMED_OUT', end: 'STRANDED' } as const;
        expect(acts.map((act) => closing[act])).toContain(status);
        const won = acts.filter((_act, index) => ['decided', 'expired'].includes(answers[index]!));
        expect(won.map((act) => closing[act])).toStrictEqual(status === 'STRANDED' ? [] : [status]);
      }),
    );
  });
});
