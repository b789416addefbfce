import {
  AbcaError,
  mintSessionId,
  type ComputeStrategy,
  type StartSessionInput,
  type StoredHandle,
  type TaskId,
} from '@abca/core';
import { beforeEach, describe, expect, test } from '@jest/globals';

/** A strategy under test and the substrate's other side. */
export interface ComputeStrategyHarness {
  readonly strategy: ComputeStrategy;
  /** Another instance over the same substrate, as after a restart of the program. */
  restart(): ComputeStrategy;
  /** How often the agent program of a session was really started. */
  starts(sessionId: string): Promise<number>;
  /** Make the running agent end with this exit code. Resolves when the substrate shows it. */
  end(handle: StoredHandle, exitCode: number): Promise<void>;
  /** A handle as of a session that never ran. */
  neverStarted(): StoredHandle;
  /** A strategy on a substrate that cannot start sessions. */
  broken(): ComputeStrategy;
}

/**
 * What every {@link ComputeStrategy} must do. Run from each implementation's own test file. Sessions run until they are
 * ended or stopped.
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
      expect(running).toStrictEqual({ kind: 'running' });
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

      expect(await strategy.pollSession(second)).toStrictEqual({ kind: 'running' });
    });

    test('shows a session that ended well as completed, also after a restart', async () => {
      const handle = await strategy.startSession(input());
      await harness.end(handle, 0);

      expect(await strategy.pollSession(handle)).toStrictEqual({ kind: 'completed' });
      expect(await harness.restart().pollSession(handle)).toStrictEqual({ kind: 'completed' });
    });

    test('shows a session that ended badly as failed, with the exit code', async () => {
      const handle = await strategy.startSession(input());
      await harness.end(handle, 3);

      expect(await harness.restart().pollSession(handle)).toStrictEqual({
        kind: 'failed',
        error: expect.stringContaining('exit code 3'),
      });
    });

    test('starts a session that has ended no second time', async () => {
      const handle = await strategy.startSession(input());
      await harness.end(handle, 0);

      const again = await harness.restart().startSession(input());

      expect(again).toStrictEqual(handle);
      expect(await harness.starts(input().sessionId)).toBe(1);
    });

    test('has nothing to stop when the session never ran', async () => {
      expect(await strategy.stopSession(harness.neverStarted())).toStrictEqual({ kind: 'already_gone' });
    });

    test('shows a session that never ran as failed', async () => {
      expect((await strategy.pollSession(harness.neverStarted())).kind).toBe('failed');
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

      expect((await strategy.pollSession(handle)).kind).not.toBe('running');
    });

    test('stops a session that another instance started', async () => {
      const handle = await strategy.startSession(input());

      expect((await harness.restart().stopSession(handle)).kind).toBe('stopped');
      expect((await strategy.pollSession(handle)).kind).not.toBe('running');
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
