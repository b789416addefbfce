import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { LambdaApiError } from '../errors.ts';
import type { Change, ExecutionState } from '../model/execution.ts';
import { begin, fold } from '../model/fold.ts';
import type { OperationUpdate } from '../model/wire.ts';
import { aRunningExecution, type TestExecution } from './execution.test-kit.ts';
import { decideInvocationEnd, decideRecovery, isInvocationOwed, type InvocationResult } from './invocation.ts';
import { decideCallback, decideChainedEnd, decideDue, decideStop } from './outside.ts';
import { isTerminal } from './draft.ts';
import { nextDueMs } from './timers.ts';

const ids = fc.constantFrom('a', 'b', 'c', 'd');

const update: fc.Arbitrary<OperationUpdate> = fc.record({
  Id: ids,
  ParentId: fc.option(ids, { nil: undefined, freq: 6 }),
  Type: fc.constantFrom('STEP', 'CONTEXT', 'WAIT', 'CALLBACK', 'CHAINED_INVOKE', 'EXECUTION'),
  Action: fc.constantFrom('START', 'START', 'SUCCEED', 'FAIL', 'RETRY', 'CANCEL'),
  Payload: fc.option(fc.string({ maxLength: 3 }), { nil: undefined }),
  WaitOptions: fc.constant({ WaitSeconds: 2 }),
  StepOptions: fc.constant({ NextAttemptDelaySeconds: 1 }),
  CallbackOptions: fc.constantFrom({}, { TimeoutSeconds: 3 }, { HeartbeatTimeoutSeconds: 1 }),
  ChainedInvokeOptions: fc.constant({ FunctionName: 'other' }),
});

type Move = (execution: TestExecution, nowMs: number) => void;

const endOf =
  (result: InvocationResult): Move =>
  (execution, nowMs) => {
    const id = execution.state.invocation?.id;
    if (id !== undefined) execution.commit(decideInvocationEnd(execution.state, id, result, nowMs));
  };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(update, { maxLength: 4 }).map((updates): Move => (execution, nowMs) => {
      execution.checkpoint(nowMs, updates);
    }),
  },
  { weight: 2, arbitrary: fc.constant<Move>((execution, nowMs) => void execution.invoke(nowMs)) },
  { weight: 2, arbitrary: fc.constant(endOf({ kind: 'pending' })) },
  { weight: 1, arbitrary: fc.constant(endOf({ kind: 'threw', error: { ErrorMessage: 'x' } })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(endOf({ kind: 'succeeded', result: '1' }), endOf({ kind: 'failed', error: {} })),
  },
  {
    weight: 3,
    arbitrary: fc.constant<Move>((execution, nowMs) => void execution.commit(decideDue(execution.state, nowMs))),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Move>((execution, nowMs) => void execution.commit(decideRecovery(execution.state, nowMs))),
  },
  {
    weight: 2,
    arbitrary: fc.nat({ max: 5 }).map((number): Move => (execution, nowMs) => {
      const id = `callback-${String(number)}`;
      execution.commit(decideCallback(execution.state, id, { kind: 'success', result: 'r' }, nowMs));
    }),
  },
  {
    weight: 1,
    arbitrary: ids.map((id): Move => (execution, nowMs) => {
      execution.commit(decideChainedEnd(execution.state, id, { status: 'SUCCEEDED', result: '1' }, nowMs));
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Move>((execution, nowMs) => {
      if (nowMs > 20_000) execution.commit(decideStop(execution.state, undefined, nowMs));
    }),
  },
);

const run = fc.array(fc.tuple(fc.nat({ max: 1500 }), move), { maxLength: 40 });

/** Play a run; what the API refuses changes nothing. */
function play(
  moves: readonly (readonly [number, Move])[],
  check: (execution: TestExecution, nowMs: number) => void,
): TestExecution {
  const execution = aRunningExecution();
  let nowMs = 0;
  for (const [passedMs, make] of moves) {
    nowMs += passedMs;
    const before = execution.state.version;
    try {
      make(execution, nowMs);
    } catch (error) {
      if (!(error instanceof LambdaApiError)) throw error;
      expect(execution.state.version).toBe(before);
    }
    check(execution, nowMs);
  }
  return execution;
}

function refold(journal: readonly Change[]): ExecutionState {
  const [first = {}, ...rest] = JSON.parse(JSON.stringify(journal)) as Change[];
  const state = begin(first);
  for (const change of rest) fold(state, change);
  return state;
}

describe('any run of an execution', () => {
  test('leaves the state that its stored journal folds to', () => {
    fc.assert(
      fc.property(run, (moves) => {
        const execution = play(moves, () => undefined);

        expect(refold(execution.journal)).toEqual(execution.state);
      }),
    );
  });

  test('ends once, and then nothing changes', () => {
    fc.assert(
      fc.property(run, (moves) => {
        let ended: number | undefined;
        play(moves, ({ state }) => {
          if (ended !== undefined) expect(state.version).toBe(ended);
          if (state.outcome !== undefined) ended = state.version;
        });
      }),
    );
  });

  test('never sleeps on news: what the handler was not told is owed to it, or is told by the one that runs', () => {
    fc.assert(
      fc.property(run, (moves) => {
        play(moves, ({ state }, nowMs) => {
          if (state.outcome !== undefined || state.invocation !== undefined || state.unseen.size === 0) return;
          const dueMs = Math.max(nowMs, state.retry?.atMs ?? 0);
          expect(isInvocationOwed(state, dueMs)).toBe(true);
        });
      }),
    );
  });

  test('always has something to wake it: an owed invocation, a timer, or somebody outside', () => {
    fc.assert(
      fc.property(run, (moves) => {
        play(moves, ({ state }, nowMs) => {
          if (state.outcome !== undefined || state.invocation !== undefined) return;
          const isOutside = [...state.operations.values()].some(
            (operation) => !isTerminal(operation) && /CALLBACK|CHAINED/.test(operation.type),
          );
          const isTimed = (nextDueMs(state) ?? Infinity) < 3_600_000;
          expect(isOutside || isTimed || isInvocationOwed(state, nowMs)).toBe(true);
        });
      }),
    );
  });

  test('never reopens an operation that has ended, and never turns a token back', () => {
    fc.assert(
      fc.property(run, (moves) => {
        const ends = new Map<string, string>();
        let token = 0;
        play(moves, ({ state }) => {
          expect(state.token).toBeGreaterThanOrEqual(token);
          token = state.token;
          for (const operation of state.operations.values()) {
            const end = ends.get(operation.id);
            if (end !== undefined) expect(operation.status).toBe(end);
            if (isTerminal(operation)) ends.set(operation.id, operation.status);
          }
        });
      }),
    );
  });
});
