import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AbcaError, cancelTask, formatIso, limits, mintSessionId, slotCaps, type TaskId } from '@abca/core';
import { aTaskId } from '@abca/core/testing';
import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner, WaitingOperationStatus } from '@aws/durable-execution-sdk-js-testing';
import { runTask } from './workflow.ts';
import {
  ann,
  createWorld,
  deliveredEvidence,
  eventTypesOf,
  finished,
  unknownTaskId,
  type World,
} from './workflow.test-kit.ts';

beforeAll(() => LocalDurableTestRunner.setupTestEnvironment({ skipTime: true }));
afterAll(() => LocalDurableTestRunner.teardownTestEnvironment());

type Runner = LocalDurableTestRunner<{ status?: string }>;

function start(world: World, taskId: TaskId) {
  const handlerFunction = withDurableExecution(async (_input: unknown, ctx) => ({
    status: await runTask(ctx, world.deps, taskId),
  }));
  const runner: Runner = new LocalDurableTestRunner({ handlerFunction });
  return { runner, ended: runner.run({ payload: { taskId } }) };
}

/** What an agent does that finished: result on the row, then the callback. */
async function finishSession(world: World, runner: Runner, taskId: TaskId, result = finished): Promise<void> {
  const callback = runner.getOperation('session-ended');
  await runner.getOperation('start-session').waitForData(WaitingOperationStatus.COMPLETED);
  await world.tasks.amend({ taskId, atMs: Date.now(), whileIn: ['RUNNING'], patch: { result } });
  await callback.sendCallbackSuccess('{}');
}

describe('runTask()', () => {
  test('leads a task from submit to its receipt', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const { runner, ended } = start(world, taskId);
    await finishSession(world, runner, taskId);

    const execution = await ended;

    expect(execution.getResult()).toStrictEqual({ status: 'COMPLETED' });
    expect(await world.tasks.find(taskId)).toMatchObject({
      status: 'COMPLETED',
      receipt: { outcome: 'delivered', headSha: 'head' },
    });
    expect(await eventTypesOf(world, taskId)).toStrictEqual([
      'task_created',
      'hydration_started',
      'hydration_complete',
      'session_started',
      'task_completed',
    ]);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
    expect(world.compute.stopped).toStrictEqual([mintSessionId(taskId, 1)]);
  });

  test('takes the same few durable operations however the session goes on', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const { runner, ended } = start(world, taskId);
    await finishSession(world, runner, taskId);

    const names = (await ended).getOperations().map((operation) => operation.getName());

    expect(names).toStrictEqual([
      'load-task',
      'admission-control',
      'pre-flight',
      'hydrate-context',
      'session-ended',
      'start-session',
      'finalize',
    ]);
  });

  test('says "session started" only after start, transition and event (R5)', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const { runner, ended } = start(world, taskId);
    await finishSession(world, runner, taskId);
    await ended;

    expect(world.logger.lines.filter(({ message }) => message === 'session started')).toHaveLength(1);
    expect(world.compute.started).toHaveLength(1);
    expect(world.compute.started[0]?.environment).toMatchObject({ ABCA_TASK_ID: taskId, AWS_REGION: 'us-east-1' });
  });

  test('knows no task: nothing to do', async () => {
    const { ended } = start(createWorld(), unknownTaskId);

    expect((await ended).getResult()).toStrictEqual({});
  });

  test('fails before any compute is spent when pre-flight does, and says why', async () => {
    const world = createWorld();
    world.forge.preflightResult = {
      kind: 'failed',
      code: 'BRANCH_NOT_FOUND',
      message: 'no branch release; there is: main',
    };
    const taskId = await world.submit();

    const execution = await start(world, taskId).ended;

    expect(execution.getResult()).toStrictEqual({ status: 'FAILED' });
    expect(await eventTypesOf(world, taskId)).toStrictEqual(['task_created', 'preflight_failed', 'task_failed']);
    expect(world.compute.started).toHaveLength(0);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
  });

  test('a repository on a forge that is not there fails before any compute is spent, naming those that are', async () => {
    const world = createWorld();
    const repo = (await world.repos.find('acme/shop' as never))!;
    await world.repos.put({ ...repo, forge: 'github' });
    const taskId = await world.submit();

    await start(world, taskId).ended;

    expect((await world.tasks.find(taskId))?.failure).toStrictEqual({
      code: 'UNKNOWN_FORGE',
      message: 'forge "github" is not available; available: git',
    });
    expect(await eventTypesOf(world, taskId)).toStrictEqual(['task_created', 'preflight_failed', 'task_failed']);
    expect(world.compute.started).toHaveLength(0);
  });

  describe('of a task on a pull request', () => {
    const pullRequest = { number: 7, url: 'pr:7', headBranch: 'theirs', headSha: 'h', headRef: 'refs/pull/7/head' };
    const { headBranch: _none, ...fromFork } = pullRequest;

    test.each([
      ['pr_iteration', 'theirs'],
      ['pr_review', undefined],
    ] as const)(
      'a %s reaches its session with the branch %s and the base of the pull request',
      async (taskType, branch) => {
        const world = createWorld();
        world.forge.preflightResult = { kind: 'passed', baseBranch: 'dev', pullRequest };
        const taskId = await world.submit({ taskType, prNumber: 7 });

        const { runner, ended } = start(world, taskId);
        await finishSession(world, runner, taskId);
        await ended;

        const task = await world.tasks.find(taskId);
        expect([task?.branch, task?.baseBranch, task?.pullRequest]).toStrictEqual([branch, 'dev', pullRequest]);
      },
    );

    test('one from a fork cannot be worked on: no compute is spent', async () => {
      const world = createWorld();
      world.forge.preflightResult = { kind: 'passed', baseBranch: 'main', pullRequest: fromFork };
      const taskId = await world.submit({ taskType: 'pr_iteration', prNumber: 7 });

      expect((await start(world, taskId).ended).getResult()).toStrictEqual({ status: 'FAILED' });

      expect((await world.tasks.find(taskId))?.failure?.code).toBe('PREFLIGHT_FAILED');
      expect(world.compute.started).toHaveLength(0);
    });
  });

  test('a repository with an unknown compute type fails, naming those that are there', async () => {
    const world = createWorld();
    const repo = (await world.repos.find('acme/shop' as never))!;
    await world.repos.put({ ...repo, blueprint: { compute: { type: 'quantum' } } });
    const taskId = await world.submit();

    await start(world, taskId).ended;

    expect((await world.tasks.find(taskId))?.failure).toStrictEqual({
      code: 'UNKNOWN_COMPUTE_TYPE',
      message: 'compute type "quantum" is not available; available: memory',
    });
  });

  test('a session that does not start fails the task with its cause', async () => {
    const world = createWorld();
    world.compute.failNext('start', new AbcaError('SESSION_START_FAILED', 'no such image'));
    const taskId = await world.submit();

    await start(world, taskId).ended;

    expect(await world.tasks.find(taskId)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'SESSION_START_FAILED', message: 'no such image' },
    });
  });

  test('a start that may succeed later is tried again', async () => {
    const world = createWorld();
    world.compute.failNext('start', new AbcaError('SESSION_START_FAILED', 'no capacity', { retryable: true }));
    const taskId = await world.submit();
    const { runner, ended } = start(world, taskId);
    await finishSession(world, runner, taskId);

    expect((await ended).getResult()).toStrictEqual({ status: 'COMPLETED' });
  });

  test('a session that started and cannot be recorded is stopped again (R6)', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const transition = world.tasks.transition.bind(world.tasks);
    world.tasks.transition = async (move) => {
      if (move.to === 'RUNNING') throw new AbcaError('STORE_ERROR', 'item too large');
      return transition(move);
    };

    await start(world, taskId).ended;

    expect(await world.tasks.find(taskId)).toMatchObject({ status: 'FAILED', failure: { code: 'STORE_ERROR' } });
    expect(world.compute.stopped).toStrictEqual([mintSessionId(taskId, 1)]);
  });

  test('a task that is cancelled while its session starts leaves no session behind', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const startSession = world.compute.startSession.bind(world.compute);
    world.compute.startSession = async (input) => {
      const handle = await startSession(input);
      await cancelTask(world.deps, ann, taskId);
      return handle;
    };

    const execution = await start(world, taskId).ended;

    expect(execution.getResult()).toStrictEqual({ status: 'CANCELLED' });
    expect(world.compute.stopped).toStrictEqual([mintSessionId(taskId, 1)]);
    expect(await eventTypesOf(world, taskId)).toStrictEqual([
      'task_created',
      'hydration_started',
      'hydration_complete',
      'task_cancelled',
    ]);
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
  });

  test('a cancel while the session runs ends the workflow; the terminal event is written once (L6)', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const { runner, ended } = start(world, taskId);
    await runner.getOperation('start-session').waitForData(WaitingOperationStatus.COMPLETED);

    const { stop } = await cancelTask(world.deps, ann, taskId);
    await runner.getOperation('session-ended').sendCallbackSuccess(JSON.stringify(world.signals.sent.at(-1)?.payload));

    expect((await ended).getResult()).toStrictEqual({ status: 'CANCELLED' });
    expect(stop).toStrictEqual({ kind: 'stopped', provenBy: 'the entry was removed' });
    expect((await eventTypesOf(world, taskId)).filter((type) => type.startsWith('task_'))).toStrictEqual([
      'task_created',
      'task_cancelled',
    ]);
  });

  test('the evidence is asked for again while the forge does not answer; when it never does, the task fails', async () => {
    const world = createWorld();
    const away = new AbcaError('SERVICE_UNAVAILABLE', 'the forge does not answer', { retryable: true });
    world.forge.evidenceErrors.push(...Array.from({ length: 24 }, () => away));
    const taskId = await world.submit();
    const { runner, ended } = start(world, taskId);
    await finishSession(world, runner, taskId);

    expect((await ended).getResult()).toStrictEqual({ status: 'FAILED' });
    expect(await world.tasks.find(taskId)).toMatchObject({
      failure: { code: 'SERVICE_UNAVAILABLE' },
      receipt: { outcome: 'not_delivered', why: 'the remote could not be read: the forge does not answer' },
    });
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
  });

  test('an agent that says it is finished but pushed nothing is not COMPLETED (L20)', async () => {
    const world = createWorld();
    const { branchSha: _branch, pullRequest: _pull, ...nothing } = deliveredEvidence;
    world.forge.evidence = nothing;
    const taskId = await world.submit();
    const { runner, ended } = start(world, taskId);
    await finishSession(world, runner, taskId);

    expect((await ended).getResult()).toStrictEqual({ status: 'FAILED' });
    expect((await world.tasks.find(taskId))?.receipt?.outcome).toBe('not_delivered');
  });
});

describe('runTask() when the session is silent', () => {
  /** The local runner has no time-outs of callbacks: a failed one takes the same way. `rounds`: how often it is silent. */
  async function silent(world: World, taskId: TaskId, rounds = 1) {
    const { runner, ended } = start(world, taskId);
    for (let round = 0; round < rounds; round += 1) {
      const named =
        round === 0 ? runner.getOperation('start-session') : runner.getOperation('adopt-callback', round - 1);
      await named.waitForData(WaitingOperationStatus.COMPLETED);
      await runner.getOperation('session-ended', round).sendCallbackFailure({ ErrorMessage: 'silent' });
    }
    return (await ended).getResult();
  }

  test('a session that ended without a result fails the task with what the substrate says (R11, R15)', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const poll = world.compute.pollSession.bind(world.compute);
    world.compute.pollSession = async (handle) => {
      world.compute.end(handle.sessionId, { kind: 'failed', error: 'exit code 137' });
      return poll(handle);
    };

    expect(await silent(world, taskId)).toStrictEqual({ status: 'FAILED' });
    expect((await world.tasks.find(taskId))?.failure).toStrictEqual({
      code: 'SESSION_ENDED_WITHOUT_RESULT',
      message: 'the agent session ended without a result: exit code 137',
    });
  });

  test('a result whose callback got lost is finalized', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const poll = world.compute.pollSession.bind(world.compute);
    world.compute.pollSession = async (handle) => {
      await world.tasks.amend({ taskId, atMs: Date.now(), whileIn: ['RUNNING'], patch: { result: finished } });
      world.compute.end(handle.sessionId, { kind: 'completed' });
      return poll(handle);
    };

    expect(await silent(world, taskId)).toStrictEqual({ status: 'COMPLETED' });
  });

  test('a session whose lease holds is waited for again, with a callback it learns from its row', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const seen = new Set<string | undefined>();
    const poll = world.compute.pollSession.bind(world.compute);
    world.compute.pollSession = async (handle) => {
      const task = await world.tasks.find(taskId);
      seen.add(task?.sessionCallbackId);
      // The third look finds the lease run out.
      if (seen.size === 2)
        await world.tasks.amend({
          taskId,
          atMs: Date.now(),
          whileIn: ['RUNNING'],
          patch: { leaseExpiresAt: formatIso(0) },
        });
      return poll(handle);
    };

    expect(await silent(world, taskId, 3)).toStrictEqual({ status: 'FAILED' });
    expect(seen.size).toBeGreaterThanOrEqual(3);
    expect((await world.tasks.find(taskId))?.failure?.code).toBe('SESSION_LOST');
    expect(world.compute.stopped).toContain(mintSessionId(taskId, 1));
  });

  test('past its deadline the task is TIMED_OUT and its compute stopped', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    const find = world.tasks.find.bind(world.tasks);
    let late = false;
    world.tasks.find = async (id) => {
      const task = await find(id);
      if (task?.status === 'RUNNING' && !late) {
        late = true;
        await world.tasks.amend({
          taskId,
          atMs: Date.now(),
          whileIn: ['RUNNING'],
          patch: { deadlineAt: formatIso(0) },
        });
        return find(id);
      }
      return task;
    };

    expect(await silent(world, taskId)).toStrictEqual({ status: 'TIMED_OUT' });
    expect((await eventTypesOf(world, taskId)).at(-1)).toBe('task_timed_out');
    expect(world.compute.stopped).toHaveLength(1);
  });

  test('an access error of the poll fails the task at once and is logged as an error (R10)', async () => {
    const world = createWorld();
    const taskId = await world.submit();
    world.compute.failNext('poll', new AbcaError('SESSION_ACCESS_DENIED', 'not allowed to describe'));

    expect(await silent(world, taskId)).toStrictEqual({ status: 'FAILED' });
    expect((await world.tasks.find(taskId))?.failure?.code).toBe('SESSION_ACCESS_DENIED');
    expect(world.logger.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'session could not be polled' }),
    );
  });

  test('three poll errors in a row fail the task, two do not', async () => {
    for (const [failures, code] of [
      [3, 'SESSION_POLL_FAILED'],
      [2, 'SESSION_ENDED_WITHOUT_RESULT'],
    ] as const) {
      const world = createWorld();
      const taskId = await world.submit();
      for (let n = 0; n < failures; n += 1) {
        world.compute.failNext('poll', new AbcaError('SESSION_POLL_FAILED', 'throttled', { retryable: true }));
      }
      const startSession = world.compute.startSession.bind(world.compute);
      world.compute.startSession = async (input) => {
        const handle = await startSession(input);
        world.compute.end(handle.sessionId, { kind: 'failed', error: 'exit code 1' });
        return handle;
      };

      await silent(world, taskId);

      expect((await world.tasks.find(taskId))?.failure?.code).toBe(code);
    }
  });
});

describe('runTask() at the cap', () => {
  /** All slots are taken by other tasks, created before. */
  async function takeAllSlots(world: World): Promise<readonly TaskId[]> {
    const others = Array.from({ length: limits.slotsPerUser }, (_, n) => aTaskId(1000 + n));
    for (const taskId of others) await world.slots.acquire(ann, { taskId, createdAt: formatIso(0) }, slotCaps);
    return others;
  }

  test('waits in the queue until a slot is freed, then goes on', async () => {
    const world = createWorld();
    const [first] = await takeAllSlots(world);
    const taskId = await world.submit();
    const { runner, ended } = start(world, taskId);
    await runner.getOperation('wait-in-queue').waitForData(WaitingOperationStatus.COMPLETED);
    expect((await world.tasks.find(taskId))?.status).toBe('QUEUED');

    await world.slots.release(ann, first!, slotCaps);
    await runner.getOperation('slot-freed').sendCallbackSuccess('{}');
    await finishSession(world, runner, taskId);

    expect((await ended).getResult()).toStrictEqual({ status: 'COMPLETED' });
    expect((await eventTypesOf(world, taskId)).slice(0, 4)).toStrictEqual([
      'task_created',
      'admission_queued',
      'admission_granted',
      'hydration_started',
    ]);
  });

  test('a wake-up that got lost is made up for by the timer', async () => {
    const world = createWorld();
    const [first] = await takeAllSlots(world);
    const taskId = await world.submit();
    const amend = world.tasks.transition.bind(world.tasks);
    world.tasks.transition = async (move) => {
      const result = await amend(move);
      if (move.to === 'QUEUED') await world.slots.release(ann, first!, slotCaps);
      return result;
    };
    const { runner, ended } = start(world, taskId);
    await finishSession(world, runner, taskId);

    expect((await ended).getResult()).toStrictEqual({ status: 'COMPLETED' });
  });

  test('a task that is cancelled in the queue gives its place up', async () => {
    const world = createWorld();
    const holders = await takeAllSlots(world);
    const taskId = await world.submit();
    const { runner, ended } = start(world, taskId);
    await runner.getOperation('wait-in-queue').waitForData(WaitingOperationStatus.COMPLETED);

    const { stop } = await cancelTask(world.deps, ann, taskId);
    await runner.getOperation('slot-freed').sendCallbackSuccess('{}');

    expect((await ended).getResult()).toStrictEqual({ status: 'CANCELLED' });
    expect(stop).toStrictEqual({ kind: 'no_session' });
    expect(await world.slots.inspect(ann)).toStrictEqual({ holders, queue: [] });
  });
});
