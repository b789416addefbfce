import { describe, expect, jest, test } from '@jest/globals';
import type { TaskId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import { requestAdmission, waitInQueue } from './admit-task.ts';
import { releaseSlotOf } from './end-task.ts';
import { ann, createCoreWorld, given, logOf, row, smallCaps, typesOf, type CoreWorld } from './core-world.test-kit.ts';

const day = 24 * 3_600_000;

/** Tasks that hold or await all slots, created long before. */
async function occupy(world: CoreWorld, count: number = smallCaps.slots): Promise<readonly TaskId[]> {
  const others = Array.from({ length: count }, (_, n) => aTaskId(100 + n));
  for (const taskId of others) await world.slots.acquire(ann, { taskId, createdAt: formatIso(0) }, smallCaps);
  return others;
}

describe('requestAdmission()', () => {
  test('admits a task while a slot is free, and again when it is asked again', async () => {
    const world = createCoreWorld();
    const task = await given(world, aTask());

    expect(await requestAdmission(world.deps, task.taskId)).toStrictEqual({ kind: 'admitted' });
    expect(await requestAdmission(world.deps, task.taskId)).toStrictEqual({ kind: 'admitted' });
    expect((await world.slots.inspect(ann)).holders).toStrictEqual([task.taskId]);
    expect(await row(world, task.taskId)).toStrictEqual(task);
  });

  test('gives a place in the queue when all slots are taken', async () => {
    const world = createCoreWorld();
    const task = await given(world, aTask());
    await occupy(world);

    expect(await requestAdmission(world.deps, task.taskId)).toStrictEqual({ kind: 'queued' });
    expect((await world.slots.inspect(ann)).queue).toStrictEqual([{ taskId: task.taskId, createdAt: task.createdAt }]);
  });

  test('fails a task when the queue is full, too', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    await occupy(world, smallCaps.slots + smallCaps.queued);

    expect(await requestAdmission(world.deps, taskId)).toStrictEqual({
      kind: 'failed',
      failure: { code: 'QUEUE_FULL', message: '3 tasks are waiting already; submit again when some have ended' },
    });
  });

  test.each([
    [day - 1, { kind: 'queued' }],
    [
      day,
      {
        kind: 'failed',
        failure: {
          code: 'QUEUE_TIMEOUT',
          message: 'no slot became free within 24 hours; submit the task again when fewer are running',
        },
      },
    ],
  ])('after %d ms in the queue: %j', async (ms, admission) => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ status: 'QUEUED' }));
    await occupy(world);
    world.clock.pass(ms);

    expect(await requestAdmission(world.deps, taskId)).toStrictEqual(admission);
  });

  test('a slot that is free after a day in the queue is taken all the same', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ status: 'QUEUED' }));
    world.clock.pass(limits.queueMs);

    expect(await requestAdmission(world.deps, taskId)).toStrictEqual({ kind: 'admitted' });
  });

  test('a queued task that has its slot leaves the queue, and says so once', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ status: 'QUEUED' }));
    world.clock.pass(1_000);

    expect(await requestAdmission(world.deps, taskId)).toStrictEqual({ kind: 'admitted' });
    expect(await requestAdmission(world.deps, taskId)).toStrictEqual({ kind: 'admitted' });
    expect(await row(world, taskId)).toMatchObject({
      status: 'SUBMITTED',
      statusCreatedAt: formatIso(testEpochMs + 1_000),
    });
    expect(await logOf(world, taskId)).toMatchObject([
      { eventType: 'task_created' },
      { eventType: 'admission_granted', metadata: {} },
    ]);
  });

  test.each(['HYDRATING', 'RUNNING', 'COMPLETED', 'CANCELLED'] as const)(
    'a task that is %s asks for nothing',
    async (status) => {
      const world = createCoreWorld();
      const { taskId } = await given(world, aTask({ status }));

      expect(await requestAdmission(world.deps, taskId)).toStrictEqual({ kind: 'ended' });
      expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
    },
  );

  test('knows no task: nothing to admit', async () => {
    expect(await requestAdmission(createCoreWorld().deps, aTaskId(9))).toStrictEqual({ kind: 'ended' });
  });

  test.each([
    ['SUBMITTED', { kind: 'admitted' }],
    ['CANCELLED', { kind: 'ended' }],
  ] as const)('a queued task that somebody else just made %s: %j', async (to, admission) => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ status: 'QUEUED' }));
    const acquire = world.slots.acquire.bind(world.slots);
    jest.spyOn(world.slots, 'acquire').mockImplementationOnce(async (...args) => {
      await world.tasks.transition({ taskId, from: 'QUEUED', to, atMs: 0, events: [] });
      return acquire(...args);
    });

    expect(await requestAdmission(world.deps, taskId)).toStrictEqual(admission);
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created']);
  });

  test('a queued task that vanishes is ended', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ status: 'QUEUED' }));
    jest.spyOn(world.tasks, 'transition').mockResolvedValueOnce({ kind: 'absent' });

    expect(await requestAdmission(world.deps, taskId)).toStrictEqual({ kind: 'ended' });
  });
});

describe('waitInQueue()', () => {
  test('notes where to wake the task and its place', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ createdAt: formatIso(testEpochMs) }));
    await occupy(world, 3);

    expect(await waitInQueue(world.deps, taskId, 'callback-1')).toStrictEqual({ kind: 'queued' });
    expect(await row(world, taskId)).toMatchObject({ status: 'QUEUED', admissionCallbackId: 'callback-1' });
    expect(await logOf(world, taskId)).toMatchObject([
      { eventType: 'task_created' },
      { eventType: 'admission_queued', metadata: { position: 2 } },
    ]);
  });

  test('a task that waits already learns of its new callback, without an event', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    await occupy(world);
    await waitInQueue(world.deps, taskId, 'callback-1');
    world.clock.pass(1_000);

    expect(await waitInQueue(world.deps, taskId, 'callback-2')).toStrictEqual({ kind: 'queued' });
    expect(await row(world, taskId)).toMatchObject({
      admissionCallbackId: 'callback-2',
      updatedAt: formatIso(testEpochMs + 1_000),
    });
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'admission_queued']);
  });

  test('a slot that was freed before the note was written is not lost', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    const [first] = await occupy(world);
    await requestAdmission(world.deps, taskId);
    await world.slots.release(ann, first!, smallCaps);

    expect(await waitInQueue(world.deps, taskId, 'callback-1')).toStrictEqual({ kind: 'admitted' });
    expect((await row(world, taskId)).status).toBe('SUBMITTED');
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created']);
  });

  test('a slot that is freed while the note is written is not lost: nobody knew whom to wake', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    const [first] = await occupy(world);
    const transition = world.tasks.transition.bind(world.tasks);
    jest.spyOn(world.tasks, 'transition').mockImplementationOnce(async (move) => {
      await releaseSlotOf(world.deps, ann, first!);
      return transition(move);
    });

    expect(await waitInQueue(world.deps, taskId, 'callback-1')).toStrictEqual({ kind: 'admitted' });
    expect(world.signals.completed.size).toBe(0);
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'admission_queued', 'admission_granted']);
  });

  test('a task that finds the queue full fails', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    await occupy(world, smallCaps.slots + smallCaps.queued);

    expect(await waitInQueue(world.deps, taskId, 'callback-1')).toMatchObject({
      kind: 'failed',
      failure: { code: 'QUEUE_FULL' },
    });
  });

  test('another run that noted first counts as noted', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    await occupy(world);
    const acquire = world.slots.acquire.bind(world.slots);
    jest.spyOn(world.slots, 'acquire').mockImplementationOnce(async (...args) => {
      await waitInQueue(world.deps, taskId, 'callback-1');
      return acquire(...args);
    });

    expect(await waitInQueue(world.deps, taskId, 'callback-2')).toStrictEqual({ kind: 'queued' });
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'admission_queued']);
  });

  test.each(['SUBMITTED', 'QUEUED'] as const)('a task that ends while it is %s is ended', async (status) => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ status }));
    await occupy(world);
    const acquire = world.slots.acquire.bind(world.slots);
    jest.spyOn(world.slots, 'acquire').mockImplementationOnce(async (...args) => {
      await world.tasks.transition({ taskId, from: status, to: 'CANCELLED', atMs: 0, events: [] });
      return acquire(...args);
    });

    expect(await waitInQueue(world.deps, taskId, 'callback-1')).toStrictEqual({ kind: 'ended' });
    expect((await row(world, taskId)).status).toBe('CANCELLED');
  });

  test('a task that ended while others hold all slots does not wait', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ status: 'CANCELLED' }));
    await occupy(world);

    expect(await waitInQueue(world.deps, taskId, 'callback-1')).toStrictEqual({ kind: 'ended' });
  });

  test('a task that is past the queue, or not there, does not wait', async () => {
    const world = createCoreWorld();
    const task = await given(world, aTask({ status: 'RUNNING' }));

    expect(await waitInQueue(world.deps, task.taskId, 'callback-1')).toStrictEqual({ kind: 'ended' });
    expect(await waitInQueue(world.deps, aTaskId(9), 'callback-1')).toStrictEqual({ kind: 'ended' });
    expect(await row(world, task.taskId)).toStrictEqual(task);
  });
});
