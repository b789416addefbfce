import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import type { TaskTransition, TransitionResult } from '../ports/task-repository.ts';
import { aRequestId, aTask } from '../testing/builders.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { describeError, resumeTask, tryStore } from './gate-store.ts';
import { scopeOf } from './gate-world.test-kit.ts';

const passing = new AbcaError('SERVICE_UNAVAILABLE', 'throttled', { retryable: true });
const final = new AbcaError('STORE_ERROR', 'refused');

/** Try what fails as it is told, and say at which moments, in milliseconds, it was tried. */
async function trying(
  failures: readonly unknown[],
): Promise<{ readonly at: readonly number[]; readonly end: unknown }> {
  const clock = new FakeClock(0);
  const at: number[] = [];
  const act = () => {
    const failure = failures[at.push(clock.nowMs()) - 1];
    return failure === undefined ? Promise.resolve('done') : Promise.reject(failure as Error);
  };
  const end = tryStore({ clock }, 'asking', act).catch((error: unknown) => error);
  await clock.advance(60_000);
  return { at, end: await end };
}

describe('tryStore()', () => {
  test.each<[string, readonly unknown[], readonly number[], unknown]>([
    ['once when that is enough', [], [0], 'done'],
    ['again after a failure that may pass', [passing], [0, 200], 'done'],
    ['again after a failure that nobody knows', [new Error('socket')], [0, 200], 'done'],
    ['three times, ever later', [passing, passing], [0, 200, 600], 'done'],
    ['no more than that', [passing, passing, passing], [0, 200, 600], passing],
    ['not again after a failure that is final', [final], [0], final],
  ])('tries %s', async (_what, failures, at, end) => {
    expect(await trying(failures)).toStrictEqual({ at, end });
  });

  test('gives up what does not answer in 10 s, and tells it so', async () => {
    const clock = new FakeClock(0);
    const signals: AbortSignal[] = [];
    const never = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    };
    const end = tryStore({ clock }, 'asking', never).catch((error: unknown) => error);
    await clock.advance(10_000);
    expect(signals.map(({ aborted }) => aborted)).toStrictEqual([true]);
    await clock.advance(20_600);

    expect(await end).toMatchObject({ code: 'SERVICE_UNAVAILABLE', message: 'asking took longer than 10 s' });
    expect(signals).toHaveLength(3);
  });
});

describe('resumeTask()', () => {
  const task = aTask({ status: 'AWAITING_APPROVAL' });
  const scope = scopeOf(task);
  const requestId = aRequestId();

  async function resuming(answer: () => Promise<TransitionResult>): Promise<unknown> {
    const clock = new FakeClock();
    const tasks = { find: () => Promise.resolve(task), transition: answer };
    const resumed = resumeTask({ tasks, clock }, scope, requestId, []);
    await clock.advance(60_000);
    return resumed;
  }

  const running = aTask({ status: 'RUNNING' });
  const other = aTask({ status: 'RUNNING', generation: 2 });
  const elsewhere = aTask({ status: 'RUNNING', sessionId: 'other' as never });

  test.each<[string, TransitionResult, unknown]>([
    ['moved', { kind: 'moved', task: running }, { kind: 'resumed' }],
    ['gone', { kind: 'absent' }, { kind: 'lost', task: undefined }],
    ['running already, by an answer that was lost', { kind: 'lost', task: running }, { kind: 'resumed' }],
    ["another generation's", { kind: 'lost', task: other }, { kind: 'lost', task: other }],
    ["another session's", { kind: 'lost', task: elsewhere }, { kind: 'lost', task: elsewhere }],
    ['waiting for another', { kind: 'lost', task }, { kind: 'lost', task }],
  ])('a task that is %s', async (_what, result, resumed) => {
    expect(await resuming(() => Promise.resolve(result))).toStrictEqual(resumed);
  });

  test('a store that fails says why', async () => {
    expect(await resuming(() => Promise.reject(final))).toStrictEqual({ kind: 'failed', error: 'refused' });
    expect(await resuming(() => new Promise(() => undefined))).toStrictEqual({
      kind: 'failed',
      error: 'resuming the task took longer than 10 s',
    });
  });

  test('moves the task of this session that waits for this request, and no other', async () => {
    const moves: TaskTransition[] = [];
    const clock = new FakeClock();
    const transition = (move: TaskTransition): Promise<TransitionResult> => {
      moves.push(move);
      return Promise.resolve({ kind: 'moved', task: running });
    };

    await resumeTask({ tasks: { find: () => Promise.resolve(task), transition }, clock }, scope, requestId, []);

    expect(moves).toStrictEqual([
      {
        taskId: task.taskId,
        from: 'AWAITING_APPROVAL',
        to: 'RUNNING',
        atMs: clock.nowMs(),
        expectSession: scope.session,
        expectRequest: requestId,
        events: [],
      },
    ]);
  });
});

describe('describeError()', () => {
  test('is the message of an error, and any other value as text', () => {
    expect([new Error('broken'), 'text', undefined].map(describeError)).toStrictEqual(['broken', 'text', 'undefined']);
  });
});
