import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AbcaError } from '../errors/abca-error.ts';
import { isTerminalEvent } from '../events/event-registry.ts';
import { mintSessionId, type TaskId } from '../ids/ids.ts';
import { openSession } from '../session/session-ledger.ts';
import type { StopOutcome } from '../session/session-status.ts';
import { isTerminal } from '../task/task-status.ts';
import { aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import type { CallGate } from './call-gate.test-kit.ts';
import { ann, createCoreWorld, deliver, given, isRunning, logOf, row, worldSettings } from './core-world.test-kit.ts';
import type { CoreWorld } from './core-world.test-kit.ts';
import { driveCancel } from './drive-task.test-kit.ts';
import { slotCaps } from './end-task.ts';
import { finalizeTask } from './finalize-task.ts';
import { reconcileAll } from './reconcile-all.ts';
import { stopSessionById } from './session-ops.ts';

const hour = 3_600_000;
const verbs = ['cancel', 'finalize', 'giveUp', 'reconcile', 'reconcileTwice', 'stop', 'deliver', 'pass'] as const;
type Verb = (typeof verbs)[number];

/** How the substrate answers the next stops. */
const stops = ['stopped', 'requested', 'throttled', 'denied'] as const;
type StopAnswer = (typeof stops)[number];

interface Act {
  readonly verb: Verb;
  readonly task: number;
}

const act = fc.record({ verb: fc.constantFrom<Verb>(...verbs), task: fc.nat(1) });
const count = 2;

async function runningTasks(world: CoreWorld): Promise<readonly TaskId[]> {
  const taskIds = Array.from({ length: count }, (_, n) => aTaskId(n + 1));
  for (const taskId of taskIds) {
    const sessionId = mintSessionId(taskId, 1);
    const handle = await world.compute.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
    await world.slots.acquire(ann, { taskId, createdAt: formatIso(testEpochMs) }, slotCaps);
    const lease = { leaseExpiresAt: formatIso(testEpochMs + 150_000), branch: `abca/${taskId}` };
    await given(world, aTask({ taskId, status: 'RUNNING', ...openSession(handle, testEpochMs), ...lease }));
  }
  return taskIds;
}

/** The next stops of the substrate, one answer each; then it stops what it is asked to. */
function answerStops({ compute }: CoreWorld, answers: readonly StopAnswer[]): void {
  const stopSession = compute.stopSession.bind(compute);
  const left = [...answers];
  compute.stopSession = async (handle, options): Promise<StopOutcome> => {
    const answer = left.shift() ?? 'stopped';
    if (answer === 'throttled') throw new AbcaError('SESSION_STOP_FAILED', 'throttled', { retryable: true });
    if (answer === 'denied') throw new AbcaError('SESSION_ACCESS_DENIED', 'denied');
    compute.stopOutcome = answer === 'requested' ? { kind: 'requested' } : { kind: 'stopped', provenBy: 'it' };
    return stopSession(handle, options);
  };
}

/** Every refusal is an answer; only a defect fails the test. */
async function perform(world: CoreWorld, { verb, task }: Act): Promise<void> {
  const taskId = aTaskId(task + 1);
  const { deps } = world;
  switch (verb) {
    case 'cancel':
      return driveCancel(world, taskId);
    case 'finalize':
      return void (await finalizeTask(deps, taskId, worldSettings));
    case 'giveUp':
      return void (await finalizeTask(deps, taskId, worldSettings, { code: 'SESSION_LOST', message: 'gone' }));
    case 'reconcile':
      return void (await reconcileAll(deps));
    case 'reconcileTwice':
      return void (await Promise.all([reconcileAll(deps), reconcileAll(deps)]));
    case 'stop':
      return void (await stopSessionById(deps, mintSessionId(taskId, 1)));
    case 'deliver':
      return void (await deliver(world, taskId));
    case 'pass':
      return void world.clock.pass(20 * 60_000);
    default:
      return verb satisfies never;
  }
}

/** What is wrong with a task when all is over. */
async function violationsOf(world: CoreWorld, taskId: TaskId): Promise<readonly string[]> {
  const task = await row(world, taskId);
  const ends = (await logOf(world, taskId)).filter(({ eventType }) => isTerminalEvent(eventType));
  const runs = await isRunning(world, mintSessionId(taskId, 1));
  const { holders } = await world.slots.inspect(ann);
  return [
    ...(isTerminal(task.status) ? [] : [`${taskId} stands in ${task.status}`]),
    ...(ends.length === 1 ? [] : [`${taskId} ended ${String(ends.length)} times`]),
    ...(task.sessionOpen === undefined ? [] : [`${taskId} has an open session: ${JSON.stringify(task.sessionStop)}`]),
    ...(runs ? [`${taskId} has a session that runs`] : []),
    ...(holders.includes(taskId) ? [`${taskId} holds a slot`] : []),
  ];
}

/** A gate at which every call waits for its turn while the game is on. */
class GameGate implements CallGate {
  isOn = true;
  readonly #scheduler: fc.Scheduler;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
  }

  async pass<T>(label: string, effect: () => Promise<T>): Promise<T> {
    if (this.isOn) await this.#scheduler.schedule(Promise.resolve(), label);
    return effect();
  }
}

describe('any interleaving of cancel, finalize, operators and reconcilers, with stops that fail', () => {
  test('in the end each task ended once, and holds neither a session nor a slot', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(act, { minLength: 1, maxLength: 8 }),
        fc.array(fc.constantFrom<StopAnswer>(...stops), { maxLength: 6 }),
        async (scheduler, acts, answers) => {
          const gate = new GameGate(scheduler);
          const world = createCoreWorld({ gate });
          const taskIds = await runningTasks(world);
          answerStops(world, answers);

          await scheduler.waitFor(Promise.all(acts.map((each) => perform(world, each))));

          gate.isOn = false;
          // A result on the row is its workflow's to finalize; reconcilers only set it going.
          for (const taskId of taskIds) {
            if ((await row(world, taskId)).result !== undefined) await finalizeTask(world.deps, taskId, worldSettings);
          }
          for (let run = 0; run < 20; run += 1) {
            world.clock.pass(hour);
            await reconcileAll(world.deps);
          }
          const violations = await Promise.all(taskIds.map((taskId) => violationsOf(world, taskId)));
          expect(violations.flat()).toStrictEqual([]);
          expect(await world.tasks.listOpenSessions({ limit: 5 })).toStrictEqual({ tasks: [] });
        },
      ),
      { numRuns: 150 },
    );
  });
});
