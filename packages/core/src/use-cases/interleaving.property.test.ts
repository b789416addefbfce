import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AbcaError } from '../errors/abca-error.ts';
import type { TaskId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { aTask } from '../testing/builders.ts';
import type { Failure } from '../task/task.ts';
import type { CallGate } from './call-gate.test-kit.ts';
import {
  ann,
  createCoreWorld,
  deliver,
  given,
  row,
  submitOne,
  worldSettings,
  type CoreWorld,
} from './core-world.test-kit.ts';
import {
  Callbacks,
  driveCancel,
  driveTask,
  runSessions,
  sessionKinds,
  type SessionKind,
} from './drive-task.test-kit.ts';
import { failTask } from './end-task.ts';
import { finalizeTask } from './finalize-task.ts';
import { hydrateTask } from './hydrate-task.ts';
import { endsAreClean, slotsAreExact, watch, type Violations } from './invariants.test-kit.ts';
import { requestAdmission } from './admit-task.ts';
import { startTaskSession } from './start-session.ts';

const caps = { slots: 2, queued: 2 };
const failure: Failure = { code: 'SESSION_LOST', message: 'gone' };
/** Silent rounds after which a world that has not come to rest never will. */
const rounds = 40;

/** A gate at which every call waits for its turn, and whose calls with these numbers are not answered. */
function scheduledGate(scheduler: fc.Scheduler, outages: readonly number[] = []): CallGate {
  let calls = 0;
  return {
    pass: async (label, effect) => {
      await scheduler.schedule(Promise.resolve(), label);
      calls += 1;
      const away = new AbcaError('SERVICE_UNAVAILABLE', `${label} does not answer`, { retryable: true });
      // Every other one takes effect all the same.
      if (outages.includes(calls)) {
        if (calls % 2 === 0) await effect();
        throw away;
      }
      return effect();
    },
  };
}

interface Play {
  readonly world: CoreWorld;
  readonly callbacks: Callbacks;
  readonly taskIds: readonly TaskId[];
  readonly violations: Violations;
  /** Programs of the sessions that were started. */
  readonly sessions: readonly Promise<void>[];
}

async function play(
  scheduler: fc.Scheduler,
  kinds: readonly SessionKind[],
  outages: readonly number[] = [],
): Promise<Play> {
  const world = createCoreWorld({ caps, gate: scheduledGate(scheduler, outages) });
  const callbacks = new Callbacks();
  const violations = watch(world, caps);
  const taskIds: TaskId[] = [];
  for (let n = 0; n < kinds.length; n += 1) taskIds.push(await submitOne(world));
  const sessions = runSessions(world, callbacks, (taskId) => kinds[taskIds.indexOf(taskId)] ?? 'delivers');
  return { world, callbacks, taskIds, violations, sessions };
}

/** Until all writers are done. Whoever still waits when nothing moves is told that nobody answered. */
async function untilDone(
  { world, callbacks, sessions }: Play,
  scheduler: fc.Scheduler,
  writers: readonly Promise<unknown>[],
  atRest: () => Promise<void> = async () => undefined,
): Promise<void> {
  let done = false;
  const all = Promise.all(writers).finally(() => {
    done = true;
  });
  // Awaited below; a failure in between must not count as unhandled.
  void all.catch(() => undefined);
  for (let round = 0; ; round += 1) {
    await scheduler.waitIdle();
    if (done) break;
    if (round > rounds) throw new Error('the writers do not come to an end');
    await atRest();
    world.clock.pass(limits.heartbeatLostMs);
    callbacks.fallSilent();
  }
  await all;
  await Promise.all(sessions);
}

const kinds = fc.array(fc.constantFrom(...sessionKinds), { minLength: 1, maxLength: 5, size: 'max' });
const outages = fc.uniqueArray(fc.integer({ min: 1, max: 80 }), { maxLength: 3 });

describe('any interleaving of the workflows of one user', () => {
  test('with cancels in between: slots are exact whenever nothing moves, no wake-up is lost, and all ends are clean', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        kinds,
        fc.array(fc.nat(4), { maxLength: 3 }),
        async (scheduler, each, cancels) => {
          const stage = await play(scheduler, each);
          const { world, callbacks, taskIds, violations } = stage;
          const writers = [
            ...taskIds.map((taskId) => driveTask(world, callbacks, taskId)),
            ...cancels.map((n) => driveCancel(world, taskIds[n % taskIds.length]!)),
          ];

          await untilDone(stage, scheduler, writers, async () => {
            expect(await slotsAreExact(world, taskIds)).toStrictEqual([]);
          });

          expect(await endsAreClean(world, taskIds)).toStrictEqual([]);
          expect(violations).toStrictEqual([]);
        },
      ),
      { numRuns: 120 },
    );
  });

  test('with stores that do not answer in between: all ends are clean', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        kinds,
        fc.option(fc.nat(4), { nil: undefined }),
        outages,
        async (scheduler, each, cancelled, away) => {
          const stage = await play(scheduler, each, away);
          const { world, callbacks, taskIds, violations } = stage;
          const writers = taskIds.map((taskId) => driveTask(world, callbacks, taskId));
          if (cancelled !== undefined) writers.push(driveCancel(world, taskIds[cancelled % taskIds.length]!));

          await untilDone(stage, scheduler, writers);

          expect(await endsAreClean(world, taskIds)).toStrictEqual([]);
          expect(violations).toStrictEqual([]);
        },
      ),
      { numRuns: 120 },
    );
  });

  test('two orchestrations of the same task end it once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), kinds, fc.boolean(), async (scheduler, each, cancelled) => {
        const stage = await play(scheduler, each);
        const { world, callbacks, taskIds, violations } = stage;
        const drive = (taskId: TaskId): Promise<void> => driveTask(world, callbacks, taskId);
        const writers = [...taskIds.map(drive), drive(taskIds[0]!)];
        if (cancelled) writers.push(driveCancel(world, taskIds[0]!));

        await untilDone(stage, scheduler, writers);

        expect(await endsAreClean(world, taskIds)).toStrictEqual([]);
        expect(violations).toStrictEqual([]);
      }),
      { numRuns: 120 },
    );
  });
});

type Writer = (world: CoreWorld, taskId: TaskId) => Promise<unknown>;

const start = { settings: worldSettings, baseBranch: 'main', callbackId: 'callback-1' };
const writers = {
  cancel: driveCancel,
  fail: ({ deps }, taskId) => failTask(deps, taskId, failure),
  finalize: ({ deps }, taskId) => finalizeTask(deps, taskId, worldSettings),
  'give up': ({ deps }, taskId) => finalizeTask(deps, taskId, worldSettings, failure),
  'pass the deadline': ({ deps }, taskId) =>
    finalizeTask(deps, taskId, worldSettings, { code: 'DEADLINE_EXCEEDED', message: 'late' }),
  hydrate: ({ deps }, taskId) => hydrateTask(deps, taskId, worldSettings),
  start: ({ deps }, taskId) => startTaskSession(deps, taskId, start),
} satisfies Record<string, Writer>;
type WriterName = keyof typeof writers;

const arrangements: Record<string, (world: CoreWorld) => Promise<TaskId>> = {
  admitted: async (world) => {
    const { taskId } = await given(world, aTask());
    await requestAdmission(world.deps, taskId);
    return taskId;
  },
  hydrated: async (world) => {
    const taskId = await arrangements['admitted']!(world);
    await hydrateTask(world.deps, taskId, worldSettings);
    return taskId;
  },
  running: async (world) => {
    const taskId = await arrangements['hydrated']!(world);
    await startTaskSession(world.deps, taskId, start);
    return taskId;
  },
  delivered: async (world) => {
    const taskId = await arrangements['running']!(world);
    await deliver(world, taskId);
    return taskId;
  },
};

describe('any interleaving of two writers', () => {
  const names = Object.keys(writers) as WriterName[];
  const pairs = names.flatMap((first, index) => names.slice(index).map((second) => [first, second] as const));

  test.each(pairs)('%s against %s: one end, told once, and nothing left', async (first, second) => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.constantFrom(...Object.keys(arrangements)),
        async (scheduler, arrangement) => {
          let gate: CallGate = { pass: (_label, effect) => effect() };
          const world = createCoreWorld({ caps, gate: { pass: (label, effect) => gate.pass(label, effect) } });
          const violations = watch(world, caps);
          const taskId = await arrangements[arrangement]!(world);
          gate = scheduledGate(scheduler);

          await scheduler.waitFor(Promise.all([writers[first](world, taskId), writers[second](world, taskId)]));

          // The workflow of the task comes by last, as it does after each way that a task may end.
          const tidied = finalizeTask(world.deps, taskId, worldSettings);
          await scheduler.waitFor(tidied);
          expect(await endsAreClean(world, [taskId])).toStrictEqual([]);
          expect(violations).toStrictEqual([]);
          expect((await row(world, taskId)).status).toBe(await tidied);
          expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
        },
      ),
      { numRuns: 25 },
    );
  });
});
