import { describe, expect, test } from '@jest/globals';
import type { UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { taskStatuses, type TaskStatus } from '../task/task-status.ts';
import { aTask, aTaskId } from '../testing/builders.ts';
import { InMemoryRateLimiter } from '../testing/in-memory-stores.ts';
import { formatIso } from '../time/iso-time.ts';
import { notFound } from './cancel-task.ts';
import { ann, createCoreWorld, given, logOf, row, typesOf, type CoreWorld } from './core-world.test-kit.ts';
import { nudgeTask, type NudgeDeps } from './nudge-task.ts';

const taskId = aTaskId();
const secret = `ghp_${'a1B2'.repeat(9)}`;

async function working(status: TaskStatus = 'RUNNING'): Promise<CoreWorld & { readonly nudging: NudgeDeps }> {
  const world = createCoreWorld();
  await given(world, aTask({ status }));
  return { ...world, nudging: { ...world.deps, rates: new InMemoryRateLimiter(world.clock) } };
}

function nudge({ nudging }: { readonly nudging: NudgeDeps }, text = 'mind the tests', userId = ann) {
  return nudgeTask(nudging, { userId, taskId, text });
}

describe('nudgeTask()', () => {
  const open: readonly TaskStatus[] = ['SUBMITTED', 'QUEUED', 'HYDRATING', 'RUNNING', 'AWAITING_APPROVAL'];

  test.each(open)('%s: puts the words into the log, and leaves the task as it is', async (status) => {
    const world = await working(status);
    const before = await row(world, taskId);
    world.clock.pass(1_000);

    const { nudgeId } = await nudge(world, '  mind the tests\n');

    expect((await logOf(world, taskId)).at(-1)).toMatchObject({
      eventType: 'nudge_received',
      metadata: { nudge_id: nudgeId, text: 'mind the tests' },
    });
    expect(await row(world, taskId)).toStrictEqual({ ...before, updatedAt: formatIso(world.clock.nowMs()) });
  });

  test('each has an id of its own', async () => {
    const world = await working();

    const ids = [await nudge(world), await nudge(world)].map(({ nudgeId }) => nudgeId);

    expect(new Set(ids).size).toBe(2);
  });

  test('is clean and without secrets', async () => {
    const world = await working();

    await nudge(world, `\u001b[31muse ${secret}\u0007`);

    expect((await logOf(world, taskId)).at(-1)?.metadata).toMatchObject({ text: 'use [REDACTED-GITHUB_TOKEN]' });
  });

  test.each([
    ['', 'the nudge is empty; write 1 to 2000'],
    [' \n\t', 'the nudge is empty; write 1 to 2000'],
    ['\u001b[0m', 'the nudge is empty; write 1 to 2000'],
    ['x'.repeat(2_001), 'the nudge has 2001 characters; write 1 to 2000'],
  ])('refuses %#', async (text, message) => {
    const world = await working();

    await expect(nudge(world, text)).rejects.toMatchObject({ code: 'VALIDATION_ERROR', message });
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created']);
  });

  test('takes 2,000 characters, counted without the white space around', async () => {
    const world = await working();

    await nudge(world, ` ${'x'.repeat(limits.nudgeChars)} `);

    expect((await logOf(world, taskId)).at(-1)?.metadata['text']).toHaveLength(limits.nudgeChars);
  });

  test("somebody else's task is not there, as is one that is not (no oracle)", async () => {
    const world = await working();

    await expect(nudge(world, 'x', 'bob' as UserId)).rejects.toStrictEqual(notFound(taskId));
    await expect(nudgeTask(world.nudging, { userId: ann, taskId: aTaskId(9), text: 'x' })).rejects.toStrictEqual(
      notFound(aTaskId(9)),
    );
  });

  test.each(taskStatuses.filter((status) => !open.includes(status)))('%s: nobody would read it', async (status) => {
    const world = await working(status);

    const code = status === 'FINALIZING' ? 'TASK_FINALIZING' : 'TASK_ALREADY_TERMINAL';
    // More than the rate takes: what is refused is not counted.
    for (let n = 0; n <= limits.nudgeRate.limit; n += 1) await expect(nudge(world)).rejects.toMatchObject({ code });
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created']);
  });

  test('a task that ends meanwhile is not spoken to', async () => {
    const world = await working();
    const tasks = {
      find: world.tasks.find.bind(world.tasks),
      amend: async (...args: Parameters<typeof world.tasks.amend>) => {
        await world.tasks.transition({ taskId, from: 'RUNNING', to: 'CANCELLED', atMs: 0, events: [] });
        return world.tasks.amend(...args);
      },
    };

    await expect(nudge({ nudging: { ...world.nudging, tasks } })).rejects.toMatchObject({
      code: 'TASK_ALREADY_TERMINAL',
    });
    expect(await typesOf(world, taskId)).not.toContain('nudge_received');
  });

  test('a task that vanishes is not there', async () => {
    const world = await working();
    const tasks = {
      find: world.tasks.find.bind(world.tasks),
      amend: () => Promise.resolve({ kind: 'absent' } as const),
    };

    await expect(nudge({ nudging: { ...world.nudging, tasks } })).rejects.toStrictEqual(notFound(taskId));
  });

  test('takes ten of a task in a minute', async () => {
    const world = await working();
    for (let n = 0; n < limits.nudgeRate.limit; n += 1) await nudge(world);

    await expect(nudge(world)).rejects.toMatchObject({
      code: 'RATE_LIMIT_EXCEEDED',
      message: 'more than 10 nudges of this task in 60 s; try again in 60 s',
    });
    await given(world, aTask({ taskId: aTaskId(2), status: 'RUNNING' }));
    await expect(nudgeTask(world.nudging, { userId: ann, taskId: aTaskId(2), text: 'x' })).resolves.toMatchObject({});
    world.clock.pass(60_000);
    await expect(nudge(world)).resolves.toMatchObject({});
  });

  test('passes the signal on to each of its calls', async () => {
    const { signal } = new AbortController();
    const seen: unknown[] = [];
    const world = await working();
    const { tasks } = world;
    const nudging: NudgeDeps = {
      ...world.nudging,
      rates: { take: (_key, _rule, options) => (seen.push(options), Promise.resolve({ kind: 'taken', remaining: 1 })) },
      tasks: {
        find: (id, options) => (seen.push(options), tasks.find(id)),
        amend: (amendment, options) => (seen.push(options), tasks.amend(amendment)),
      },
    };

    await nudgeTask(nudging, { userId: ann, taskId, text: 'x' }, { signal });

    expect(seen).toStrictEqual([{ signal }, { signal }, { signal }]);
  });
});
