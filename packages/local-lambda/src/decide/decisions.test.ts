import { describe, expect, test } from '@jest/globals';

import { decideInvocationEnd, decideInvocationTimeout, decideRecovery, isInvocationOwed } from './invocation.ts';
import { decideCallback, decideChainedEnd, decideDue, decideStop } from './outside.ts';
import { nextDueMs } from './timers.ts';
import { pageOfOperations, visibleOperations } from './visible-operations.ts';
import { isoTime, toWireOperation } from './wire-operation.ts';
import { aRunningExecution, aStart, anUpdate, TestExecution } from './execution.test-kit.ts';

const PENDING = { kind: 'pending' } as const;

function suspend(execution: TestExecution, nowMs: number): void {
  const id = execution.state.invocation?.id ?? '';
  execution.commit(decideInvocationEnd(execution.state, id, PENDING, nowMs));
}

describe('a new execution', () => {
  test('owes an invocation, which is told of nothing but the execution', () => {
    const execution = new TestExecution(1000);

    expect(isInvocationOwed(execution.state, 1000)).toBe(true);
    expect(execution.invoke(1000)).toBe(true);
    expect(execution.invoke(1000)).toBe(false);
    expect(visibleOperations(execution.state).map(({ type }) => type)).toStrictEqual(['EXECUTION']);
  });
});

describe('a suspended execution', () => {
  test('sleeps until its wait ends, and is then told of it', () => {
    const execution = aRunningExecution();
    execution.checkpoint(0, [anUpdate({ Type: 'WAIT', WaitOptions: { WaitSeconds: 5 } })]);
    suspend(execution, 10);

    expect(isInvocationOwed(execution.state, 10)).toBe(false);
    expect(nextDueMs(execution.state)).toBe(5000);
    expect(decideDue(execution.state, 4999)).toBeUndefined();
    execution.commit(decideDue(execution.state, 5000));
    expect(execution.state.operations.get('op-1')).toMatchObject({ status: 'SUCCEEDED', endMs: 5000 });
    expect([...execution.state.unseen]).toStrictEqual(['op-1']);
    expect(isInvocationOwed(execution.state, 5000)).toBe(true);
  });

  test('is started again at once when something changed that it was not told', () => {
    const execution = aRunningExecution();
    execution.checkpoint(0, [anUpdate({ Type: 'CALLBACK' })]);
    execution.commit(decideCallback(execution.state, 'callback-1', { kind: 'success', result: 'x' }, 5));

    suspend(execution, 10);

    expect(isInvocationOwed(execution.state, 10)).toBe(true);
  });

  test('is started again when it was told of a change and suspended all the same', () => {
    const execution = aRunningExecution();
    execution.checkpoint(0, [anUpdate({ Type: 'CALLBACK' })]);
    execution.commit(decideCallback(execution.state, 'callback-1', { kind: 'success', result: 'x' }, 5));
    const { reported } = execution.checkpoint(6, []);

    suspend(execution, 10);

    expect(reported).toStrictEqual(['op-1']);
    expect(isInvocationOwed(execution.state, 10)).toBe(true);
    execution.invoke(11);
    suspend(execution, 12);
    expect(execution.state.outcome).toMatchObject({ status: 'FAILED' });
  });

  test('that awaits nothing fails', () => {
    const execution = aRunningExecution();

    suspend(execution, 10);

    expect(execution.state.outcome?.error?.ErrorMessage).toBe(
      'Cannot return PENDING status with no pending operations.',
    );
  });
});

describe('steps', () => {
  test('count their attempts and become ready when their delay is over', () => {
    const execution = aRunningExecution();
    const retry = anUpdate({ Action: 'RETRY', Payload: 'kept', StepOptions: { NextAttemptDelaySeconds: 2 } });
    execution.checkpoint(0, [anUpdate(), retry]);

    expect(execution.state.operations.get('op-1')).toMatchObject({ status: 'PENDING', attempt: 1, dueMs: 2000 });
    execution.commit(decideDue(execution.state, 2000));
    expect(execution.state.operations.get('op-1')).toMatchObject({ status: 'READY', result: 'kept' });
    execution.checkpoint(2001, [anUpdate()]);
    expect(execution.state.operations.get('op-1')).toMatchObject({ status: 'STARTED', attempt: 1, result: 'kept' });
    execution.checkpoint(2002, [anUpdate({ Action: 'SUCCEED', Payload: 'done' })]);
    expect(execution.state.operations.get('op-1')).toMatchObject({ status: 'SUCCEEDED', attempt: 2, result: 'done' });
  });

  test('refuse a second end', () => {
    const execution = aRunningExecution();
    execution.checkpoint(0, [anUpdate({ Action: 'SUCCEED' })]);

    expect(() => execution.checkpoint(1, [anUpdate({ Action: 'FAIL' })])).toThrow(
      'Invalid current STEP state to close.',
    );
    expect(() => execution.checkpoint(1, [anUpdate()])).toThrow('Invalid current STEP state to start.');
    expect(() =>
      execution.checkpoint(1, [anUpdate({ Action: 'RETRY', StepOptions: { NextAttemptDelaySeconds: 1 } })]),
    ).toThrow('Invalid current STEP state to re-attempt.');
  });

  test('cannot become another kind of operation', () => {
    const execution = aRunningExecution();
    execution.checkpoint(0, [anUpdate()]);

    expect(() => execution.checkpoint(1, [anUpdate({ Type: 'CONTEXT', Action: 'SUCCEED' })])).toThrow(
      'Invalid operation type: op-1 is a STEP.',
    );
  });
});

describe('waits, callbacks and chained invocations', () => {
  test.each(['WAIT', 'CALLBACK', 'CHAINED_INVOKE'] as const)('%s is cancelled once', (Type) => {
    const execution = aRunningExecution();
    const start = anUpdate({ Type, WaitOptions: { WaitSeconds: 1 }, ChainedInvokeOptions: { FunctionName: 'x' } });
    execution.checkpoint(0, [start]);

    execution.checkpoint(1, [anUpdate({ Type, Action: 'CANCEL' })]);

    expect(execution.state.operations.get('op-1')?.status).toBe('CANCELLED');
    expect(() => execution.checkpoint(2, [anUpdate({ Type, Action: 'CANCEL' })])).toThrow('Cannot cancel');
    expect(() => execution.checkpoint(2, [start])).toThrow(`Cannot start a ${Type} that already exists.`);
    expect(decideDue(execution.state, 5000)).toBeUndefined();
  });

  test('a heartbeat moves the heartbeat deadline only, and wakes nobody', () => {
    const execution = aRunningExecution();
    const CallbackOptions = { TimeoutSeconds: 10, HeartbeatTimeoutSeconds: 3 };
    execution.checkpoint(0, [anUpdate({ Type: 'CALLBACK', CallbackOptions })]);
    suspend(execution, 1);

    execution.commit(decideCallback(execution.state, 'callback-1', { kind: 'heartbeat' }, 2000));

    expect(isInvocationOwed(execution.state, 2000)).toBe(false);
    expect(nextDueMs(execution.state)).toBe(5000);
    execution.commit(decideDue(execution.state, 5000));
    expect(execution.state.operations.get('op-1')).toMatchObject({
      status: 'TIMED_OUT',
      error: { ErrorType: 'Callback.Heartbeat' },
    });
  });

  test('a callback that is due cannot be completed even before its timer has fired', () => {
    const execution = aRunningExecution();
    execution.checkpoint(0, [anUpdate({ Type: 'CALLBACK', CallbackOptions: { TimeoutSeconds: 1 } })]);

    expect(() => decideCallback(execution.state, 'callback-1', { kind: 'success', result: '' }, 1000)).toThrow(
      'timed out',
    );
  });

  test('a payload over its limit is refused', () => {
    const execution = aRunningExecution();
    execution.checkpoint(0, [anUpdate({ Type: 'CALLBACK' })]);
    const result = 'x'.repeat(262_145);

    expect(() => decideCallback(execution.state, 'callback-1', { kind: 'success', result }, 1)).toThrow('262144');
    const error = { ErrorData: result };
    expect(() => decideCallback(execution.state, 'callback-1', { kind: 'failure', error }, 1)).toThrow('32768');
  });

  test('a chained end is applied once', () => {
    const execution = aRunningExecution();
    const ChainedInvokeOptions = { FunctionName: 'other' };
    execution.checkpoint(0, [anUpdate({ Type: 'CHAINED_INVOKE', ChainedInvokeOptions })]);
    const ended = { status: 'STOPPED', error: { ErrorMessage: 'stopped' } } as const;

    expect(execution.commit(decideChainedEnd(execution.state, 'op-1', ended, 5))).toBe(true);
    expect(execution.commit(decideChainedEnd(execution.state, 'op-1', ended, 6))).toBe(false);
    expect(execution.state.operations.get('op-1')).toMatchObject({ status: 'STOPPED', endMs: 5 });
  });
});

describe('invocations', () => {
  test('that throw are started again ever later, until one makes progress', () => {
    const execution = aRunningExecution();
    const threw = { kind: 'threw', error: { ErrorMessage: 'boom' } } as const;
    const delays: number[] = [];
    for (let nowMs = 0, round = 0; round < 12; round += 1) {
      const id = execution.state.invocation?.id ?? '';
      execution.commit(decideInvocationEnd(execution.state, id, threw, nowMs));
      const dueMs = nextDueMs(execution.state) ?? 0;
      expect(isInvocationOwed(execution.state, dueMs - 1)).toBe(false);
      delays.push(dueMs - nowMs);
      nowMs = dueMs;
      execution.invoke(nowMs);
    }

    expect(delays.slice(0, 4)).toStrictEqual([200, 400, 800, 1600]);
    expect(delays.at(-1)).toBe(60_000);
    execution.checkpoint(1_000_000, [anUpdate()]);
    expect(execution.state.retry).toBeUndefined();
  });

  test('that take too long lose their token to the next one', () => {
    const execution = aRunningExecution();
    const old = execution.token();

    expect(decideInvocationTimeout(execution.state, 59_999)).toBeUndefined();
    execution.commit(decideDue(execution.state, 60_000));
    execution.invoke(60_200);

    expect(execution.state.invocation?.id).toBe('inv-2');
    expect(execution.token()).not.toBe(old);
    expect(decideInvocationEnd(execution.state, 'inv-1', { kind: 'failed', error: {} }, 60_300)).toBeUndefined();
  });

  test('of a process that is gone are owed again', () => {
    const execution = aRunningExecution();

    execution.commit(decideRecovery(execution.state, 10));

    expect(isInvocationOwed(execution.state, 10)).toBe(true);
    expect(decideRecovery(execution.state, 11)).toBeUndefined();
  });

  test('whose result is over 6 MB fail', () => {
    const execution = aRunningExecution();
    const result = { kind: 'succeeded', result: 'x'.repeat(6 * 1024 * 1024 + 1) } as const;

    execution.commit(decideInvocationEnd(execution.state, 'inv-1', result, 1));

    expect(execution.state.outcome?.error?.ErrorType).toBe('Function.ResponseSizeTooLarge');
  });
});

describe('a closed execution', () => {
  test('never changes again', () => {
    const execution = aRunningExecution(0, aStart({ executionTimeoutSeconds: 1 }));
    execution.commit(decideDue(execution.state, 1000));

    expect(execution.state.outcome?.status).toBe('TIMED_OUT');
    expect(decideDue(execution.state, 9000)).toBeUndefined();
    expect(decideStop(execution.state, undefined, 9000)).toBeUndefined();
    expect(decideRecovery(execution.state, 9000)).toBeUndefined();
    expect(nextDueMs(execution.state)).toBeUndefined();
    expect(() => execution.checkpoint(9000, [])).toThrow('Invalid checkpoint token');
  });
});

describe('replayed state', () => {
  test('leaves out what is under a finished context, unless its children are replayed', () => {
    const execution = aRunningExecution();
    const context = (Id: string, ParentId?: string) => anUpdate({ Id, ParentId, Type: 'CONTEXT' });
    execution.checkpoint(0, [context('plain'), context('deep', 'plain'), context('replayed')]);
    execution.checkpoint(1, [
      anUpdate({ Id: 'a', ParentId: 'plain', Action: 'SUCCEED' }),
      anUpdate({ Id: 'b', ParentId: 'deep', Action: 'SUCCEED' }),
      anUpdate({ Id: 'c', ParentId: 'replayed', Action: 'SUCCEED' }),
    ]);

    execution.checkpoint(2, [
      { ...context('plain'), Action: 'SUCCEED' },
      { ...context('replayed'), Action: 'SUCCEED', ContextOptions: { ReplayChildren: true } },
    ]);

    expect(visibleOperations(execution.state).map(({ id }) => id)).toStrictEqual(['exec-1', 'plain', 'replayed', 'c']);
  });

  test('is cut into pages by number and by size', () => {
    const large = { id: 'x', type: 'STEP', status: 'SUCCEEDED', startMs: 0, result: 'x'.repeat(3_000_000) } as const;

    expect(pageOfOperations([large, large, large], 0, 2)).toMatchObject({ next: 1 });
    expect(pageOfOperations([large, large, large], 2, 2).next).toBeUndefined();
  });

  test('is written with ISO times for the event of an invocation', () => {
    const execution = aRunningExecution();
    execution.checkpoint(0, [anUpdate({ Type: 'WAIT', WaitOptions: { WaitSeconds: 5 } })]);
    const wait = execution.state.operations.get('op-1');

    expect(wait && toWireOperation(wait, execution.state.start, isoTime)).toMatchObject({
      StartTimestamp: '1970-01-01T00:00:00.000Z',
      WaitDetails: { ScheduledEndTimestamp: '1970-01-01T00:00:05.000Z' },
    });
  });
});
