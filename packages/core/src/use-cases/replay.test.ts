import { describe, expect, test } from '@jest/globals';
import type { TaskId } from '../ids/ids.ts';
import { aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import { SequentialIds } from '../testing/sequential-ids.ts';
import { formatIso } from '../time/iso-time.ts';
import { waitInQueue, requestAdmission } from './admit-task.ts';
import { CrashGate, type FaultPlace } from './call-gate.test-kit.ts';
import { cancelTask } from './cancel-task.ts';
import { adoptCallback, checkSession } from './check-session.ts';
import {
  aCommand,
  ann,
  createCoreWorld,
  deliver,
  given,
  smallCaps,
  snapshot,
  worldSettings,
  type CoreWorld,
} from './core-world.test-kit.ts';
import { failTask } from './end-task.ts';
import { finalizeTask, finalizeUnverified } from './finalize-task.ts';
import { hydrateTask } from './hydrate-task.ts';
import { loadTask } from './load-task.ts';
import { preflightTask } from './preflight-task.ts';
import { startTaskSession } from './start-session.ts';
import { submitTask } from './submit-task.ts';

const taskId = aTaskId(1);
const waiting = aTaskId(2);
const lost = { code: 'SESSION_LOST', message: 'gone' } as const;
const start = { settings: worldSettings, baseBranch: 'main', callbackId: 'callback-1' };

/** A use case to be killed: how its world is made, and its call. What it answers is part of what must be the same. */
interface Scenario {
  readonly name: string;
  arrange(world: CoreWorld): Promise<unknown>;
  act(world: CoreWorld): Promise<unknown>;
}

/** A task in its slot, another one that waits for it. */
async function admitted(world: CoreWorld): Promise<void> {
  await given(world, aTask({ taskId }));
  await requestAdmission(world.deps, taskId);
  await takeSlot(world, aTaskId(50));
  await given(world, aTask({ taskId: waiting, createdAt: formatIso(testEpochMs + 1) }));
  await waitInQueue(world.deps, waiting, 'callback-of-waiting');
}

async function takeSlot(world: CoreWorld, holder: TaskId): Promise<void> {
  await world.slots.acquire(ann, { taskId: holder, createdAt: formatIso(0) }, smallCaps);
}

async function hydrated(world: CoreWorld): Promise<void> {
  await admitted(world);
  await hydrateTask(world.deps, taskId, worldSettings);
}

async function running(world: CoreWorld): Promise<void> {
  await hydrated(world);
  await startTaskSession(world.deps, taskId, start);
}

async function delivered(world: CoreWorld): Promise<void> {
  await running(world);
  await deliver(world, taskId);
}

async function queueable(world: CoreWorld): Promise<void> {
  await takeSlot(world, aTaskId(50));
  await takeSlot(world, aTaskId(51));
  await given(world, aTask({ taskId }));
}

async function freed(world: CoreWorld): Promise<void> {
  await queueable(world);
  await waitInQueue(world.deps, taskId, 'callback-1');
  await world.slots.release(ann, aTaskId(50), smallCaps);
}

/** What the first answer says may get lost; what a repeated cancel says is that the task has ended. */
async function cancel(world: CoreWorld): Promise<unknown> {
  try {
    await cancelTask(world.deps, ann, taskId);
  } catch (error) {
    if (!(error instanceof Error && /has already ended as CANCELLED/.test(error.message))) throw error;
  }
  return 'cancelled';
}

const scenarios: readonly Scenario[] = [
  {
    name: 'submitTask() with a key',
    arrange: async () => undefined,
    act: async ({ deps }) => {
      // Its own ids for each try, and the same: what is compared is what became of the first one.
      const ids = new SequentialIds();
      const { task } = await submitTask({ ...deps, ids }, { userId: ann, command: aCommand(), idempotencyKey: 'k' });
      return task;
    },
  },
  { name: 'loadTask()', arrange: admitted, act: ({ deps }) => loadTask(deps, taskId) },
  {
    name: 'requestAdmission() with a free slot',
    arrange: (world) => given(world, aTask({ taskId })),
    act: ({ deps }) => requestAdmission(deps, taskId),
  },
  { name: 'requestAdmission() at the cap', arrange: queueable, act: ({ deps }) => requestAdmission(deps, taskId) },
  { name: 'requestAdmission() after the wait', arrange: freed, act: ({ deps }) => requestAdmission(deps, taskId) },
  { name: 'waitInQueue()', arrange: queueable, act: ({ deps }) => waitInQueue(deps, taskId, 'callback-1') },
  { name: 'waitInQueue() once more', arrange: freed, act: ({ deps }) => waitInQueue(deps, taskId, 'callback-2') },
  { name: 'preflightTask()', arrange: admitted, act: ({ deps }) => preflightTask(deps, taskId, worldSettings) },
  { name: 'hydrateTask()', arrange: admitted, act: ({ deps }) => hydrateTask(deps, taskId, worldSettings) },
  { name: 'startTaskSession()', arrange: hydrated, act: ({ deps }) => startTaskSession(deps, taskId, start) },
  { name: 'checkSession() of a live one', arrange: running, act: ({ deps }) => checkSession(deps, taskId) },
  { name: 'adoptCallback()', arrange: running, act: ({ deps }) => adoptCallback(deps, taskId, 'callback-2') },
  {
    name: 'finalizeTask() of delivered work',
    arrange: delivered,
    act: (w) => finalizeTask(w.deps, taskId, worldSettings),
  },
  {
    name: 'finalizeTask() of a session that was given up',
    arrange: running,
    act: ({ deps }) => finalizeTask(deps, taskId, worldSettings, lost),
  },
  {
    name: 'finalizeTask() of a task that never ran',
    arrange: admitted,
    act: ({ deps }) => finalizeTask(deps, taskId, worldSettings),
  },
  {
    name: 'finalizeUnverified()',
    arrange: delivered,
    act: ({ deps }) => finalizeUnverified(deps, taskId, { code: 'SERVICE_UNAVAILABLE', message: 'away' }),
  },
  { name: 'failTask()', arrange: hydrated, act: ({ deps }) => failTask(deps, taskId, lost) },
  { name: 'cancelTask() of a running task', arrange: running, act: cancel },
  { name: 'cancelTask() of a queued task', arrange: freed, act: cancel },
];

async function play(scenario: Scenario): Promise<{ world: CoreWorld; gate: CrashGate }> {
  const gate = new CrashGate();
  const world = createCoreWorld({ gate });
  await scenario.arrange(world);
  gate.restart();
  return { world, gate };
}

/** The scenario killed at its call `at` and run again. */
async function crashed(scenario: Scenario, at: number, place: FaultPlace): Promise<unknown> {
  const { world, gate } = await play(scenario);
  gate.arm(at, place);
  // Whatever a dying program answers, nobody hears it.
  await scenario.act(world).catch(() => undefined);
  expect(gate.struck).toBe(true);
  gate.restart();
  return { answer: await scenario.act(world), end: await snapshot(world, taskId, waiting) };
}

describe('a use case that is killed at any call of a port and run again', () => {
  test.each(scenarios)('$name: ends as if nothing had happened, and tells everything once', async (scenario) => {
    const { world, gate } = await play(scenario);
    const whole = { answer: await scenario.act(world), end: await snapshot(world, taskId, waiting) };
    const calls = gate.calls.length;

    for (const place of ['before', 'after'] as const) {
      for (let at = 1; at <= calls; at += 1) {
        const again = await crashed(scenario, at, place);
        expect({ at: `${place} call ${String(at)}`, ...(again as object) }).toStrictEqual({
          at: `${place} call ${String(at)}`,
          ...whole,
        });
      }
    }
    expect(calls).toBeGreaterThan(0);
  });

  test('checkSession() of a session that ended without a result', async () => {
    const scenario: Scenario = {
      name: '',
      arrange: async (world) => {
        await running(world);
        world.compute.end(world.compute.started[0]!.sessionId, { kind: 'failed', error: 'exit code 1' });
      },
      act: ({ deps }) => checkSession(deps, taskId),
    };

    for (let at = 1; at <= 4; at += 1) {
      expect(await crashed(scenario, at, 'after')).toMatchObject({
        answer: { kind: 'give_up', failure: { code: 'SESSION_ENDED_WITHOUT_RESULT' } },
      });
    }
  });

  test('a submit without a key makes a second task: only the key tells that it is the same', async () => {
    const gate = new CrashGate();
    const world = createCoreWorld({ gate });
    gate.arm(3, 'before');
    const submit = (): Promise<unknown> => submitTask(world.deps, { userId: ann, command: aCommand() });
    await expect(submit()).rejects.toThrow('executions.start');
    gate.restart();

    expect(await submit()).toMatchObject({ kind: 'created', task: { taskId: aTaskId(2) } });
    expect([...world.executions.started]).toStrictEqual([aTaskId(2)]);
  });
});
