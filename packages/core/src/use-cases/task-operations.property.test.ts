import { aRequestId } from '../testing/builders.ts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TaskId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { sessionStatuses } from '../task/task-status.ts';
import type { Failure } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';
import { requestAdmission, waitInQueue, type Admission } from './admit-task.ts';
import { Crash, CrashGate, OutageGate, openGate, type CallGate, type FaultPlace } from './call-gate.test-kit.ts';
import { cancelTask } from './cancel-task.ts';
import { adoptCallback, checkSession } from './check-session.ts';
import {
  ann,
  createCoreWorld,
  deliver,
  row,
  submitOne,
  typesOf,
  worldSettings,
  type CoreWorld,
} from './core-world.test-kit.ts';
import { failTask, releaseSlotOf } from './end-task.ts';
import { finalizeTask } from './finalize-task.ts';
import { hydrateTask } from './hydrate-task.ts';
import { endsAreClean, isDue, slotsAreExact, watch, type Violations } from './invariants.test-kit.ts';
import { preflightTask } from './preflight-task.ts';
import { startTaskSession } from './start-session.ts';

const caps = { slots: 2, queued: 2 };
const failure: Failure = { code: 'AGENT_FAILED', message: 'no luck' };

const verbs = [
  'admit',
  'preflight',
  'hydrate',
  'start',
  'ask',
  'answer',
  'deliver',
  'die',
  'silence',
  'renew',
  'check',
  'adopt',
  'finalize',
  'giveUp',
  'deadline',
  'cancel',
  'fail',
  'release',
] as const;
type Verb = (typeof verbs)[number];

interface Fault {
  readonly kind: 'crash' | 'outage';
  readonly at: number;
  readonly place: FaultPlace;
}

interface Operation {
  readonly verb: Verb;
  readonly task: number;
  readonly fault: Fault | undefined;
}

const fault = fc.record({
  kind: fc.constantFrom<Fault['kind']>('crash', 'outage'),
  at: fc.integer({ min: 1, max: 8 }),
  place: fc.constantFrom<FaultPlace>('before', 'after'),
});
const operations = fc.array(
  fc.record({
    // What leads a task on comes more often than what ends it, or few would get far.
    verb: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom<Verb>('admit', 'hydrate', 'start', 'deliver', 'check') },
      { weight: 1, arbitrary: fc.constantFrom(...verbs) },
    ),
    task: fc.nat(4),
    fault: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fault }),
  }),
  { minLength: 5, maxLength: 60, size: 'max' },
);

/** Tasks, and what their workflows know. A gate that can be changed, so that each operation has its own fault. */
class Stage {
  #gate: CallGate = openGate;
  readonly world: CoreWorld = createCoreWorld({
    caps,
    gate: { pass: (label, effect) => this.#gate.pass(label, effect) },
  });
  readonly violations: Violations = watch(this.world, caps);
  readonly taskIds: TaskId[] = [];
  /** Who asked for a slot. */
  readonly #asked = new Set<TaskId>();
  /** Whose workflow was told that it has a slot. */
  readonly #admitted = new Set<TaskId>();
  /** What was broken off by a fault: a durable step is run again, whenever that is. */
  readonly #again: (() => Promise<unknown>)[] = [];
  #callbacks = 0;

  async submit(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) this.taskIds.push(await submitOne(this.world));
  }

  async play({ verb, task, fault: struck }: Operation): Promise<void> {
    const taskId = this.taskIds[task % this.taskIds.length]!;
    this.#gate = gateOf(struck);
    await this.#step(() => this.#perform(verb, taskId));
    this.#gate = openGate;
  }

  /** A durable step and what follows from its answer. One that is broken off is run again later, and then followed. */
  async #step<T>(
    work: () => Promise<T>,
    follow: (answer: T) => Promise<unknown> = async () => undefined,
  ): Promise<void> {
    const gate = this.#gate;
    let answer: T;
    try {
      answer = await work();
      // Whatever a dying program answers, nobody hears it.
      if (gate instanceof CrashGate && gate.struck) throw new Crash('died');
    } catch {
      this.#again.push(() => this.#step(work, follow));
      return;
    }
    await follow(answer);
  }

  /** Let everything that was broken off, and everybody who waits for a slot, have their turn. */
  async settle(): Promise<void> {
    for (let work = this.#again.shift(); work !== undefined; work = this.#again.shift()) await work();
    for (const taskId of this.#asked) await this.#admit(taskId);
    for (const taskId of this.taskIds) {
      const { status } = await row(this.world, taskId);
      // A workflow goes on at once from here; one that stands still would hold its slot as SUBMITTED.
      if (status === 'SUBMITTED' && this.#admitted.has(taskId)) await this.#hydrate(taskId);
    }
  }

  async #perform(verb: Verb, taskId: TaskId): Promise<unknown> {
    const { world } = this;
    const { deps } = world;
    switch (verb) {
      case 'admit':
        return this.#admit(taskId);
      case 'preflight':
        return preflightTask(deps, taskId, worldSettings);
      case 'hydrate':
        return this.#hydrate(taskId);
      case 'start':
        return this.#start(taskId);
      case 'ask':
        return move(world, taskId, 'RUNNING', 'AWAITING_APPROVAL');
      case 'answer':
        return move(world, taskId, 'AWAITING_APPROVAL', 'RUNNING');
      case 'deliver':
        return (await isLive(world, taskId)) ? deliver(world, taskId) : undefined;
      case 'die':
        return this.#die(taskId);
      case 'silence':
        return world.clock.pass(limits.heartbeatLostMs);
      case 'renew':
        return this.#renew(taskId);
      case 'check':
        return this.#check(taskId);
      case 'adopt':
        return adoptCallback(deps, taskId, this.#callback());
      case 'finalize':
        return this.#finalize(taskId);
      case 'giveUp':
        return this.#finalize(taskId, { code: 'SESSION_LOST', message: 'gone' });
      case 'deadline':
        return this.#finalize(taskId, { code: 'DEADLINE_EXCEEDED', message: 'late' });
      case 'cancel':
        return this.#cancel(taskId);
      case 'fail':
        return this.#isBeforeSession(taskId, () => this.#fail(taskId, failure));
      case 'release':
        return this.#release(taskId);
      default:
        return verb satisfies never;
    }
  }

  async #admit(taskId: TaskId): Promise<void> {
    const { deps } = this.world;
    this.#asked.add(taskId);
    const told = async (admission: Admission): Promise<void> => {
      if (admission.kind === 'admitted') this.#admitted.add(taskId);
      if (admission.kind === 'failed') await this.#fail(taskId, admission.failure);
      // Somebody else ended it: its slot may have been granted after it was given back.
      if (admission.kind === 'ended' && !(await isOpen(this.world, taskId))) await this.#finalize(taskId);
    };
    await this.#step(
      () => requestAdmission(deps, taskId),
      async (asked) => {
        const callbackId = this.#callback();
        return asked.kind === 'queued' ? this.#step(() => waitInQueue(deps, taskId, callbackId), told) : told(asked);
      },
    );
  }

  async #fail(taskId: TaskId, why: Failure): Promise<void> {
    await this.#step(() => failTask(this.world.deps, taskId, why));
  }

  async #hydrate(taskId: TaskId): Promise<void> {
    if (this.#admitted.has(taskId)) await hydrateTask(this.world.deps, taskId, worldSettings);
  }

  async #start(taskId: TaskId): Promise<void> {
    const start = { settings: worldSettings, baseBranch: 'main', callbackId: this.#callback() };
    await this.#step(
      () => startTaskSession(this.world.deps, taskId, start),
      async (started) => started.kind === 'failed' && this.#fail(taskId, started.failure),
    );
  }

  async #die(taskId: TaskId): Promise<void> {
    const { sessionHandle } = await row(this.world, taskId);
    if (sessionHandle) this.world.compute.end(sessionHandle.sessionId, { kind: 'failed', error: 'exit code 9' });
  }

  async #renew(taskId: TaskId): Promise<unknown> {
    const { sessionId, generation } = await row(this.world, taskId);
    const leaseExpiresAt = formatIso(this.world.clock.nowMs() + limits.heartbeatLostMs);
    return sessionId && this.world.deps.tasks.renewLease({ taskId, sessionId, generation, leaseExpiresAt });
  }

  async #check(taskId: TaskId): Promise<void> {
    if (!isDue((await row(this.world, taskId)).status)) return;
    await this.#step(
      () => checkSession(this.world.deps, taskId),
      async (check) =>
        check.kind !== 'wait' && this.#finalize(taskId, check.kind === 'give_up' ? check.failure : undefined),
    );
  }

  async #finalize(taskId: TaskId, why?: Failure): Promise<void> {
    await this.#step(
      () => finalizeTask(this.world.deps, taskId, worldSettings, why),
      async (status) => {
        const stored = (await row(this.world, taskId)).status;
        if (status !== stored) this.violations.push(`finalize said ${String(status)}, not ${stored}`);
      },
    );
  }

  async #cancel(taskId: TaskId): Promise<void> {
    const { status } = await row(this.world, taskId);
    const refused = status === 'FINALIZING' || !(await isOpen(this.world, taskId));
    if (refused && status !== 'CANCELLED') return;
    try {
      await cancelTask(this.world.deps, ann, taskId);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('already ended as CANCELLED'))) throw error;
    }
  }

  async #release(taskId: TaskId): Promise<void> {
    if (!(await isOpen(this.world, taskId))) await releaseSlotOf(this.world.deps, ann, taskId);
  }

  /** The workflow fails a task without a look at its session only before it has one. */
  async #isBeforeSession(taskId: TaskId, act: () => Promise<unknown>): Promise<unknown> {
    const { sessionCallbackId } = await row(this.world, taskId);
    return sessionCallbackId === undefined ? act() : undefined;
  }

  #callback(): string {
    this.#callbacks += 1;
    return `callback-${String(this.#callbacks)}`;
  }
}

function gateOf(struck: Fault | undefined): CallGate {
  if (struck === undefined) return openGate;
  if (struck.kind === 'outage') return new OutageGate(struck.at, struck.place);
  const gate = new CrashGate();
  gate.arm(struck.at, struck.place);
  return gate;
}

async function isOpen(world: CoreWorld, taskId: TaskId): Promise<boolean> {
  return (await row(world, taskId)).endedAt === undefined;
}

async function isLive(world: CoreWorld, taskId: TaskId): Promise<boolean> {
  const { status, sessionHandle } = await row(world, taskId);
  if (sessionHandle === undefined || !(sessionStatuses as readonly string[]).includes(status)) return false;
  return (await world.compute.pollSession(sessionHandle)).kind === 'running';
}

async function move(
  world: CoreWorld,
  taskId: TaskId,
  from: 'RUNNING' | 'AWAITING_APPROVAL',
  to: 'RUNNING' | 'AWAITING_APPROVAL',
): Promise<unknown> {
  const patch = to === 'AWAITING_APPROVAL' ? { awaitingApprovalRequestId: aRequestId() } : {};
  return world.tasks.transition({ taskId, from, to, atMs: world.clock.nowMs(), patch, events: [] });
}

describe('any sequence of operations on the tasks of one user, with faults in them', () => {
  test('keeps to the state table, holds slots exactly while they are due, and ends each task once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5 }), operations, async (count, sequence) => {
        const stage = new Stage();
        await stage.submit(count);
        for (const operation of sequence) await stage.play(operation);

        await stage.settle();
        expect(await slotsAreExact(stage.world, stage.taskIds)).toStrictEqual([]);

        // Ends give slots to others, whose workflows end them in turn.
        for (const taskId of stage.taskIds) await finalizeTask(stage.world.deps, taskId, worldSettings);
        expect(await endsAreClean(stage.world, stage.taskIds)).toStrictEqual([]);
        expect(stage.violations).toStrictEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('gets tasks to every end: the property above is not about tasks that never start', async () => {
    const seen = new Set<string>();
    const states = await Promise.all(
      fc.sample(operations, { numRuns: 200, seed: 7 }).map(async (sequence) => {
        const stage = new Stage();
        await stage.submit(3);
        for (const operation of sequence) await stage.play(operation);
        for (const taskId of stage.taskIds) {
          seen.add((await row(stage.world, taskId)).status);
          for (const type of await typesOf(stage.world, taskId)) seen.add(type);
        }
        return stage.violations;
      }),
    );

    expect(states.flat()).toStrictEqual([]);
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'QUEUED',
        'COMPLETED',
        'FAILED',
        'CANCELLED',
        'TIMED_OUT',
        'RUNNING',
        'admission_granted',
        'session_started',
      ]),
    );
  });
});
