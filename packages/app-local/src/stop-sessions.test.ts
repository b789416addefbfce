import { describe, expect, test } from '@jest/globals';
import type { Task } from '@abca/core';
import {
  aTask,
  aTaskId,
  CapturingLogger,
  FakeClock,
  InMemoryComputeStrategy,
  InMemoryEventLog,
  InMemoryTaskRepository,
} from '@abca/core/testing';
import { stopSessions } from './stop-sessions.ts';

function world() {
  const clock = new FakeClock();
  const events = new InMemoryEventLog(clock);
  const compute = new InMemoryComputeStrategy();
  const tasks = new InMemoryTaskRepository(events);
  const deps = { tasks, events, clock, logger: new CapturingLogger(), strategies: new Map([[compute.type, compute]]) };
  return { ...deps, compute, deps };
}

async function running(w: ReturnType<typeof world>, n: number, fields: Partial<Task> = {}): Promise<Task> {
  const task = aTask({ taskId: aTaskId(n), status: 'RUNNING', ...fields });
  const sessionId = task.sessionId!;
  const sessionHandle = await w.compute.startSession({
    taskId: task.taskId,
    sessionId,
    generation: 1,
    compute: {},
    environment: {},
  });
  const stored = { ...task, sessionHandle };
  await w.tasks.create({ task: stored, events: [] });
  return stored;
}

const end = (w: ReturnType<typeof world>, { taskId }: Task) =>
  w.tasks.transition({ taskId, from: 'RUNNING', to: 'FAILED', atMs: w.clock.nowMs(), events: [] });

describe('stopSessions()', () => {
  test('tells every session once and returns when their tasks have ended', async () => {
    const w = world();
    const tasks = [await running(w, 1), await running(w, 2)];
    const stopping = stopSessions(w.deps, 10_000);
    await w.clock.advance(100);
    for (const task of tasks) await end(w, task);
    await w.clock.advance(100);

    expect(await stopping).toBe(0);
    expect(w.compute.stopped).toStrictEqual(tasks.map((task) => task.sessionId));
  });

  test('tells a session too that comes up meanwhile', async () => {
    const w = world();
    const first = await running(w, 1);
    const stopping = stopSessions(w.deps, 10_000);
    await w.clock.advance(100);
    const second = await running(w, 2);
    await w.clock.advance(100);
    await end(w, first);
    await end(w, second);
    await w.clock.advance(100);

    expect(await stopping).toBe(0);
    expect(w.compute.stopped).toStrictEqual([first.sessionId, second.sessionId]);
  });

  test('leaves tasks without a session to the next start', async () => {
    const w = world();
    await w.tasks.create({ task: aTask({ status: 'HYDRATING' }), events: [] });

    expect(await stopSessions(w.deps, 10_000)).toBe(0);
    expect(w.compute.stopped).toStrictEqual([]);
  });

  test('waits no longer than its bound', async () => {
    const w = world();
    await running(w, 1);
    const stopping = stopSessions(w.deps, 1_000);
    await w.clock.advance(1_050);

    expect(await stopping).toBe(1);
  });
});
