import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { mintSessionId } from '../ids/ids.ts';
import { wipRefOf } from '../receipt/compute-receipt.ts';
import { aRequestId, aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import type { Failure, Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';
import {
  ann,
  createCoreWorld,
  deliver,
  given,
  isRunning,
  logOf,
  row,
  smallCaps,
  typesOf,
  usage,
  worldSettings,
  type CoreWorld,
} from './core-world.test-kit.ts';
import { finalizeTask, finalizeUnverified } from './finalize-task.ts';

const taskId = aTaskId();
const sessionId = mintSessionId(taskId, 1);
const branch = 'abca/00000001/fix';
const lost: Failure = { code: 'SESSION_LOST', message: 'gone' };
const late: Failure = { code: 'DEADLINE_EXCEEDED', message: 'late' };

/** A task that reviews pull request 5. */
const aReview: Partial<Task> = {
  taskType: 'pr_review',
  branch: undefined as never,
  prNumber: 5,
  pullRequest: { number: 5, url: 'pr:5', headBranch: 'theirs', headSha: 'head5', headRef: 'refs/pull/5/head' },
};

/** A task in its slot whose session runs. */
async function running(fields: Partial<Task> = {}): Promise<CoreWorld> {
  const world = createCoreWorld();
  const sessionHandle = { strategyType: 'memory', sessionId };
  const task = await given(world, aTask({ status: 'RUNNING', branch, baseBranch: 'main', sessionHandle, ...fields }));
  await world.slots.acquire(ann, task, smallCaps);
  await world.compute.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
  return world;
}

describe('finalizeTask()', () => {
  test('writes the receipt of delivered work, ends the task as COMPLETED and frees its slot', async () => {
    const world = await running();
    const { headSha } = await deliver(world, taskId);
    world.clock.pass(5_000);

    expect(await finalizeTask(world.deps, taskId, worldSettings)).toBe('COMPLETED');

    const prUrl = '/repos/shop.git#refs/abca/pulls/1/head';
    const at = formatIso(testEpochMs + 5_000);
    const task = await row(world, taskId);
    expect(task).toMatchObject({
      status: 'COMPLETED',
      endedAt: at,
      receipt: { outcome: 'delivered', branch, baseBranch: 'main', headSha, prUrl, commits: 1, verifiedAt: at },
    });
    expect(Object.keys(task)).not.toContain('failure');
    expect(await logOf(world, taskId)).toMatchObject([
      { eventType: 'task_created' },
      {
        eventType: 'task_completed',
        metadata: { outcome: 'delivered', branch, head_sha: headSha, pr_url: prUrl, turns: 3, cost_usd: 0.25 },
      },
    ]);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
    expect(world.compute.stopped).toStrictEqual([sessionId]);
  });

  test('stops what may still run before it looks at the remote', async () => {
    const world = await running();
    const runs: boolean[] = [];
    const gather = world.forge.gatherEvidence.bind(world.forge);
    jest.spyOn(world.forge, 'gatherEvidence').mockImplementation(async (query) => {
      runs.push(await isRunning(world, sessionId));
      return gather(query);
    });

    await finalizeTask(world.deps, taskId, worldSettings, lost);

    expect(runs).toStrictEqual([false]);
  });

  test('asks the remote for the work of this task', async () => {
    const world = await running();
    const asked = jest.spyOn(world.forge, 'gatherEvidence');

    await finalizeTask(world.deps, taskId, worldSettings);

    expect(asked.mock.calls[0]?.[0]).toStrictEqual({
      repo: 'acme/shop',
      cloneUrl: worldSettings.cloneUrl,
      taskId,
      branch,
      baseBranch: 'main',
      wipRef: wipRefOf(taskId),
    });
  });

  test('takes main for the base of a task that has none, and a branch that is nowhere for none', async () => {
    const world = createCoreWorld();
    await given(world, aTask({ status: 'FINALIZING' }));
    const asked = jest.spyOn(world.forge, 'gatherEvidence');

    expect(await finalizeTask(world.deps, taskId, worldSettings)).toBe('FAILED');
    expect(asked.mock.calls[0]?.[0]).toMatchObject({
      branch: 'abca/00000001/fix-the-failing-test',
      baseBranch: 'main',
    });
    expect((await row(world, taskId)).receipt?.baseBranch).toBe('main');
  });

  test('work that was not delivered fails the task, with the receipt', async () => {
    const world = await running({ result: { outcome: 'finished', headSha: 'head', ...usage } });

    expect(await finalizeTask(world.deps, taskId, worldSettings)).toBe('FAILED');

    const failure = { code: 'NOT_DELIVERED', message: `the remote has no branch ${branch}` };
    expect(await row(world, taskId)).toMatchObject({ failure, receipt: { outcome: 'not_delivered' } });
    expect((await logOf(world, taskId)).at(-1)).toMatchObject({
      eventType: 'task_failed',
      metadata: { ...failure, outcome: 'not_delivered' },
    });
  });

  test('a task whose review is on the forge is COMPLETED, without a branch in its event', async () => {
    const world = await running(aReview);
    world.repository.pulls.push({ number: 5, taskId: 'another', headSha: 'head5' });
    const { url } = await world.forge.submitReview({
      repo: aTask().repo,
      cloneUrl: worldSettings.cloneUrl,
      taskId,
      prNumber: 5,
      headSha: 'head5',
      body: 'fine',
    });
    await world.tasks.amend({
      taskId,
      atMs: 0,
      whileIn: ['RUNNING'],
      patch: { result: { outcome: 'finished', ...usage } },
    });

    expect(await finalizeTask(world.deps, taskId, worldSettings)).toBe('COMPLETED');
    expect((await logOf(world, taskId)).at(-1)?.metadata).toStrictEqual({
      outcome: 'no_changes',
      pr_url: 'pr:5',
      review_url: url,
      turns: 3,
      cost_usd: 0.25,
    });
    expect((await row(world, taskId)).receipt).toMatchObject({ outcome: 'no_changes', prNumber: 5, reviewUrl: url });
  });

  test('a task that left no review on the forge is not COMPLETED, whatever its session says', async () => {
    const world = await running({ ...aReview, result: { outcome: 'finished', ...usage } });

    expect(await finalizeTask(world.deps, taskId, worldSettings)).toBe('FAILED');
    expect((await row(world, taskId)).failure).toStrictEqual({
      code: 'NOT_DELIVERED',
      message: 'the remote shows no review of #5',
    });
  });

  test('a forge that is not there leaves the task to those who end it unverified', async () => {
    const world = await running();

    await expect(finalizeTask(world.deps, taskId, { ...worldSettings, forge: 'github' })).rejects.toMatchObject({
      code: 'UNKNOWN_FORGE',
    });
  });

  test.each([
    [lost, 'FAILED', 'task_failed', { outcome: 'not_delivered' }],
    [late, 'TIMED_OUT', 'task_timed_out', {}],
  ] as const)('a session that was given up: %j', async (failure, status, eventType, more) => {
    const world = await running();

    expect(await finalizeTask(world.deps, taskId, worldSettings, failure)).toBe(status);
    expect(await row(world, taskId)).toMatchObject({ status, failure });
    expect((await logOf(world, taskId)).at(-1)).toMatchObject({ eventType, metadata: { ...failure, ...more } });
  });

  test('keeps the reason on the row, so that a repetition after an outage of the forge knows it', async () => {
    const world = await running();
    const away = new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true });
    world.forge.failNext(away);
    await expect(finalizeTask(world.deps, taskId, worldSettings, lost)).rejects.toBe(away);
    expect(await row(world, taskId)).toMatchObject({ status: 'FINALIZING', failure: lost });

    expect(await finalizeTask(world.deps, taskId, worldSettings)).toBe('FAILED');
    expect((await row(world, taskId)).failure).toStrictEqual(lost);
  });

  test.each(['SUBMITTED', 'QUEUED', 'HYDRATING', 'AWAITING_APPROVAL'] as const)(
    'a task that is %s has no way to FINALIZING: it fails (L3)',
    async (status) => {
      const world = await running({ status });

      expect(await finalizeTask(world.deps, taskId, worldSettings)).toBe('FAILED');
      expect(await row(world, taskId)).toMatchObject({
        status: 'FAILED',
        failure: {
          code: 'SESSION_ENDED_WITHOUT_RESULT',
          message: `the session ended while the task was ${status}`,
        },
      });
      expect(await isRunning(world, sessionId)).toBe(false);
      expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
    },
  );

  test('a task that waits for an approval and is given up fails with that reason', async () => {
    const world = await running({ status: 'AWAITING_APPROVAL' });

    await finalizeTask(world.deps, taskId, worldSettings, lost);

    expect((await row(world, taskId)).failure).toStrictEqual(lost);
  });

  test('a task that ended elsewhere is tidied up after, and keeps its end (L6)', async () => {
    const world = await running({ status: 'CANCELLED' });
    const asked = jest.spyOn(world.forge, 'gatherEvidence');

    expect(await finalizeTask(world.deps, taskId, worldSettings, lost)).toBe('CANCELLED');
    expect(asked).not.toHaveBeenCalled();
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created']);
    expect(await isRunning(world, sessionId)).toBe(false);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
  });

  test('a task that ends while its evidence is gathered keeps its end', async () => {
    const world = await running();
    const gather = world.forge.gatherEvidence.bind(world.forge);
    jest.spyOn(world.forge, 'gatherEvidence').mockImplementation(async (query) => {
      await world.tasks.transition({ taskId, from: 'FINALIZING', to: 'TIMED_OUT', atMs: 0, events: [] });
      return gather(query);
    });

    expect(await finalizeTask(world.deps, taskId, worldSettings)).toBe('TIMED_OUT');
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created']);
  });

  test('follows a task that is moved while it enters FINALIZING', async () => {
    const world = await running();
    const find = world.tasks.find.bind(world.tasks);
    const patch = { awaitingApprovalRequestId: aRequestId() };
    jest.spyOn(world.tasks, 'find').mockImplementationOnce(async (id) => {
      const seen = await find(id);
      await world.tasks.transition({
        taskId,
        from: 'RUNNING',
        to: 'AWAITING_APPROVAL',
        atMs: 0,
        patch,
        events: [],
      });
      return seen;
    });

    expect(await finalizeTask(world.deps, taskId, worldSettings, lost)).toBe('FAILED');
    expect((await row(world, taskId)).receipt).toBeUndefined();
  });

  test('knows no task: nothing to finalize, now or once it vanished', async () => {
    const world = await running();

    expect(await finalizeTask(world.deps, aTaskId(9), worldSettings)).toBeUndefined();
    jest.spyOn(world.tasks, 'transition').mockResolvedValueOnce({ kind: 'absent' });
    expect(await finalizeTask(world.deps, taskId, worldSettings)).toBeUndefined();
    await finalizeTask(world.deps, taskId, worldSettings);
    expect((await row(world, taskId)).status).toBe('FAILED');
  });

  test('a task that vanishes before its end is written has no status', async () => {
    const world = await running({ status: 'FINALIZING' });
    jest.spyOn(world.tasks, 'transition').mockResolvedValueOnce({ kind: 'absent' });

    expect(await finalizeTask(world.deps, taskId, worldSettings)).toBeUndefined();
  });

  test('tells a session that used nothing as such', async () => {
    const world = await running();
    const { headSha } = await deliver(world, taskId);
    const receipt = {
      outcome: 'finished',
      headSha: headSha ?? '',
      turns: 0,
      costUsd: 0,
      inputTokens: 0,
      outputTokens: 0,
    } as const;
    await world.tasks.amend({ taskId, atMs: 0, whileIn: ['RUNNING'], patch: { result: receipt } });

    await finalizeTask(world.deps, taskId, worldSettings);

    expect((await logOf(world, taskId)).at(-1)?.metadata).toMatchObject({ turns: 0, cost_usd: 0 });
  });
});

describe('finalizeUnverified(): why a task ends whose remote cannot be read', () => {
  const unreadable: Failure = { code: 'SERVICE_UNAVAILABLE', message: 'the forge is away' };
  const denied: Failure = { code: 'STORE_ERROR', message: 'not allowed' };
  const failed: Failure = { code: 'AGENT_FAILED', message: 'no luck' };

  test.each<[string, Partial<Task>, Failure]>([
    ['the reason for which it was given up', { failure: denied }, denied],
    ['what its session says', { result: { outcome: 'failed', failure: failed, ...usage } }, failed],
    [
      'that the remote cannot be read, though its session says it is done',
      { result: { outcome: 'finished', ...usage } },
      unreadable,
    ],
    ['that the remote cannot be read, when its session said nothing', {}, unreadable],
  ])('%s', async (_what, fields, failure) => {
    const world = await running(fields);
    const asked = jest.spyOn(world.forge, 'gatherEvidence');

    expect(await finalizeUnverified(world.deps, taskId, unreadable)).toBe('FAILED');

    expect(await row(world, taskId)).toMatchObject({ status: 'FAILED', failure, receipt: { baseBranch: 'main' } });
    expect((await logOf(world, taskId)).at(-1)).toMatchObject({ eventType: 'task_failed', metadata: failure });
    expect(asked).not.toHaveBeenCalled();
    expect(await isRunning(world, sessionId)).toBe(false);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
  });

  test('takes main for the base of a task that has none', async () => {
    const { baseBranch: _none, ...plain } = aTask({ status: 'FINALIZING', baseBranch: 'x' });
    const world = createCoreWorld();
    await given(world, plain);

    await finalizeUnverified(world.deps, taskId, unreadable);

    expect((await row(world, taskId)).receipt?.baseBranch).toBe('main');
  });

  test('a task that ended elsewhere keeps its end; one that is not there has none', async () => {
    const world = await running({ status: 'CANCELLED' });

    expect(await finalizeUnverified(world.deps, taskId, unreadable)).toBe('CANCELLED');
    expect(await finalizeUnverified(world.deps, aTaskId(9), unreadable)).toBeUndefined();
    expect(await typesOf(world, taskId)).toStrictEqual(['task_created']);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
  });
});
