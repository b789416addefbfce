import type { TaskView } from '@abca/app-api';
import type { TaskId } from '@abca/core';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { submit, whenEnded, whenTask } from './support/api.ts';
import type { PlatformProcess } from './support/platform-process.ts';
import { repo, Scene } from './support/scene.ts';
import type { OpenStores } from './support/stores.ts';
import { until } from './support/until.ts';

// 30 real sessions on a machine that others may keep busy.
jest.setTimeout(180_000);

describe('30 tasks at once with a cap of 10', () => {
  let scene: Scene;
  let platform: PlatformProcess;
  let stores: OpenStores;

  afterEach(async () => {
    await scene.end();
  });

  const slots = (): ReturnType<OpenStores['slots']['inspect']> => stores.slots.inspect(stores.user);
  const waiting = async (): Promise<readonly TaskId[]> => (await slots()).queue.map(({ taskId }) => taskId);

  /** Let the agent of a task end. */
  function open(taskId: string): void {
    writeFileSync(join(scene.dir, `gate-${taskId}`), '');
  }

  /** End the task of one holder, and tell who has its slot then. */
  async function passOn(holder: TaskId): Promise<TaskId | undefined> {
    const before = await waiting();
    open(holder);
    await whenEnded(platform, holder);
    const after = await until(
      async () => {
        const now = await waiting();
        return now.length < before.length ? now : undefined;
      },
      { boundMs: 10_000, what: () => `the slot of ${holder} was not passed on` },
    );
    const [next, ...others] = before.filter((taskId) => !after.includes(taskId));
    expect(others).toStrictEqual([]);
    await whenTask(platform, next ?? '', ({ status }) => status !== 'QUEUED');
    return next;
  }

  test('queues the rest, admits it first come first served, and finishes all', async () => {
    // The lease is long: ten programs that start at once on few cores take their time.
    const tiny = { waitFor: 'gate-{task}' };
    ({ scene, platform } = await Scene.up({ tiny, flags: { leaseMs: 60_000, heartbeatMs: 2_000 } }));
    stores = scene.stores();

    const tasks = await Promise.all(Array.from({ length: 30 }, () => submit(platform, { repo })));
    await until(async () => ((await waiting()).length === 20 ? true : undefined), {
      boundMs: 30_000,
      what: async () => JSON.stringify(await slots()),
    });
    const { holders } = await slots();
    const isQueued = ({ task_id }: TaskView): boolean => !holders.includes(task_id as TaskId);
    const inOrder = byAge(tasks.filter(isQueued));
    await Promise.all(inOrder.map((taskId) => whenTask(platform, taskId, ({ status }) => status === 'QUEUED')));

    expect(holders).toHaveLength(10);
    const admitted: (TaskId | undefined)[] = [];
    for (const holder of holders) admitted.push(await passOn(holder));
    expect(admitted).toStrictEqual(inOrder.slice(0, 10));

    for (const { task_id } of tasks) open(task_id);
    const ended = await Promise.all(tasks.map(({ task_id }) => whenEnded(platform, task_id, 120_000)));
    expect(ended.map(({ status }) => status)).toStrictEqual(tasks.map(() => 'COMPLETED'));
    await scene.whenSlotsFree(stores);
    expect(await waiting()).toStrictEqual([]);
    expect(new Set(scene.starts()).size).toBe(30);
    expect(scene.remote.refs('refs/abca/pulls').filter((name) => name.endsWith('/head'))).toHaveLength(30);
  });
});

/** Ids by the time of creation, the order of the queue; ties by id. */
function byAge(tasks: readonly TaskView[]): readonly string[] {
  return tasks
    .map(({ created_at, task_id }) => ({ key: created_at + task_id, task_id }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ task_id }) => task_id);
}
