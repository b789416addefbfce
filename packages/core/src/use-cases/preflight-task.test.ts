import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import type { PreflightResult } from '../ports/forge.ts';
import type { TaskType } from '../task/task.ts';
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

  test('fails on a forge that is not there, before one is asked', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    const asked = jest.spyOn(world.forge, 'preflight');

    expect(await preflightTask(world.deps, taskId, { ...worldSettings, forge: 'github' })).toStrictEqual({
      kind: 'failed',
      failure: { code: 'UNKNOWN_FORGE', message: 'forge "github" is not available; available: git' },
    });
    expect(asked).not.toHaveBeenCalled();
  });

  describe('of a task that names a pull request', () => {
    const pullRequest = { number: 7, url: 'pr:7', headBranch: 'theirs', headSha: 'h', headRef: 'refs/pull/7/head' };
    const { headBranch: _none, ...fromFork } = pullRequest;
    const asked = async (taskType: TaskType, answer: PreflightResult) => {
      const world = createCoreWorld();
      const { taskId } = await given(world, aTask({ taskType, prNumber: 7 }));
      jest.spyOn(world.forge, 'preflight').mockResolvedValue(answer);
      return preflightTask(world.deps, taskId, worldSettings);
    };

    test.each(['pr_iteration', 'pr_review'] as const)('a %s is told where it stands', async (taskType) => {
      const passed = { kind: 'passed', baseBranch: 'dev', pullRequest } as const;

      expect(await asked(taskType, passed)).toStrictEqual(passed);
    });

    test('a new task only reads it, and is based on a branch of its own', async () => {
      expect(await asked('new_task', { kind: 'passed', baseBranch: 'main', pullRequest })).toStrictEqual({
        kind: 'passed',
        baseBranch: 'main',
      });
    });

    test('one from a fork is reviewed, and not worked on', async () => {
      const passed = { kind: 'passed', baseBranch: 'main', pullRequest: fromFork } as const;

      expect(await asked('pr_review', passed)).toStrictEqual(passed);
      expect(await asked('pr_iteration', passed)).toStrictEqual({
        kind: 'failed',
        failure: {
          code: 'PREFLIGHT_FAILED',
          message:
            'pull request #7 is from a fork, where the platform cannot push: push its branch to the repository itself, or submit a new task',
        },
      });
    });

    test.each(['pr_iteration', 'pr_review'] as const)('a %s of one that nobody found fails', async (taskType) => {
      expect(await asked(taskType, { kind: 'passed', baseBranch: 'main' })).toStrictEqual({
        kind: 'failed',
        failure: {
          code: 'PREFLIGHT_FAILED',
          message: 'the forge did not find pull request #7; name one that is open',
        },
      });
    });
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
