import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { mintSessionId } from '../ids/ids.ts';
import { aTask, aTaskId } from '../testing/builders.ts';
import { createCoreWorld, given, logOf, typesOf } from './core-world.test-kit.ts';
import { stopCompute } from './stop-compute.ts';

const sessionId = mintSessionId(aTaskId(), 1);
const running = aTask({ status: 'RUNNING', sessionHandle: { strategyType: 'memory', sessionId } });
const start = { taskId: running.taskId, sessionId, generation: 1, compute: {}, environment: {} };

describe('stopCompute()', () => {
  test('stops the session of the handle and says how that was proven', async () => {
    const world = createCoreWorld();
    const task = await given(world, running);
    await world.compute.startSession(start);

    expect(await stopCompute(world.deps, task)).toStrictEqual({
      kind: 'stopped',
      provenBy: 'the entry was removed',
    });
    expect(world.logger.lines).toStrictEqual([
      {
        level: 'info',
        message: 'session stop',
        fields: { taskId: task.taskId, sessionId, outcome: 'stopped' },
      },
    ]);
    expect(await typesOf(world, task.taskId)).toStrictEqual(['task_created']);
  });

  test('a session that is gone is a benign no-op, logged as such (R4)', async () => {
    const world = createCoreWorld();

    expect(await stopCompute(world.deps, running)).toStrictEqual({ kind: 'already_gone' });
    expect(world.logger.lines.map(({ level }) => level)).toStrictEqual(['info']);
  });

  test('a task without a handle has no session', async () => {
    const world = createCoreWorld();

    expect(await stopCompute(world.deps, aTask())).toStrictEqual({ kind: 'no_session' });
    expect(world.logger.lines).toStrictEqual([]);
  });

  test('a stop that fails is an error in the log and an event of the task (R4)', async () => {
    const world = createCoreWorld();
    const task = await given(world, running);
    world.compute.failNext('stop', new AbcaError('SESSION_ACCESS_DENIED', 'not allowed'));

    expect(await stopCompute(world.deps, task)).toStrictEqual({
      kind: 'failed',
      code: 'SESSION_ACCESS_DENIED',
      message: 'not allowed',
    });
    expect(world.logger.lines).toStrictEqual([
      {
        level: 'error',
        message: 'session may still run',
        fields: { taskId: task.taskId, sessionId, code: 'SESSION_ACCESS_DENIED', message: 'not allowed' },
      },
    ]);
    expect((await logOf(world, task.taskId)).at(-1)).toMatchObject({
      eventType: 'task_cancel_compute_orphan',
      metadata: { session_id: sessionId, message: 'not allowed' },
    });
  });

  test('an error of no known kind becomes SESSION_STOP_FAILED', async () => {
    const world = createCoreWorld();
    const task = await given(world, running);
    world.compute.failNext('stop', new Error('socket hang up'));

    expect(await stopCompute(world.deps, task)).toStrictEqual({
      kind: 'failed',
      code: 'SESSION_STOP_FAILED',
      message: 'session did not stop: socket hang up',
    });
    expect(world.logger.lines[0]?.fields).toMatchObject({ code: 'SESSION_STOP_FAILED' });
  });

  test('a backend that is not there any more is a failed stop', async () => {
    const world = createCoreWorld();
    const task = await given(world, { ...running, sessionHandle: { strategyType: 'ecs', sessionId } });

    expect(await stopCompute(world.deps, task)).toMatchObject({ kind: 'failed' });
  });

  test('does not reject when not even the event can be written', async () => {
    const world = createCoreWorld();
    const away = new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true });
    world.compute.failNext('stop', new Error('x'));
    jest.spyOn(world.events, 'append').mockRejectedValueOnce(away);

    expect(await stopCompute(world.deps, running)).toMatchObject({ kind: 'failed' });
    expect(world.logger.lines.at(-1)).toStrictEqual({
      level: 'error',
      message: 'orphan event not written',
      fields: { taskId: running.taskId, error: away },
    });
  });
});
