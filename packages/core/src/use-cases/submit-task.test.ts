import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import type { UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { aRepoConfig, aTaskId, testEpochMs } from '../testing/builders.ts';
import { formatIso } from '../time/iso-time.ts';
import { aCommand, ann, createCoreWorld, logOf, typesOf } from './core-world.test-kit.ts';
import { submitCommandSchema, submitTask, type SubmitCommand } from './submit-task.ts';

const now = formatIso(testEpochMs);

describe('submitTask()', () => {
  test('stores the task with its first event and starts its workflow', async () => {
    const world = createCoreWorld();

    const outcome = await submitTask(world.deps, { userId: ann, command: aCommand() });

    const task = {
      taskId: aTaskId(1),
      userId: ann,
      repo: 'acme/shop',
      taskType: 'new_task',
      taskDescription: 'Fix the failing test',
      status: 'SUBMITTED',
      statusCreatedAt: now,
      createdAt: now,
      updatedAt: now,
      deadlineAt: formatIso(testEpochMs + limits.queueMs + limits.sessionMs),
      generation: 0,
      approvalGateCap: 50,
    };
    expect(outcome).toStrictEqual({ kind: 'created', task });
    expect(await world.tasks.find(aTaskId(1))).toStrictEqual(task);
    expect(await logOf(world, aTaskId(1))).toMatchObject([
      { seq: 1, eventType: 'task_created', metadata: { repo: 'acme/shop', task_type: 'new_task' }, userId: ann },
    ]);
    expect([...world.executions.started]).toStrictEqual([aTaskId(1)]);
  });

  test('keeps what was asked for and leaves out what was not', async () => {
    const world = createCoreWorld();
    const asked = { taskType: 'pr_review', prNumber: 7, baseBranch: 'dev', maxTurns: 5, maxBudgetUsd: 2 } as const;
    const command = { ...aCommand(asked), issueNumber: undefined } as unknown as SubmitCommand;

    const { task } = await submitTask(world.deps, { userId: ann, command });

    expect(task).toMatchObject(asked);
    expect(Object.keys(task)).not.toContain('issueNumber');
  });

  test('freezes the gate cap of the blueprint on the task', async () => {
    const world = createCoreWorld();
    await world.repos.put(aRepoConfig({ blueprint: { security: { approvalGateCap: 7 } } }));

    const { task } = await submitTask(world.deps, { userId: ann, command: aCommand() });

    expect(task.approvalGateCap).toBe(7);
  });

  test.each(['unknown', 'removed'] as const)('refuses a repository that is %s, and stores nothing', async (what) => {
    const world = createCoreWorld();
    if (what === 'removed') await world.repos.put(aRepoConfig({ status: 'removed' }));
    const repo = what === 'unknown' ? aRepoConfig({ repo: 'acme/other' as never }).repo : aRepoConfig().repo;

    const submitted = submitTask(world.deps, { userId: ann, command: aCommand({ repo }) });

    await expect(submitted).rejects.toMatchObject({
      code: 'REPO_NOT_ONBOARDED',
      message: `repository ${repo} has not been added; add it with: bgagent repo add`,
    });
    expect(await world.tasks.find(aTaskId(1))).toBeUndefined();
    expect(world.executions.started.size).toBe(0);
  });

  test.each(['pr_iteration', 'pr_review'] as const)('a task of type %s names its pull request', async (taskType) => {
    const world = createCoreWorld();

    const submitted = submitTask(world.deps, { userId: ann, command: aCommand({ taskType }) });

    await expect(submitted).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message: `a task of type ${taskType} names its pull request: set pr_number`,
    });
    expect(world.executions.started.size).toBe(0);
  });

  test('the same key and request give the same task and one start', async () => {
    const world = createCoreWorld();
    const request = { userId: ann, command: aCommand(), idempotencyKey: 'k' };

    const first = await submitTask(world.deps, request);
    const second = await submitTask(world.deps, request);

    expect(first.kind).toBe('created');
    expect(second).toStrictEqual({ kind: 'replayed', task: first.task });
    expect([...world.executions.started]).toStrictEqual([first.task.taskId]);
    expect(await typesOf(world, first.task.taskId)).toStrictEqual(['task_created']);
  });

  test('the same key with another request is refused and names the task it made', async () => {
    const world = createCoreWorld();
    await submitTask(world.deps, { userId: ann, command: aCommand(), idempotencyKey: 'k' });

    const other = submitTask(world.deps, { userId: ann, command: aCommand({ maxTurns: 9 }), idempotencyKey: 'k' });

    await expect(other).rejects.toMatchObject({
      code: 'DUPLICATE_TASK',
      message: `the idempotency key "k" was used for another request, which made task ${aTaskId(1)}; use a new key`,
      details: { taskId: aTaskId(1) },
    });
  });

  test('keys of different users never meet, and without a key nothing is the same (L16)', async () => {
    const world = createCoreWorld();
    const command = aCommand();

    const outcomes = [
      await submitTask(world.deps, { userId: ann, command, idempotencyKey: 'k' }),
      await submitTask(world.deps, { userId: 'bob' as UserId, command, idempotencyKey: 'k' }),
      await submitTask(world.deps, { userId: ann, command }),
      await submitTask(world.deps, { userId: ann, command }),
    ];

    expect(outcomes.map(({ kind }) => kind)).toStrictEqual(['created', 'created', 'created', 'created']);
    expect(new Set(outcomes.map(({ task }) => task.taskId)).size).toBe(4);
  });

  test('a repetition does not start the workflow of a task that went on', async () => {
    const world = createCoreWorld();
    const request = { userId: ann, command: aCommand(), idempotencyKey: 'k' };
    const { task } = await submitTask(world.deps, request);
    await world.tasks.transition({ taskId: task.taskId, from: 'SUBMITTED', to: 'FAILED', atMs: 0, events: [] });
    world.executions.started.clear();

    const again = await submitTask(world.deps, request);

    expect(again).toMatchObject({ kind: 'replayed', task: { status: 'FAILED' } });
    expect(world.executions.started.size).toBe(0);
  });

  test('passes the abort signal on', async () => {
    const world = createCoreWorld();
    const signal = AbortSignal.abort(new Error('gone'));

    const submitted = submitTask(world.deps, { userId: ann, command: aCommand() }, { signal });

    await expect(submitted).rejects.toThrow('gone');
    expect(AbcaError.is(await submitted.catch((error: unknown) => error))).toBe(false);
  });
});

describe('submitCommandSchema', () => {
  const least = { repo: 'acme/shop', taskDescription: 'x' };

  test('reads the least that is needed', () => {
    expect(submitCommandSchema.parse(least)).toStrictEqual({ ...least, taskType: 'new_task' });
  });

  test('keeps the description to the letter and trims names', () => {
    const given = { ...least, taskDescription: ' a\n"b" 🙂 ', baseBranch: ' dev ', initialApprovals: [' rule:x '] };

    expect(submitCommandSchema.parse(given)).toMatchObject({
      taskDescription: ' a\n"b" 🙂 ',
      baseBranch: 'dev',
      initialApprovals: ['rule:x'],
    });
  });

  test.each([
    ['taskDescription', 'x'.repeat(10_000), 'x'.repeat(10_001)],
    ['taskDescription', 'x', '  \n'],
    ['baseBranch', 'b'.repeat(255), 'b'.repeat(256)],
    ['baseBranch', 'b', '  '],
    ['issueNumber', 1, 0],
    ['prNumber', 1, 0],
    ['issueNumber', 2, 1.5],
    ['prNumber', 2, 1.5],
    ['maxTurns', 1, 0],
    ['maxTurns', 500, 501],
    ['maxTurns', 2, 1.5],
    ['maxBudgetUsd', 0.01, 0.009],
    ['maxBudgetUsd', 100, 100.01],
    ['approvalTimeoutS', 30, 29],
    ['approvalTimeoutS', 3600, 3601],
    ['approvalTimeoutS', 31, 30.5],
    ['initialApprovals', Array(20).fill('rule:a'), Array(21).fill('rule:a')],
    ['initialApprovals', [`write_path:${'a'.repeat(117)}`], [`write_path:${'a'.repeat(118)}`]],
    ['initialApprovals', ['all_session'], [' ']],
    ['initialApprovals', ['tool_type:Bash'], ['this_call']],
    ['taskType', 'pr_review', 'other'],
    ['repo', 'a/b', 'shop'],
  ])('%s: takes %j and refuses %j', (field, good, bad) => {
    expect(submitCommandSchema.safeParse({ ...least, [field]: good }).success).toBe(true);
    expect(submitCommandSchema.safeParse({ ...least, [field]: bad }).success).toBe(false);
  });

  test('says what is wrong with a blank description', () => {
    const { error } = submitCommandSchema.safeParse({ ...least, taskDescription: ' ' });

    expect(error?.issues[0]?.message).toBe('must say what to do');
  });

  test('refuses fields it does not know', () => {
    expect(submitCommandSchema.safeParse({ ...least, maxturns: 3 }).success).toBe(false);
  });
});
