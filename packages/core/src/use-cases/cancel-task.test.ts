import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { mintSessionId, type UserId } from '../ids/ids.ts';
import { aTask, aTaskId } from '../testing/builders.ts';
import type { TaskStatus } from '../task/task-status.ts';
import type { Task } from '../task/task.ts';
import { cancelTask, notFound } from './cancel-task.ts';
import {
  ann,
  createCoreWorld,
  given,
  isRunning,
  logOf,
  row,
  smallCaps,
  typesOf,
  type CoreWorld,
} from './core-world.test-kit.ts';

const taskId = aTaskId();
const sessionId = mintSessionId(taskId, 1);
const sessionHandle = { strategyType: 'memory', sessionId };

async function holding(fields: Partial<Task> = {}): Promise<CoreWorld> {
  const world = createCoreWorld();
  const task = await given(world, aTask(fields));
  await world.slots.acquire(ann, task, smallCaps);
  await world.compute.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
  return world;
}

describe('cancelTask()', () => {
  test.each<[TaskStatus, Partial<Task>, string]>([
    ['SUBMITTED', {}, 'no_session'],
    ['QUEUED', { admissionCallbackId: 'callback-1' }, 'no_session'],
    ['HYDRATING', { sessionHandle, sessionCallbackId: 'callback-1' }, 'stopped'],
    ['RUNNING', { sessionHandle, sessionCallbackId: 'callback-1', admissionCallbackId: 'callback-0' }, 'stopped'],
    ['AWAITING_APPROVAL', { sessionHandle, sessionCallbackId: 'callback-1' }, 'stopped'],
  ])('%s: ends the task, its compute and its slot, and wakes its workflow (L5, R8)', async (status, fields, stop) => {
    const world = await holding({ status, ...fields });

    const cancelled = await cancelTask(world.deps, ann, taskId);

    expect(cancelled).toMatchObject({ task: { status: 'CANCELLED' }, stop: { kind: stop } });
    expect(await row(world, taskId)).toMatchObject(cancelled.task);
    expect((await logOf(world, taskId)).at(-1)).toMatchObject({
      eventType: 'task_cancelled',
      metadata: { by: ann },
    });
    expect(await isRunning(world, sessionId)).toBe(stop === 'no_session');
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
    expect([...world.signals.completed]).toStrictEqual(
      status === 'SUBMITTED' ? [] : [['callback-1', { reason: 'cancelled' }]],
    );
  });

  test("somebody else's task is not there, as is one that is not (no oracle)", async () => {
    const world = await holding();
    const others = cancelTask(world.deps, 'bob' as UserId, taskId);
    const unknown = cancelTask(world.deps, ann, aTaskId(9));

    await expect(others).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
      message: `you have no task ${taskId}; list yours with: bgagent list`,
    });
    await expect(unknown).rejects.toMatchObject({ code: 'TASK_NOT_FOUND', message: notFound(aTaskId(9)).message });
    expect((await row(world, taskId)).status).toBe('SUBMITTED');
  });

  test('a task that vanishes is not there', async () => {
    const world = await holding();
    jest.spyOn(world.tasks, 'transition').mockResolvedValueOnce({ kind: 'absent' });

    await expect(cancelTask(world.deps, ann, taskId)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  test('a task that is being finalized finishes', async () => {
    const world = await holding({ status: 'FINALIZING', sessionHandle });

    await expect(cancelTask(world.deps, ann, taskId)).rejects.toMatchObject({
      code: 'TASK_FINALIZING',
      message: `task ${taskId} is being finalized and ends by itself within moments`,
    });
    expect(world.compute.stopped).toStrictEqual([]);
    expect((await world.slots.inspect(ann)).holders).toStrictEqual([taskId]);
  });

  test.each(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT'] as const)(
    'a task that is %s has ended already',
    async (status) => {
      const world = await holding({ status });

      await expect(cancelTask(world.deps, ann, taskId)).rejects.toMatchObject({
        code: 'TASK_ALREADY_TERMINAL',
        message: `task ${taskId} has already ended as ${status}`,
      });
      expect(await typesOf(world, taskId)).toStrictEqual(['task_created']);
    },
  );

  test('only what a broken-off cancel left is done by a repetition', async () => {
    const world = await holding({ status: 'COMPLETED', sessionHandle, sessionCallbackId: 'callback-1' });

    await expect(cancelTask(world.deps, ann, taskId)).rejects.toMatchObject({ code: 'TASK_ALREADY_TERMINAL' });
    expect(world.compute.stopped).toStrictEqual([]);
    expect(world.signals.completed.size).toBe(0);
  });

  test('a stop that fails does not keep the task: it is CANCELLED and says so', async () => {
    const world = await holding({ status: 'RUNNING', sessionHandle });
    world.compute.failNext('stop', new AbcaError('SESSION_STOP_FAILED', 'throttled', { retryable: true }));

    expect(await cancelTask(world.deps, ann, taskId)).toMatchObject({
      task: { status: 'CANCELLED' },
      stop: { kind: 'failed', message: 'throttled' },
    });
    expect(await typesOf(world, taskId)).toStrictEqual([
      'task_created',
      'task_cancelled',
      'task_cancel_compute_orphan',
    ]);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
  });

  test('a task that others move meanwhile is cancelled where it stands', async () => {
    const world = await holding({ status: 'HYDRATING' });
    const find = world.tasks.find.bind(world.tasks);
    jest
      .spyOn(world.tasks, 'find')
      .mockImplementationOnce(find)
      .mockImplementationOnce(async (id) => {
        const seen = await find(id);
        const patch = { sessionHandle };
        await world.tasks.transition({ taskId, from: 'HYDRATING', to: 'RUNNING', atMs: 0, patch, events: [] });
        return seen;
      });

    expect((await cancelTask(world.deps, ann, taskId)).stop.kind).toBe('stopped');
  });
});
