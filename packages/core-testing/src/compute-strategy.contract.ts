import {
  AbcaError,
  mintSessionId,
  type ComputeStrategy,
  type StartSessionInput,
  type StoredHandle,
  type TaskId,
} from '@abca/core';
import { beforeEach, describe, expect, test } from '@jest/globals';

/**
 * What a substrate shows of a session: whether it runs and how it ended, or nothing at all. Showing nothing is an honest
 * answer, a guess is none: a strategy on such a substrate says `unobservable` in every state.
 */
export type Observability = 'everything' | 'nothing';

/** A strategy under test and the substrate's other side. */
export interface ComputeStrategyHarness {
  readonly strategy: ComputeStrategy;
  /** What the substrate can show. @default 'everything' */
  readonly observes?: Observability;
  /** Another instance over the same substrate, as after a restart of the program. */
  restart(): ComputeStrategy;
  /**
   * How often a session really began its work. That is how often its agent program was started; where the substrate gives an
   * ended session that is asked for again a new environment, how often the program, which asks the row first, found work.
   */
  starts(sessionId: string): Promise<number>;
  /** Make the running agent end with this exit code. Resolves when the session has ended on the substrate. */
  end(handle: StoredHandle, exitCode: number): Promise<void>;
  /** A handle as of a session that never ran. */
  neverStarted(): StoredHandle;
  /** A strategy on a substrate that cannot start sessions. */
  broken(): ComputeStrategy;
}

/**
 * What every {@link ComputeStrategy} must do. Run from each implementation's own test file. Sessions run until they are
 * ended or stopped.
 *
 * No test is left out for a substrate; what a poll must answer follows what its harness declares to observe:
 *
 * | a poll of                          | `everything`                   | `nothing`      |
 * | ---------------------------------- | ------------------------------ | -------------- |
 * | a session that runs                | `running`                      | `unobservable` |
 * | one that ended well                | `completed`                    | `unobservable` |
 * | one that ended badly               | `failed`, with the exit code   | `unobservable` |
 * | one that never ran                 | `failed`                       | `unobservable` |
 * | one that was stopped               | that it is over, however it is | `unobservable` |
 *
 * A session that has ended and is started once more begins no work, whatever the substrate. On one that shows nothing it may
 * be given an environment again, which costs money: so what the second start returns must be enough to end that, too.
 */
export function computeStrategyContract(setup: { create(): Promise<ComputeStrategyHarness> }): void {
  describe('ComputeStrategy contract', () => {
    let harness: ComputeStrategyHarness;
    let strategy: ComputeStrategy;

    beforeEach(async () => {
      harness = await setup.create();
      ({ strategy } = harness);
    });

    const taskId = '01J00000000000000000000001' as TaskId;
    const input = (generation = 1): StartSessionInput => ({
      taskId,
      sessionId: mintSessionId(taskId, generation),
      generation,
      compute: {},
      environment: { ABCA_TASK_ID: taskId },
    });
    /** What a poll must answer, given what it must answer where everything can be seen. */
    const shown = (status: object): object => (harness.observes === 'nothing' ? { kind: 'unobservable' } : status);
    const failed = (error: RegExp): object => ({ kind: 'failed', error: expect.stringMatching(error) });
    const shownAsOver = async (handle: StoredHandle): Promise<boolean> => {
      const { kind } = await strategy.pollSession(handle);
      return harness.observes === 'nothing' ? kind === 'unobservable' : kind !== 'running' && kind !== 'unobservable';
    };
    const codeOf = (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'no error',
        (error: unknown) => (AbcaError.is(error) ? error.code : String(error)),
      );

    test('starts, shows and stops a session', async () => {
      const handle = await strategy.startSession(input());
      const running = await strategy.pollSession(handle);
      const outcome = await strategy.stopSession(handle);

      expect({ type: handle.strategyType, id: handle.sessionId }).toStrictEqual({
        type: strategy.type,
        id: input().sessionId,
      });
      expect(running).toStrictEqual(shown({ kind: 'running' }));
      expect(outcome).toStrictEqual({ kind: 'stopped', provenBy: expect.stringMatching(/./) });
    });

    test('makes handles that survive JSON', async () => {
      const handle = await strategy.startSession(input());

      expect(JSON.parse(JSON.stringify(handle))).toStrictEqual(handle);
    });

    test('starts nothing twice for one session id', async () => {
      const first = await strategy.startSession(input());
      const second = await strategy.startSession(input());

      expect(second).toStrictEqual(first);
      expect(await harness.starts(input().sessionId)).toBe(1);
    });

    test('starts nothing twice for concurrent callers, nor after a restart', async () => {
      const handles = await Promise.all([
        strategy.startSession(input()),
        harness.restart().startSession(input()),
        strategy.startSession(input()),
      ]);

      expect(new Set(handles.map((handle) => JSON.stringify(handle))).size).toBe(1);
      expect(await harness.starts(input().sessionId)).toBe(1);
    });

    test('starts another session for another generation', async () => {
      const first = await strategy.startSession(input(1));
      const second = await strategy.startSession(input(2));
      await strategy.stopSession(first);

      expect(await strategy.pollSession(second)).toStrictEqual(shown({ kind: 'running' }));
      expect((await strategy.stopSession(second)).kind).toBe('stopped');
    });

    test('shows how a session ended well, also after a restart', async () => {
      const handle = await strategy.startSession(input());
      await harness.end(handle, 0);

      expect(await strategy.pollSession(handle)).toStrictEqual(shown({ kind: 'completed' }));
      expect(await harness.restart().pollSession(handle)).toStrictEqual(shown({ kind: 'completed' }));
    });

    test('shows how a session ended badly, with the exit code', async () => {
      const handle = await strategy.startSession(input());
      await harness.end(handle, 3);

      expect(await harness.restart().pollSession(handle)).toStrictEqual(shown(failed(/exit code 3/)));
    });

    test('starts a session that has ended no second time', async () => {
      const handle = await strategy.startSession(input());
      await harness.end(handle, 0);

      const again = await harness.restart().startSession(input());

      expect(again).toStrictEqual(handle);
      expect(await harness.starts(input().sessionId)).toBe(1);
      const stop = await strategy.stopSession(again);
      expect(harness.observes === 'nothing' ? ['stopped', 'already_gone'] : ['already_gone']).toContain(stop.kind);
      expect(await strategy.stopSession(again)).toStrictEqual({ kind: 'already_gone' });
    });

    test('has nothing to stop when the session never ran', async () => {
      expect(await strategy.stopSession(harness.neverStarted())).toStrictEqual({ kind: 'already_gone' });
    });

    test('shows no session that never ran', async () => {
      expect(await strategy.pollSession(harness.neverStarted())).toStrictEqual(shown(failed(/./)));
    });

    test('has nothing to stop the second time', async () => {
      const handle = await strategy.startSession(input());
      await strategy.stopSession(handle);

      expect(await strategy.stopSession(handle)).toStrictEqual({ kind: 'already_gone' });
    });

    test('has nothing to stop when the session ended by itself', async () => {
      const handle = await strategy.startSession(input());
      await harness.end(handle, 0);

      expect(await strategy.stopSession(handle)).toStrictEqual({ kind: 'already_gone' });
    });

    test('shows a stopped session as running no more', async () => {
      const handle = await strategy.startSession(input());
      await strategy.stopSession(handle);

      expect(await shownAsOver(handle)).toBe(true);
    });

    test('stops a session that another instance started', async () => {
      const handle = await strategy.startSession(input());

      expect((await harness.restart().stopSession(handle)).kind).toBe('stopped');
      expect(await shownAsOver(handle)).toBe(true);
    });

    test.each([
      ['of another strategy', { strategyType: 'somewhere-else', sessionId: 'abca-session-x-g1' }],
      ['that is malformed', { strategyType: 'local' } as unknown as StoredHandle],
      ['that is no object', 'handle' as unknown as StoredHandle],
    ])('refuses a handle %s', async (_what, handle) => {
      expect(await codeOf(strategy.pollSession(handle))).toBe('FOREIGN_HANDLE');
      expect(await codeOf(strategy.stopSession(handle))).toBe('FOREIGN_HANDLE');
    });

    test('reports a start that the substrate refuses with its code', async () => {
      expect(await codeOf(harness.broken().startSession(input()))).toBe('SESSION_START_FAILED');
    });

    test('every verb ends with the reason of its signal, and starts nothing', async () => {
      const reason = new Error('enough');
      const options = { signal: AbortSignal.abort(reason) };
      const handle = await strategy.startSession(input(1));

      await expect(strategy.startSession(input(2), options)).rejects.toBe(reason);
      await expect(strategy.pollSession(handle, options)).rejects.toBe(reason);
      await expect(strategy.stopSession(handle, options)).rejects.toBe(reason);
      expect(await harness.starts(input(2).sessionId)).toBe(0);
    });
  });
}
