import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import type { TaskId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { aRequestId, aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import type { Failure } from '../task/task.ts';
import type { TaskStatus } from '../task/task-status.ts';
import { formatIso } from '../time/iso-time.ts';
import { waitInQueue } from './admit-task.ts';
import { ann, createCoreWorld, given, logOf, row, smallCaps, typesOf, type CoreWorld } from './core-world.test-kit.ts';
import { failTask, moveToEnd, releaseSlotOf, slotCaps } from './end-task.ts';

const failure: Failure = { code: 'AGENT_FAILED', message: 'no luck' };

/** Two tasks that hold the slots, and `waiting` more that stand in the queue with callbacks `callback-<n>`. */
async function fullHouse(world: CoreWorld, waiting: number): Promise<readonly TaskId[]> {
  const taskIds: TaskId[] = [];
  for (let n = 1; n <= smallCaps.slots + waiting; n += 1) {
    const { taskId } = await given(world, aTask({ taskId: aTaskId(n), createdAt: formatIso(testEpochMs + n) }));
    const holds = n <= smallCaps.slots;
    if (holds) await world.slots.acquire(ann, { taskId, createdAt: formatIso(testEpochMs + n) }, smallCaps);
    else await waitInQueue(world.deps, taskId, `callback-${String(n)}`);
    taskIds.push(taskId);
  }
  return taskIds;
}

describe('slotCaps', () => {
  test('are the limits', () => {
    expect(slotCaps).toStrictEqual({ slots: limits.slotsPerUser, queued: limits.queuedPerUser });
  });
});

describe('releaseSlotOf()', () => {
  test('gives the slot to the first in line and wakes it', async () => {
    const world = createCoreWorld();
    const [first, second, third] = await fullHouse(world, 2);

    await releaseSlotOf(world.deps, ann, first!);

    expect((await world.slots.inspect(ann)).holders).toStrictEqual([second, third]);
    expect([...world.signals.completed]).toStrictEqual([['callback-3', { reason: 'slot_granted' }]]);
    expect(world.logger.lines).toContainEqual({
      level: 'debug',
      message: 'queued task woken',
      fields: { taskId: third, result: 'delivered' },
    });
  });

  test('repeated, it wakes those that hold a slot and still stand in the queue, and promotes nobody', async () => {
    const world = createCoreWorld();
    const [first, second, third] = await fullHouse(world, 2);
    jest.spyOn(world.signals, 'complete').mockRejectedValueOnce(new Error('away'));
    await expect(releaseSlotOf(world.deps, ann, first!)).rejects.toThrow('away');

    await releaseSlotOf(world.deps, ann, first!);

    expect((await world.slots.inspect(ann)).holders).toStrictEqual([second, third]);
    expect([...world.signals.completed.keys()]).toStrictEqual(['callback-3']);
  });

  test('a holder that was never noted in the queue, or is not there, is not woken', async () => {
    const world = createCoreWorld();
    const [first, second] = await fullHouse(world, 0);
    const queued = await given(world, aTask({ taskId: aTaskId(3), status: 'QUEUED' }));
    await world.slots.release(ann, second!, smallCaps);
    for (const taskId of [queued.taskId, aTaskId(4)])
      await world.slots.acquire(ann, { taskId, createdAt: formatIso(0) }, smallCaps);

    await releaseSlotOf(world.deps, ann, first!);

    expect((await world.slots.inspect(ann)).holders).toStrictEqual([queued.taskId, aTaskId(4)]);
    expect(world.signals.completed.size).toBe(0);
  });
});

describe('moveToEnd()', () => {
  test('follows a task that others move, and writes its events once', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ status: 'HYDRATING' }));
    const find = world.tasks.find.bind(world.tasks);
    jest.spyOn(world.tasks, 'find').mockImplementationOnce(async (id) => {
      const seen = await find(id);
      await world.tasks.transition({ taskId, from: 'HYDRATING', to: 'RUNNING', atMs: 0, events: [] });
      return seen;
    });
    const events = [{ eventType: 'task_failed', metadata: failure } as const];

    const result = await moveToEnd(world.deps, taskId, { to: 'FAILED', patch: { failure }, events });

    expect(result).toStrictEqual({ kind: 'ended', task: await row(world, taskId) });
    expect(await row(world, taskId)).toMatchObject({ status: 'FAILED', failure });
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'task_failed']);
  });

  test.each<[TaskStatus, 'CANCELLED' | 'COMPLETED']>([
    ['FINALIZING', 'CANCELLED'],
    ['AWAITING_APPROVAL', 'COMPLETED'],
    ['FAILED', 'CANCELLED'],
  ])('a task that is %s is not made %s', async (status, to) => {
    const world = createCoreWorld();
    const task = await given(world, aTask({ status }));

    expect(await moveToEnd(world.deps, task.taskId, { to, events: [] })).toStrictEqual({ kind: 'not_reached', task });
    expect(await row(world, task.taskId)).toStrictEqual(task);
  });

  test('knows no task, before or after it was seen', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    jest.spyOn(world.tasks, 'transition').mockResolvedValueOnce({ kind: 'absent' });

    expect(await moveToEnd(world.deps, aTaskId(9), { to: 'FAILED', events: [] })).toStrictEqual({ kind: 'absent' });
    expect(await moveToEnd(world.deps, taskId, { to: 'FAILED', events: [] })).toStrictEqual({ kind: 'absent' });
  });
});

/** What is told of a request whose task ended two seconds after it was made. */
const stranded = {
  eventType: 'agent_milestone',
  metadata: {
    milestone: 'approval_stranded',
    request_id: aRequestId(),
    age_s: 2,
    reason: 'the task ended as FAILED before the answer',
  },
};

describe('failTask()', () => {
  test.each(['SUBMITTED', 'QUEUED', 'HYDRATING', 'RUNNING', 'AWAITING_APPROVAL', 'FINALIZING'] as const)(
    'fails a task that is %s, frees its slot and tells why',
    async (status) => {
      const world = createCoreWorld();
      const { taskId, createdAt } = await given(world, aTask({ status }));
      await world.slots.acquire(ann, { taskId, createdAt }, smallCaps);
      const preflight = { eventType: 'preflight_failed', metadata: failure } as const;
      world.clock.pass(2_000);

      expect(await failTask(world.deps, taskId, failure, [preflight])).toBe('FAILED');
      expect(await row(world, taskId)).toMatchObject({
        status: 'FAILED',
        failure,
        endedAt: formatIso(testEpochMs + 2_000),
      });
      expect(await logOf(world, taskId)).toMatchObject([
        { eventType: 'task_created' },
        ...(status === 'AWAITING_APPROVAL' ? [stranded] : []),
        { eventType: 'preflight_failed', metadata: failure },
        { eventType: 'task_failed', metadata: failure },
      ]);
      expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
    },
  );

  test('a task that ended otherwise keeps its end; its slot is freed all the same', async () => {
    const world = createCoreWorld();
    const { taskId, createdAt } = await given(world, aTask({ status: 'CANCELLED' }));
    await world.slots.acquire(ann, { taskId, createdAt }, smallCaps);

    expect(await failTask(world.deps, taskId, failure)).toBe('CANCELLED');
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created']);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
  });

  test('repeated, it tells nothing twice', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());

    await failTask(world.deps, taskId, failure);

    expect(await failTask(world.deps, taskId, failure)).toBe('FAILED');
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'task_failed']);
  });

  test('knows no task: nothing to fail', async () => {
    expect(await failTask(createCoreWorld().deps, aTaskId(9), failure)).toBeUndefined();
  });

  test('rejects while the store does not answer', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    const away = new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true });
    jest.spyOn(world.tasks, 'transition').mockRejectedValueOnce(away);

    await expect(failTask(world.deps, taskId, failure)).rejects.toBe(away);
  });
});
