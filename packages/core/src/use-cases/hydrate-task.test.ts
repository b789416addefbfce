import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { emptyContext } from '../forge/hydrated-context.ts';
import { mintSessionId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { TaskType } from '../task/task.ts';
import { aTask, aTaskId } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import { createCoreWorld, given, logOf, row, typesOf, worldSettings } from './core-world.test-kit.ts';
import { hydrateTask } from './hydrate-task.ts';

const context = { title: 'Bug', comments: [], tokens: 12, truncated: true };

describe('hydrateTask()', () => {
  test('stores the context, mints the session and starts the clock of the deadline', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    world.forge.context = context;
    world.clock.pass(5_000);

    const outcome = await hydrateTask(world.deps, taskId, worldSettings);

    expect(outcome).toStrictEqual({ kind: 'hydrated' });
    expect(await world.contexts.find(taskId)).toStrictEqual(context);
    expect(await row(world, taskId)).toMatchObject({
      status: 'HYDRATING',
      generation: 1,
      sessionId: mintSessionId(taskId, 1),
      branch: 'abca/00000001/fix-the-failing-test',
      deadlineAt: formatIso(world.clock.nowMs() + world.deps.sessionMs),
    });
    expect(await logOf(world, taskId)).toMatchObject([
      { eventType: 'task_created' },
      { eventType: 'hydration_started', metadata: {} },
      { eventType: 'hydration_complete', metadata: { context_tokens: 12, truncated: true } },
    ]);
  });

  test('asks for the issue and the pull request that the task names, and for no others', async () => {
    const world = createCoreWorld();
    const asked = jest.spyOn(world.forge, 'fetchContext');
    const named = await given(world, aTask({ issueNumber: 3, prNumber: 7 }));
    const plain = await given(world, aTask({ taskId: aTaskId(2) }));

    await hydrateTask(world.deps, named.taskId, worldSettings);
    await hydrateTask(world.deps, plain.taskId, worldSettings);

    const common = { repo: 'acme/shop', cloneUrl: worldSettings.cloneUrl, maxTokens: limits.contextTokens };
    expect(asked.mock.calls.map(([query]) => query)).toStrictEqual([
      { ...common, issueNumber: 3, prNumber: 7 },
      common,
    ]);
  });

  test('repeated, it mints no second session and tells nothing twice', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    await hydrateTask(world.deps, taskId, worldSettings);
    const before = await row(world, taskId);
    world.clock.pass(1_000);

    expect(await hydrateTask(world.deps, taskId, worldSettings)).toStrictEqual({ kind: 'hydrated' });
    expect(await row(world, taskId)).toStrictEqual(before);
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created', 'hydration_started', 'hydration_complete']);
  });

  describe('with a pull request', () => {
    const pullRequest = { number: 7, url: 'pr:7', headBranch: 'theirs', headSha: 'h', headRef: 'refs/pull/7/head' };
    const hydrated = async (taskType: TaskType) => {
      const world = createCoreWorld();
      const { taskId } = await given(world, aTask({ taskType, prNumber: 7 }));
      await hydrateTask(world.deps, taskId, worldSettings, pullRequest);
      const { branch, pullRequest: noted } = await row(world, taskId);
      return { branch, noted };
    };

    test('more work goes to its branch', async () => {
      expect(await hydrated('pr_iteration')).toStrictEqual({ branch: 'theirs', noted: pullRequest });
    });

    test('a review goes to none', async () => {
      expect(await hydrated('pr_review')).toStrictEqual({ branch: undefined, noted: pullRequest });
    });
  });

  test('rejects while the forge does not answer, and goes on from there', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    world.forge.failNext(new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true }));

    await expect(hydrateTask(world.deps, taskId, worldSettings)).rejects.toMatchObject({ retryable: true });
    expect((await row(world, taskId)).status).toBe('HYDRATING');
    expect(await hydrateTask(world.deps, taskId, worldSettings)).toStrictEqual({ kind: 'hydrated' });
    expect(await world.contexts.find(taskId)).toStrictEqual(emptyContext);
  });

  test.each(['QUEUED', 'RUNNING', 'CANCELLED'] as const)('leaves a task that is %s alone', async (status) => {
    const world = createCoreWorld();
    const task = await given(world, aTask({ status }));

    expect(await hydrateTask(world.deps, task.taskId, worldSettings)).toStrictEqual({ kind: 'ended' });
    expect(await row(world, task.taskId)).toStrictEqual(task);
  });

  test('knows no task: nothing to do', async () => {
    expect(await hydrateTask(createCoreWorld().deps, aTaskId(9), worldSettings)).toStrictEqual({ kind: 'ended' });
  });

  test('a task that ends before it enters HYDRATING is left alone', async () => {
    const world = createCoreWorld();
    const task = await given(world, aTask());
    const find = world.tasks.find.bind(world.tasks);
    jest.spyOn(world.tasks, 'find').mockImplementationOnce(async (taskId) => {
      const seen = await find(taskId);
      await world.tasks.transition({ taskId, from: 'SUBMITTED', to: 'CANCELLED', atMs: 0, events: [] });
      return seen;
    });

    expect(await hydrateTask(world.deps, task.taskId, worldSettings)).toStrictEqual({ kind: 'ended' });
    expect(await world.contexts.find(task.taskId)).toBeUndefined();
  });

  test('a task that vanishes before it enters HYDRATING, or while it is hydrated, is ended', async () => {
    const world = createCoreWorld();
    const early = await given(world, aTask());
    jest.spyOn(world.tasks, 'transition').mockResolvedValueOnce({ kind: 'absent' });
    expect(await hydrateTask(world.deps, early.taskId, worldSettings)).toStrictEqual({ kind: 'ended' });

    jest.spyOn(world.tasks, 'amend').mockResolvedValueOnce({ kind: 'absent' });
    expect(await hydrateTask(world.deps, early.taskId, worldSettings)).toStrictEqual({ kind: 'ended' });
  });

  test('a task that ends while its context is fetched gets no session', async () => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    jest.spyOn(world.forge, 'fetchContext').mockImplementationOnce(async () => {
      await world.tasks.transition({ taskId, from: 'HYDRATING', to: 'CANCELLED', atMs: 0, events: [] });
      return context;
    });

    expect(await hydrateTask(world.deps, taskId, worldSettings)).toStrictEqual({ kind: 'ended' });
    expect(await row(world, taskId)).toMatchObject({ status: 'CANCELLED', generation: 0 });
  });

  test.each([
    ['HYDRATING', 'hydrated'],
    ['RUNNING', 'ended'],
  ] as const)('another run that minted first and left the task %s: %s', async (status, kind) => {
    const world = createCoreWorld();
    const { taskId } = await given(world, aTask());
    jest.spyOn(world.forge, 'fetchContext').mockImplementationOnce(async () => {
      await hydrateTask(world.deps, taskId, worldSettings);
      if (status === 'RUNNING')
        await world.tasks.transition({ taskId, from: 'HYDRATING', to: 'RUNNING', atMs: 0, events: [] });
      return context;
    });

    expect(await hydrateTask(world.deps, taskId, worldSettings)).toStrictEqual({ kind });
    expect((await typesOf(world, taskId)).filter((type) => type === 'hydration_complete')).toHaveLength(1);
  });
});
