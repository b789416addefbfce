import { describe, expect, test } from '@jest/globals';
import { aRepoConfig, aTask, aTaskId } from '../testing/builders.ts';
import { createCoreWorld, given, worldSettings } from './core-world.test-kit.ts';
import { loadTask } from './load-task.ts';

describe('loadTask()', () => {
  test('resolves the settings of a task', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());

    expect(await loadTask(world.deps, taskId)).toStrictEqual({ kind: 'loaded', settings: worldSettings });
  });

  test('knows no task: nothing to run', async () => {
    const world = createCoreWorld();

    expect(await loadTask(world.deps, aTaskId(9))).toStrictEqual({ kind: 'ended' });
  });

  test.each(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT'] as const)(
    'a task that is %s has nothing to run',
    async (status) => {
      const world = createCoreWorld();
      const { taskId } = await given(world, aTask({ status }));

      expect(await loadTask(world.deps, taskId)).toStrictEqual({ kind: 'ended' });
    },
  );

  test('fails when the repository was removed meanwhile', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    await world.repos.put(aRepoConfig({ status: 'removed' }));

    expect(await loadTask(world.deps, taskId)).toStrictEqual({
      kind: 'failed',
      failure: {
        code: 'REPO_NOT_ONBOARDED',
        message: 'repository acme/shop was removed before the task started; add it again with: bgagent repo add',
      },
    });
  });

  test('fails when the repository is not known at all', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ repo: 'acme/other' as never }));

    expect(await loadTask(world.deps, taskId)).toMatchObject({ kind: 'failed' });
  });
});
