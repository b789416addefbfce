import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { aTask, aTaskId } from '../testing/builders.ts';
import { InMemoryComputeStrategy } from '../testing/in-memory-compute-strategy.ts';
import { createCoreWorld, given, worldSettings } from './core-world.test-kit.ts';
import { getStrategy, preflightTask } from './preflight-task.ts';

describe('preflightTask()', () => {
  test('passes, and says on which branch the task is based', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());

    expect(await preflightTask(world.deps, taskId, worldSettings)).toStrictEqual({
      kind: 'passed',
      baseBranch: 'main',
    });
  });

  test('asks the forge about the branch and the pull request of the task', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ taskType: 'pr_review', prNumber: 7 }));
    const asked = jest.spyOn(world.forge, 'preflight');

    await preflightTask(world.deps, taskId, { ...worldSettings, baseBranch: 'dev', protectedBranches: ['main'] });
    await preflightTask(world.deps, (await given(world, aTask({ taskId: aTaskId(2) }))).taskId, worldSettings);

    const common = { repo: 'acme/shop', cloneUrl: worldSettings.cloneUrl };
    expect(asked.mock.calls.map(([query]) => query)).toStrictEqual([
      { ...common, taskType: 'pr_review', baseBranch: 'dev', prNumber: 7, protectedBranches: ['main'] },
      { ...common, taskType: 'new_task', protectedBranches: [] },
    ]);
  });

  test('fails with what the forge says', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());

    expect(await preflightTask(world.deps, taskId, { ...worldSettings, protectedBranches: ['main'] })).toStrictEqual({
      kind: 'failed',
      failure: { code: 'BRANCH_PROTECTED', message: 'base branch main is protected; name another' },
    });
  });

  test('fails on a compute type that is not there, before the forge is asked', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    const asked = jest.spyOn(world.forge, 'preflight');

    expect(await preflightTask(world.deps, taskId, { ...worldSettings, computeType: 'ecs' })).toStrictEqual({
      kind: 'failed',
      failure: { code: 'UNKNOWN_COMPUTE_TYPE', message: 'compute type "ecs" is not available; available: memory' },
    });
    expect(asked).not.toHaveBeenCalled();
  });

  test('rejects while the forge does not answer', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    world.forge.failNext(new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true }));

    await expect(preflightTask(world.deps, taskId, worldSettings)).rejects.toMatchObject({ retryable: true });
  });

  test('a task that ended, or is not there, is not checked', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask({ status: 'CANCELLED' }));

    expect(await preflightTask(world.deps, taskId, worldSettings)).toStrictEqual({ kind: 'ended' });
    expect(await preflightTask(world.deps, aTaskId(9), worldSettings)).toStrictEqual({ kind: 'ended' });
  });
});

describe('getStrategy()', () => {
  test('finds a strategy by its type', () => {
    const local = new InMemoryComputeStrategy('local');

    expect(getStrategy(new Map([['local', local]]), 'local')).toBe(local);
  });

  test.each([
    [['b', 'a'], 'a, b'],
    [[], 'none'],
  ])('names those of %j when it has no such type', (types, named) => {
    const strategies = new Map(types.map((type) => [type, new InMemoryComputeStrategy(type)]));

    expect(() => getStrategy(strategies, 'ecs')).toThrow(`compute type "ecs" is not available; available: ${named}`);
  });
});
